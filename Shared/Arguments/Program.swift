public import Model

/// A program with commands, such as `archetype`, or with none, such as a service.
public struct Program: Sendable {
  /// What the words ask for.
  public enum Wish: Sendable, Hashable {
    /// The command's name with its arguments.
    case run(String, Arguments)
    /// Print this and end with 0.
    case print(String)
  }

  public let name: String
  public let version: String
  public let summary: String
  /// Options of every command; they may stand anywhere before `--`.
  public let common: [Command.Option]
  public let commands: [Command]

  public init(_ name: String, version: String, summary: String, common: [Command.Option], commands: [Command]) {
    self.name = name
    self.version = version
    self.summary = summary
    self.common = common
    self.commands = commands
  }

  /// - Parameter arguments: without the program's name.
  /// - Throws: `INVALID_ARGUMENT`: what is wrong, and the usage. Exit code 2.
  public func parse(_ arguments: [String], environment: [String: String]) throws(LabError) -> Wish {
    let end = arguments.firstIndex(of: "--") ?? arguments.count
    let asksForHelp = arguments[..<end].contains { $0 == "--help" || $0 == "-h" }
    if arguments[..<end].contains("--version") { return .print("\(name) \(version)\n") }
    guard let place = find(arguments, end) else {
      if asksForHelp || arguments.first == "help" { return .print(help()) }
      let word = firstWord(arguments, end)
      guard let word else { throw LabError(.invalidArgument, name, "no command given (\(name) --help lists them)") }
      throw LabError(.invalidArgument, word, "unknown command (\(name) --help lists them)")
    }
    let (command, words) = place
    if asksForHelp { return .print(command.help(program: name, common: common)) }
    var left = arguments
    for index in words.sorted(by: >) { left.remove(at: index) }
    return .run(command.name, try command.parse(left, common: common, program: name, environment: environment))
  }

  public func help() -> String {
    var text = "\(name) \(version): \(summary)\n\nusage: \(name) COMMAND [OPTIONS] …\n\n"
    let width = commands.map(\.name.count).max() ?? 0
    for command in commands {
      text += "  \(command.name)\(String(repeating: " ", count: width - command.name.count + 2))\(command.summary)\n"
    }
    return text + "\n\(name) COMMAND --help says more.\n"
  }

  /// The command that the first words name, and where these stand. Common options may come before them.
  private func find(_ arguments: [String], _ end: Int) -> (Command, [Int])? {
    let places = wordPlaces(arguments, end)
    guard let first = places.first else { return nil }
    if places.count > 1 {
      let pair = "\(arguments[first]) \(arguments[places[1]])"
      if let command = commands.first(where: { $0.name == pair }) { return (command, [first, places[1]]) }
    }
    return commands.first { $0.name == arguments[first] }.map { ($0, [first]) }
  }

  private func firstWord(_ arguments: [String], _ end: Int) -> String? {
    wordPlaces(arguments, end).first.map { arguments[$0] }
  }

  /// Where the first two words stand that are neither common options nor their values. Another option ends the search for a second one.
  private func wordPlaces(_ arguments: [String], _ end: Int) -> [Int] {
    var places: [Int] = []
    var index = 0
    while index < end, places.count < 2 {
      let word = arguments[index]
      if word.hasPrefix("-"), word != "-" {
        guard let option = common.first(where: { "--\($0.name)" == word || word.hasPrefix("--\($0.name)=") }) else {
          if word == "--help" || word == "-h" {
            index += 1
            continue
          }
          return places
        }
        index += option.form == .flag || word.contains("=") ? 1 : 2
        continue
      }
      places.append(index)
      index += 1
    }
    return places
  }
}
