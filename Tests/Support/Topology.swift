/// A topology that a test deploys.
public struct Topology: Sendable {
  public var name: String
  public var text: String

  public init(_ name: String, _ text: String) {
    self.name = name
    self.text = text
  }

  /// Nodes `a` on `h1` and `b` on `h2`, one cable, addresses of 10.9.0.0/24. Neither says anything by itself: IPv6 is off.
  ///
  /// - Parameter more: further nodes and links, one a line, as in the file.
  public static func pair(_ name: String, a: Int = 1, b: Int = 2, nodes: [String] = [], links: [String] = []) -> Topology {
    func node(_ name: String, _ host: String, _ address: Int) -> String {
      let commands = ["sysctl -q -w net.ipv6.conf.all.disable_ipv6=1", "ip address replace 10.9.0.\(address)/24 dev eth1"]
      return "\(name): {kind: linux, image: alpine, host: \(host), exec: [\(commands.map { "\"\($0)\"" }.joined(separator: ", "))]}"
    }
    let nodes = [node("a", "h1", a), node("b", "h2", b)] + nodes
    let links = ["endpoints: [\"a:eth1\", \"b:eth1\"]"] + links
    return Topology(
      name,
      "name: \(name)\ntopology:\n  nodes:\n" + nodes.map { "    \($0)\n" }.joined() + "  links:\n" + links.map { "    - \($0)\n" }.joined())
  }
}
