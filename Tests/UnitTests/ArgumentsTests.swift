import Arguments
import Model
import Testing

struct ArgumentsTests {
  private let program = Program(
    "archetype", version: "1.2", summary: "network labs",
    common: [.bus, .keys, .value("format", "FORMAT", "table or json", standard: "table")],
    commands: [
      Command(
        "deploy", "make a lab",
        options: [
          .value("topology", short: "t", "FILE", "the file"), .flag("detach", short: "d", "don't wait"),
          .flag("plan", short: "p", "only say"),
          .value("timeout", "S", "seconds", standard: "300"), .repeated("label", "TEXT", "labels"),
        ]),
      Command("exec", "run in a node", positionals: [.required("LAB"), .required("NODE")], rest: "CMD"),
      Command("node start", "start nodes", positionals: [.required("LAB"), .many("NODE")]),
      Command("list", "list labs", positionals: [.optional("LAB")]),
    ])

  private func run(_ words: [String], _ environment: [String: String] = [:]) throws -> (String, Arguments) {
    guard case .run(let name, let arguments) = try program.parse(words, environment: environment) else {
      throw LabError(.unknown, "parse", "printed")
    }
    return (name, arguments)
  }

  private func failure(_ words: [String]) -> LabError? {
    do throws(LabError) {
      _ = try program.parse(words, environment: [:])
      return nil
    } catch {
      return error
    }
  }

  @Test func optionsAreReadInEverySpelling() throws {
    for words in [
      ["deploy", "-t", "a.yml", "--timeout", "5", "-dp"], ["deploy", "--topology=a.yml", "-d", "--timeout=5", "-p"],
      ["deploy", "-ta.yml", "--detach", "--plan", "--timeout", "5"],
    ] {
      let (name, arguments) = try run(words)
      #expect(name == "deploy")
      #expect(arguments.value("topology") == "a.yml")
      #expect(try arguments.number("timeout", in: 0...1_000) == 5)
      #expect(arguments.flag("detach") && arguments.flag("plan"))
    }
    #expect(try run(["deploy", "--label", "a", "--label", "b"]).1.values("label") == ["a", "b"])
    #expect(try run(["deploy"]).1.value("timeout") == "300")
  }

  @Test func commonOptionsStandAnywhereBeforeTheDashes() throws {
    for words in [
      ["--bus", "tcp://x:1", "exec", "ring", "r1", "--", "ping", "--bus", "y"],
      ["exec", "--bus=tcp://x:1", "ring", "r1", "--", "ping", "--bus", "y"],
      ["exec", "ring", "r1", "--bus", "tcp://x:1", "--", "ping", "--bus", "y"],
    ] {
      let (name, arguments) = try run(words)
      #expect(name == "exec")
      #expect(arguments.value("bus") == "tcp://x:1")
      #expect(arguments.positional("NODE") == "r1")
      #expect(arguments.rest == ["ping", "--bus", "y"])
    }
  }

  @Test func theEnvironmentStandsInAndTheCommandLineWins() throws {
    let environment = ["ARCHETYPE_BUS": "ipc:///e", "ARCHETYPE_KEYS": ""]
    #expect(try run(["list"], environment).1.value("bus") == "ipc:///e")
    #expect(try run(["list", "--bus", "ipc:///c"], environment).1.value("bus") == "ipc:///c")
    #expect(try run(["list"], environment).1.value("keys") == nil)
    #expect(try run(["list"]).1.value("bus") == "ipc:///run/archetype")
  }

  @Test func commandsOfTwoWordsAreFound() throws {
    let (name, arguments) = try run(["node", "start", "ring", "r1", "r2"])
    #expect(name == "node start")
    #expect(arguments.positional("LAB") == "ring")
    #expect(arguments.positionals("NODE") == ["r1", "r2"])
  }

  @Test func wrongUseSaysWhatIsWrongAndTheUsage() {
    for (words, subject) in [
      (["deploy", "--nonsense"], "--nonsense"), (["deploy", "-x"], "-x"), (["deploy", "-t"], "-t"), (["list", "a", "b"], "b"),
      (["exec", "ring"], "NODE"), (["list", "--", "x"], "--"), (["deploy", "--detach=1"], "--detach"),
    ] {
      let error = failure(words)
      #expect(error?.code == .invalidArgument)
      #expect(error?.subject == subject)
      #expect(error?.message.contains("usage: archetype \(words[0])") == true, "\(words)")
    }
    #expect(failure(["dance"])?.subject == "dance")
    #expect(failure([])?.code == .invalidArgument)
    #expect(failure(["node", "dance"])?.code == .invalidArgument)
  }

  @Test func helpAndVersionArePrinted() throws {
    #expect(try program.parse(["--version"], environment: [:]) == .print("archetype 1.2\n"))
    guard case .print(let all) = try program.parse(["--help"], environment: [:]) else {
      Issue.record("no help")
      return
    }
    for command in program.commands { #expect(all.contains(command.name)) }
    guard case .print(let one) = try program.parse(["deploy", "--help"], environment: [:]) else {
      Issue.record("no help")
      return
    }
    #expect(one.contains("-t, --topology FILE"))
    #expect(one.contains("--bus ADDRESS"))
    // Behind the dashes it is the node's command's own.
    #expect(try run(["exec", "ring", "r1", "--", "ls", "--help"]).1.rest == ["ls", "--help"])
  }
}
