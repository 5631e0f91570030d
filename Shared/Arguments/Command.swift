public import Model

/// What a command takes: its options, what stands for itself, and whether anything may follow `--`.
public struct Command: Sendable {
  public struct Option: Sendable {
    enum Form: Sendable { case flag, value, repeated }
    /// Without the dashes.
    public let name: String
    /// One letter, or nil.
    let short: Character?
    let form: Form
    /// What stands for the value in the help.
    let placeholder: String
    let help: String
    /// Taken where the option isn't given.
    let standard: String?
    /// An environment variable that stands in for it, before `standard`.
    let variable: String?

    /// Given or not.
    public static func flag(_ name: String, short: Character? = nil, _ help: String) -> Option {
      Option(name: name, short: short, form: .flag, placeholder: "", help: help, standard: nil, variable: nil)
    }

    /// With a value; given twice, the later counts.
    public static func value(
      _ name: String, short: Character? = nil, _ placeholder: String, _ help: String, standard: String? = nil, variable: String? = nil
    ) -> Option {
      Option(name: name, short: short, form: .value, placeholder: placeholder, help: help, standard: standard, variable: variable)
    }

    /// With a value, any number of times.
    public static func repeated(_ name: String, short: Character? = nil, _ placeholder: String, _ help: String) -> Option {
      Option(name: name, short: short, form: .repeated, placeholder: placeholder, help: help, standard: nil, variable: nil)
    }
  }

  public struct Positional: Sendable {
    /// In capitals, as in the help.
    public let name: String
    let least: Int
    let most: Int

    public static func required(_ name: String) -> Positional { Positional(name: name, least: 1, most: 1) }
    public static func optional(_ name: String) -> Positional { Positional(name: name, least: 0, most: 1) }
    /// Any number from `least` on; only as the last.
    public static func many(_ name: String, least: Int = 0) -> Positional { Positional(name: name, least: least, most: .max) }

    var usage: String {
      switch (least, most) {
      case (1, 1): name
      case (0, 1): "[\(name)]"
      case (0, _): "[\(name)…]"
      default: "\(name)…"
      }
    }
  }

  /// One or two words (`deploy`, `node start`); of a program without commands its own name.
  public let name: String
  public let summary: String
  public let options: [Option]
  public let positionals: [Positional]
  /// What `--` introduces, in capitals; nil: nothing may follow it.
  public let rest: String?

  public init(_ name: String, _ summary: String, options: [Option] = [], positionals: [Positional] = [], rest: String? = nil) {
    self.name = name
    self.summary = summary
    self.options = options
    self.positionals = positionals
    self.rest = rest
  }

  /// - Parameter arguments: what follows the command's name.
  /// - Throws: `INVALID_ARGUMENT` with what is wrong and the usage; the program's exit code is 2.
  public func parse(
    _ arguments: [String], common: [Option] = [], program: String? = nil, environment: [String: String] = [:]
  ) throws(LabError) -> Arguments {
    var reader = ArgumentReader(options: options + common, rest: rest)
    do throws(LabError) {
      try reader.read(arguments)
      return try reader.result(positionals, environment: environment)
    } catch {
      throw LabError(error.code, error.subject, "\(error.message) (usage: \(usage(program: program)))")
    }
  }

  /// One line.
  public func usage(program: String? = nil) -> String {
    let words = [program, name].compactMap(\.self) + (options.isEmpty ? [] : ["[OPTIONS]"]) + positionals.map(\.usage)
    return (words + (rest.map { ["-- \($0)…"] } ?? [])).joined(separator: " ")
  }

  public func help(program: String? = nil, common: [Option] = []) -> String {
    var text = "\(summary)\n\nusage: \(usage(program: program))\n"
    let all = options + common + [.flag("help", short: "h", "print this"), .flag("version", "print the version")]
    let rows = all.map { option in
      let short = option.short.map { "-\($0), " } ?? "    "
      let value = option.placeholder.isEmpty ? "" : " \(option.placeholder)"
      var notes: [String] = []
      if option.form == .repeated { notes.append("may be repeated") }
      if let variable = option.variable { notes.append("or \(variable)") }
      if let standard = option.standard { notes.append("default \(standard)") }
      return (left: "\(short)--\(option.name)\(value)", right: option.help + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"))
    }
    let width = rows.map(\.left.count).max() ?? 0
    text += "\n"
    for row in rows { text += "  \(row.left)\(String(repeating: " ", count: width - row.left.count + 2))\(row.right)\n" }
    return text
  }
}

/// What a command was given.
public struct Arguments: Sendable, Hashable {
  var flags: Set<String> = []
  var given: [String: [String]] = [:]
  var places: [String: [String]] = [:]
  /// What followed `--`.
  public internal(set) var rest: [String] = []

  public func flag(_ name: String) -> Bool { flags.contains(name) }
  /// The option's value: given, from the environment, or the standard one.
  public func value(_ name: String) -> String? { given[name]?.last }
  public func values(_ name: String) -> [String] { given[name] ?? [] }
  public func positional(_ name: String) -> String? { places[name]?.first }
  public func positionals(_ name: String) -> [String] { places[name] ?? [] }

  /// A whole number in bounds; nil where it isn't given.
  public func number(_ name: String, in bounds: ClosedRange<Int>) throws(LabError) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), bounds.contains(number) else {
      throw LabError(.invalidArgument, "--\(name)", "'\(text)' is not a number from \(bounds.lowerBound) to \(bounds.upperBound)")
    }
    return number
  }
}
