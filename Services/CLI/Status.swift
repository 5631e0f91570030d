import Arguments
import Model

/// `archetype status`: how the bus, the services and the agents are, each in its own words.
struct Status: Runnable {
  static let entry = Entry(
    Command("status", "how the bus, the services and the agents are", positionals: [.many("PEER")]),
    examples: ["archetype status", "archetype status configs agent/h1", "archetype status --format json"],
    make: { (invocation) throws(LabError) in
      var peers: [PeerName] = []
      for text in invocation.arguments.positionals("PEER") { peers.append(try PeerName(text)) }
      return Status(invocation: invocation, place: try invocation.bus(), peers: peers)
    })

  private static let services: [PeerName] = [.configs, .jobs, .links, .reconciler]

  let invocation: Invocation
  let place: Connection.Place
  /// Empty: all that there are.
  let peers: [PeerName]

  /// - Returns: 1 where one of them doesn't answer, or doesn't do its work yet.
  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    var answers: [(peer: PeerName, result: Result<PeerStatus, LabError>)] = []
    if peers.isEmpty {
      let bus = try connection.status(.bus)
      answers.append((.bus, .success(bus)))
      let agents = bus.peers.filter { if case .agent = $0 { true } else { false } }
      answers += (Self.services + agents).map { ($0, Self.ask($0, connection)) }
    } else {
      answers = peers.map { ($0, Self.ask($0, connection)) }
    }
    if invocation.isJSON {
      Output.json(.array(answers.map { Self.json($0.peer, $0.result) }))
    } else {
      invocation.show(Self.table(answers))
    }
    return answers.allSatisfy { (try? $0.result.get())?.program.isServing == true } ? ExitCode.done : ExitCode.failed
  }

  private static func ask(_ peer: PeerName, _ connection: Connection) -> Result<PeerStatus, LabError> {
    Result { () throws(LabError) in try connection.status(peer) }
  }

  private static func table(_ answers: [(peer: PeerName, result: Result<PeerStatus, LabError>)]) -> Table {
    var table = Table("PEER", "STATE", "VERSION", "UP", "CPU s", "MiB", "WAITING", "LONGEST ms", "FIGURES", "LAST COMPLAINT")
    for (peer, result) in answers {
      switch result {
      case .failure(let error):
        table.add([.init("\(peer)"), .init("away", .bad)] + Array(repeating: .init("-"), count: 7) + [.init(error.detail)])
      case .success(let answer):
        let status = answer.program
        let figures = status.figures.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        table.add([
          .init("\(peer)"), status.isServing ? .init("serving", .good) : .init("starting", .pending), .init(status.build),
          .init(Timestamp.span(status.uptime)), .init(thousandths(status.processor)), .init("\(status.memory >> 20)"),
          .init("\(status.waiting)"), .init(thousandths(status.longestRound)), .init(figures), .init(status.complaint?.words ?? ""),
        ])
      }
    }
    return table
  }

  private static func thousandths(_ number: UInt64) -> String { JSON.thousandths(Int(clamping: number)).text }

  private static func json(_ peer: PeerName, _ result: Result<PeerStatus, LabError>) -> JSON {
    switch result {
    case .failure(let error):
      .members(["name": .string("\(peer)"), "state": .string("away"), "reason": .string(error.detail)])
    case .success(let status): status.json
    }
  }
}

extension PeerStatus {
  fileprivate var json: JSON {
    .members([
      "name": .string("\(name)"), "state": .string(program.isServing ? "serving" : "starting"), "reason": .null,
      "version": .string(program.build), "instance": .string("\(program.instance)"), "uptime": .unsigned(program.uptime),
      "processor": .unsigned(program.processor), "memory": .unsigned(program.memory), "handled": .unsigned(program.handled),
      "waiting": .unsigned(program.waiting), "longestRound": .unsigned(program.longestRound),
      "capabilities": .array(capabilities.map { .string($0) }),
      "figures": .object(program.figures.map { JSON.Member(key: $0.name, value: .unsigned($0.value)) }),
      "complaint": .optional(program.complaint) { .members(["at": .string(Timestamp.text($0.at)), "text": .string($0.text)]) },
    ])
  }
}

extension ProgramStatus.Complaint {
  fileprivate var words: String { "\(Timestamp.text(at)) \(text)" }
}
