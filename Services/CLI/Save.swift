import Arguments
import Kinds
import Machine
import Model

/// `archetype save`.
struct Save: Runnable {
  static let entry = Entry(
    Command(
      "save", "have nodes keep the configuration that they run, each in its own way", positionals: [.required("LAB"), .many("NODE")]),
    examples: ["archetype save fabric", "archetype save fabric leaf1"],
    make: { (invocation) throws(LabError) in
      Save(place: try invocation.bus(), lab: try invocation.lab(), nodes: try invocation.nodes())
    })

  let place: Connection.Place
  let lab: LabName
  /// Empty: all that can.
  let nodes: [NodeName]

  /// Of one node, in milliseconds.
  private static let patience: UInt64 = 60_000

  func run() throws(LabError) -> Int32 {
    let known = try place.connect().inspect(lab).nodes
    if let stranger = nodes.first(where: { name in !known.contains { $0.name == name } }) {
      throw LabError(.notFound, "\(NodeID(lab, stranger))", "the lab has no such node")
    }
    for node in known where nodes.isEmpty || nodes.contains(node.name) {
      let command = Catalogue.find(node.kind)?.boot.save ?? []
      if !command.isEmpty {
        try save(NodeID(lab, node.name), command)
      } else if !nodes.isEmpty {
        throw LabError(.unimplemented, "\(NodeID(lab, node.name))", "nodes of kind \(node.kind) have no command to save with")
      }
    }
    return ExitCode.done
  }

  private func save(_ node: NodeID, _ words: [String]) throws(LabError) {
    var command = try NodeCommand(place, ExecRequest(node: node, argv: words, timeout: Self.patience))
    var said: [UInt8] = []
    while true {
      let output = try command.read()
      said += output.stdout + output.stderr
      guard let exit = output.exit else { continue }
      guard try command.code(exit) == 0, !output.isOverdue else {
        let text = String(decoding: said.suffix(500), as: UTF8.self)
        throw LabError(.failedPrecondition, "\(node)", "its configuration isn't saved (\(words.joined(separator: " ")))", cause: text)
      }
      return Output.line("\(node): saved")
    }
  }
}
