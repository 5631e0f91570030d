import Foundation
import Support

/// What a user wants of one lab, and what he may want next.
struct WishedLab {
  struct Node {
    var host: String
    var isRunning = true
  }

  struct Link: Hashable {
    var a: String
    var aPort: Int
    var b: String
    var bPort: Int

    /// As `inspect` names it.
    var id: String { [(a, aPort), (b, bPort)].sorted { $0 < $1 }.map { "\($0.0):\($0.1)" }.joined(separator: "--") }
  }

  static let mostNodes = 4

  let name: String
  /// Empty: there is no such lab.
  var nodes: [String: Node] = [:]
  var links: [Link] = []

  init(_ name: String) { self.name = name }

  var exists: Bool { !nodes.isEmpty }

  var topology: Topology {
    var text = "name: \(name)\ntopology:\n  defaults: {kind: linux, image: alpine}\n  nodes:\n"
    for (name, node) in nodes.sorted(by: { $0.key < $1.key }) { text += "    \(name): {host: \(node.host)}\n" }
    if !links.isEmpty { text += "  links:\n" }
    for link in links { text += "    - endpoints: [\"\(link.a):eth\(link.aPort)\", \"\(link.b):eth\(link.bPort)\"]\n" }
    return Topology(name, text)
  }

  /// A node or a link more or less, or a node on another host.
  mutating func change(_ hosts: [String], _ chance: inout Seeded) {
    let names = nodes.keys.sorted()
    switch Int.random(in: 0..<5, using: &chance) {
    case 0 where nodes.count > 1: remove(names.randomElement(using: &chance) ?? "")
    case 1 where !links.isEmpty: links.remove(at: Int.random(in: 0..<links.count, using: &chance))
    case 2 where !nodes.isEmpty:
      let name = names.randomElement(using: &chance) ?? ""
      nodes[name]?.host = hosts.randomElement(using: &chance) ?? "h1"
    case 3 where nodes.count > 1: connect(&chance)
    default:
      guard let free = (0..<Self.mostNodes).map({ "n\($0)" }).first(where: { nodes[$0] == nil }) else { return connect(&chance) }
      nodes[free] = Node(host: hosts.randomElement(using: &chance) ?? "h1")
      if nodes.count > 1 { connect(&chance) }
    }
  }

  private mutating func remove(_ node: String) {
    nodes[node] = nil
    links.removeAll { $0.a == node || $0.b == node }
  }

  private mutating func connect(_ chance: inout Seeded) {
    let ends = nodes.keys.sorted().shuffled(using: &chance).prefix(2)
    guard ends.count == 2 else { return }
    func free(_ node: String) -> Int? {
      let used = links.flatMap { [$0.a == node ? $0.aPort : 0, $0.b == node ? $0.bPort : 0] }
      return (1...3).first { !used.contains($0) }
    }
    guard let a = free(ends[0]), let b = free(ends[1]) else { return }
    links.append(Link(a: ends[0], aPort: a, b: ends[1], bPort: b))
  }
}
