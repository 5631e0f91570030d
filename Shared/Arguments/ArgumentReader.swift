import Model

/// Reads words one by one: options in any place, `--name value`, `--name=value`, `-n value`, several flags in one `-abc`.
struct ArgumentReader {
  private let options: [Command.Option]
  private let restName: String?
  private var arguments = Arguments()
  private var words: [String] = []

  init(options: [Command.Option], rest: String?) {
    self.options = options
    restName = rest
  }

  mutating func read(_ input: [String]) throws(LabError) {
    var index = 0
    while index < input.count {
      let word = input[index]
      index += 1
      if word == "--" {
        guard restName != nil else { throw LabError(.invalidArgument, "--", "nothing may follow it here") }
        arguments.rest = Array(input[index...])
        return
      }
      if word.hasPrefix("--") {
        try readLong(word, input, &index)
      } else if word.hasPrefix("-"), word != "-", !word.dropFirst().allSatisfy({ $0.isNumber }) {
        try readShort(word, input, &index)
      } else {
        words.append(word)
      }
    }
  }

  private mutating func readLong(_ word: String, _ input: [String], _ index: inout Int) throws(LabError) {
    let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let option = options.first(where: { $0.name == parts[0] }) else { throw Self.unknown("--\(parts[0])") }
    try take(option, "--\(option.name)", attached: parts.count > 1 ? String(parts[1]) : nil, input, &index)
  }

  private mutating func readShort(_ word: String, _ input: [String], _ index: inout Int) throws(LabError) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = options.first(where: { $0.short == letter }) else { throw Self.unknown("-\(letter)") }
      if option.form == .flag {
        arguments.flags.insert(option.name)
        continue
      }
      try take(option, "-\(letter)", attached: letters.isEmpty ? nil : String(letters), input, &index)
      return
    }
  }

  private mutating func take(
    _ option: Command.Option, _ spelling: String, attached: String?, _ input: [String], _ index: inout Int
  ) throws(LabError) {
    switch option.form {
    case .flag:
      guard attached == nil else { throw LabError(.invalidArgument, spelling, "takes no value") }
      arguments.flags.insert(option.name)
    case .value, .repeated:
      let value: String
      if let attached {
        value = attached
      } else {
        guard index < input.count, input[index] != "--" else {
          throw LabError(.invalidArgument, spelling, "needs a value: \(option.placeholder)")
        }
        value = input[index]
        index += 1
      }
      arguments.given[option.name, default: []].append(value)
    }
  }

  /// Shares the words out over the positionals and fills in what wasn't given.
  func result(_ positionals: [Command.Positional], environment: [String: String]) throws(LabError) -> Arguments {
    var result = arguments
    var left = words[...]
    for positional in positionals {
      let taken = left.prefix(positional.most)
      guard taken.count >= positional.least else { throw LabError(.invalidArgument, positional.name, "is missing") }
      left = left.dropFirst(taken.count)
      if !taken.isEmpty { result.places[positional.name] = Array(taken) }
    }
    if let word = left.first { throw LabError(.invalidArgument, word, "is one word too many") }
    for option in options where result.given[option.name] == nil {
      let fallback = option.variable.flatMap { environment[$0] }.flatMap { $0.isEmpty ? nil : $0 } ?? option.standard
      if let fallback { result.given[option.name] = [fallback] }
    }
    return result
  }

  private static func unknown(_ spelling: String) -> LabError { LabError(.invalidArgument, spelling, "unknown option") }
}
