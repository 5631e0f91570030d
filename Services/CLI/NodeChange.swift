import Arguments
import Model

/// `archetype node start|stop|restart`.
struct NodeChange: Runnable {
  static let entries: [Entry] = [
    entry(.start, "start nodes; one that runs is left alone"),
    entry(.stop, "stop nodes; they stay stopped until they are started"),
    entry(.restart, "stop nodes and start them again; their interfaces stay"),
  ]

  private static func entry(_ verb: NodeVerb, _ summary: String) -> Entry {
    Entry(
      Command(
        "node \(verb.rawValue)", summary,
        options: [
          .flag("detach", short: "d", "print the job's id and don't wait"),
          .value("timeout", "S", "seconds to wait until it is done", standard: "300"),
        ], positionals: [.required("LAB"), .many("NODE")]),
      examples: ["archetype node \(verb.rawValue) ring r1 r2", "archetype node \(verb.rawValue) ring"],
      make: { (invocation) throws(LabError) in try NodeChange(invocation, verb) })
  }

  private let invocation: Invocation
  private let place: Connection.Place
  private let verb: NodeVerb
  private let lab: LabName
  private let nodes: [NodeName]
  private let timeout: UInt64

  private init(_ invocation: Invocation, _ verb: NodeVerb) throws(LabError) {
    self.invocation = invocation
    self.verb = verb
    place = try invocation.bus()
    lab = try invocation.lab()
    nodes = try invocation.nodes()
    timeout = try invocation.timeout(standard: 300)
  }

  func run() throws(LabError) -> Int32 {
    try JobRun(invocation, place.connect(), timeout).run(.setNodes(lab, verb, nodes), of: lab)
  }
}
