import Arguments
import Glibc
import Model

/// The program: its commands, and how errors leave it.
enum Archetype {
  /// In the order of the help.
  static let entries: [Entry] =
    [
      Deploy.entry, Destroy.entry, List.entry, Inspect.entry, Events.entry, Validate.entry, Exec.entry, Console.entry, Copy.entry,
      Save.entry, Logs.entry, Stats.entry,
    ]
    + NodeChange.entries + ImageCommands.entries + HostList.entries + JobList.entries
    + [Status.entry, Doctor.entry, Audit.entry, Backup.entry, Restore.entry, ConfigsRecover.entry]
    + TraceView.entries + KeysInit.entries + TestbedCommands.entries + [Completion.entry, Version.entry]

  static let program = Program(
    "archetype", version: Build.version, summary: "network labs over many hosts",
    common: [
      // Without a standard: `Invocation.address` finds the bus where none is named.
      .value("bus", "ADDRESS", "the bus: ipc:///FOLDER or tcp://HOST:PORT (default ipc:///run/archetype)", variable: "ARCHETYPE_BUS"),
      .keys, .value("format", "FORMAT", "table or json", standard: "table"),
    ], commands: entries.map(\.command))

  /// - Parameter words: without the program's name.
  /// - Returns: the exit code.
  static func run(_ words: [String], environment: [String: String]) -> Int32 {
    let isJSON = asksForJSON(words)
    do throws(LabError) {
      switch try program.parse(helpFirst(words), environment: environment) {
      case .print(let text):
        Output.data(withExamples(text))
        return ExitCode.done
      case .run(let name, let arguments):
        guard let entry = entries.first(where: { $0.command.name == name }) else { return ExitCode.wrongUse }
        let invocation = Invocation(arguments: arguments, environment: environment)
        try invocation.checkFormat()
        return run(try entry.make(invocation), entry.failure, isJSON: isJSON)
      }
    } catch {
      report(withSuggestion(error, words), isJSON: isJSON)
      return ExitCode.wrongUse
    }
  }

  private static func run(_ command: any Runnable, _ failure: Int32?, isJSON: Bool) -> Int32 {
    do throws(LabError) {
      return try command.run()
    } catch {
      report(error, isJSON: isJSON)
      return failure ?? ExitCode.of(error)
    }
  }

  static func report(_ error: LabError, isJSON: Bool) {
    guard isJSON else { return Output.message("error: \(error)") }
    let members: KeyValuePairs<String, JSON> = [
      "code": .string(error.code.rawValue), "subject": .string(error.subject), "message": .string(error.detail),
    ]
    Output.message(JSON.members(["error": .members(members)]).text)
  }

  /// Known before the words are understood, since what is wrong with them is told in the same format.
  private static func asksForJSON(_ words: [String]) -> Bool {
    let words = Array(words.prefix { $0 != "--" })
    return words.contains("--format=json") || zip(words, words.dropFirst()).contains { $0 == "--format" && $1 == "json" }
  }

  /// `help deploy` is `deploy --help`.
  private static func helpFirst(_ words: [String]) -> [String] {
    words.first == "help" && words.count > 1 ? Array(words.dropFirst()) + ["--help"] : words
  }

  private static func withExamples(_ text: String) -> String {
    guard let entry = entries.first(where: { $0.command.help(program: program.name, common: program.common) == text }) else { return text }
    return text + "\nexamples:\n" + entry.examples.map { "  \($0)\n" }.joined()
  }

  private static func withSuggestion(_ error: LabError, _ words: [String]) -> LabError {
    var error = error
    if error.message.hasPrefix("unknown command") {
      let names = entries.map(\.command.name)
      let family = names.filter { $0.hasPrefix(error.subject + " ") }
      let typed = words.prefix { $0 != "--" }.filter { !$0.hasPrefix("-") }.prefix(2).joined(separator: " ")
      if !family.isEmpty {
        error.message = "needs one of its commands (usage: \(family.map { "archetype \($0)" }.joined(separator: ", ")))"
      } else if let name = Suggestion.nearest(error.subject, in: names) ?? Suggestion.nearest(typed, in: names) {
        error.message = "unknown command (did you mean '\(name)'? usage: archetype COMMAND [OPTIONS] …; archetype --help lists them)"
      } else {
        error.message = "unknown command (usage: archetype COMMAND [OPTIONS] …; archetype --help lists them)"
      }
    } else if error.message.hasPrefix("unknown option"), let options = called(words)?.command.options {
      let known = (options + program.common).map { "--\($0.name)" } + ["--help", "--version"]
      if let name = Suggestion.nearest(error.subject, in: known) {
        error.message = "unknown option, did you mean \(name)?" + error.message.dropFirst("unknown option".count)
      }
    }
    return error
  }

  /// The command whose words come first.
  private static func called(_ words: [String]) -> Entry? {
    let plain = words.prefix { $0 != "--" }.filter { !$0.hasPrefix("-") }
    let pair = plain.prefix(2).joined(separator: " ")
    return entries.first { $0.command.name == pair } ?? entries.first { plain.contains($0.command.name) }
  }
}
