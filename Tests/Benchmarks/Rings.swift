import Foundation
import Support

/// Seconds.
struct UpDown {
  var up: Double
  var down: Double

  /// The medians of one of both: the product's, the floor's with the product's ratio to it, the peer's with its ratio to the product's.
  static func cells(_ product: [UpDown], _ floor: [UpDown], _ peer: [UpDown], _ value: (UpDown) -> Double) -> String {
    let (ours, least) = (product.map(value).median, floor.map(value).median)
    let theirs = peer.isEmpty ? nil : peer.map(value).median
    let cells = [
      ours.text(3), least.text(3), (ours / least).text(2), theirs?.text(2) ?? "–", theirs.map { ($0 / ours).text(1) } ?? "–",
    ]
    return cells.map { " \($0) |" }.joined()
  }
}

/// A ring of namespace nodes on one host, up and down: the product from the command's start to its end (converged, gone), the floor and the
/// peer by their own clocks.
struct Rings {
  /// Mininet isn't measured above: it takes minutes.
  private static let mostOfPeer = 200

  let sizes: [Int]
  let repeats: Int

  func measure() throws -> [String] {
    var lines = [
      "| ring | up | floor | ratio | Mininet | ratio | down | floor | ratio | Mininet | ratio |",
      "|" + String(repeating: " ---: |", count: 11),
    ]
    let bed = try TestLab(hosts: 1)
    defer { _ = try? bed.down() }
    for size in sizes {
      let file = try bed.file("ring", Self.topology("ring", nodes: size))
      let rounds = size >= 1_000 ? max(1, repeats / 2) : repeats
      var product: [UpDown] = []
      var floor: [UpDown] = []
      var peer: [UpDown] = []
      for round in 1...rounds {
        floor.append(try Self.floor(size, bed.programs))
        product.append(try Self.product(file, bed))
        if size <= Self.mostOfPeer { peer.append(try Self.peer(size)) }
        progress(
          "  ring of \(size), round \(round): \(product[round - 1]), floor \(floor[round - 1])" + (peer.last.map { ", peer \($0)" } ?? ""))
      }
      lines.append("| \(size) |" + UpDown.cells(product, floor, peer, \.up) + UpDown.cells(product, floor, peer, \.down))
    }
    lines += ["", "Seconds, medians. Up ends when `deploy` reports the lab converged, down when `destroy` reports it gone."]
    return lines
  }

  /// - Parameters:
  ///   - defaults: of the nodes, in the file's words.
  ///   - more: nodes, a line each.
  static func topology(
    _ name: String, nodes: Int, isRing: Bool = true, defaults: String = "{kind: linux, image: alpine}", more: String = ""
  ) -> String {
    var text = "name: \(name)\ntopology:\n  defaults: \(defaults)\n  nodes:\n"
    for node in 0..<nodes { text += "    n\(node): {}\n" }
    text += more
    if isRing {
      text += "  links:\n"
      for node in 0..<nodes { text += "    - endpoints: [\"n\(node):eth1\", \"n\((node + 1) % nodes):eth2\"]\n" }
    }
    return text
  }

  /// - Parameter file: of the lab `ring`.
  static func product(_ file: String, _ bed: TestLab) throws -> UpDown {
    func command(_ arguments: String...) throws -> Double {
      try time {
        let run = try bed.archetype(arguments, limit: 600)
        guard run.exit == 0 else { throw SupportError("\(arguments): exit \(run.exit): \(run.errors)") }
      }
    }
    return UpDown(up: try command("deploy", "-t", file), down: try command("destroy", "ring"))
  }

  private static func floor(_ size: Int, _ programs: String) throws -> UpDown {
    let folder = FileManager.default.temporaryDirectory.path + "/archetype-floor-\(getpid())"
    let run = try CommandRun.run(programs + "/archetype-floor", ["\(size)", "--nodes", "--folder", folder], limit: 600)
    guard run.exit == 0, let figures = try run.json() as? [String: Any], let nodesUp = figures["nodes_up_s"] as? Double,
      let cablesUp = figures["cables_up_s"] as? Double, let cablesDown = figures["down_s"] as? Double,
      let nodesDown = figures["nodes_down_s"] as? Double
    else { throw SupportError("archetype-floor: exit \(run.exit): \(run.errors)") }
    return UpDown(up: nodesUp + cablesUp, down: cablesDown + nodesDown)
  }

  /// Direct links, no switch and no controller, in network and mount namespaces of its own.
  private static func peer(_ size: Int) throws -> UpDown {
    let run = try CommandRun.run("/usr/bin/unshare", ["--net", "--mount", "/usr/bin/python3", "-c", mininet, "\(size)"], limit: 600)
    let words = run.output.split(separator: " ").compactMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    guard run.exit == 0, words.count == 2 else { throw SupportError("mininet: exit \(run.exit): \(run.errors)") }
    return UpDown(up: words[0], down: words[1])
  }

  private static let mininet = """
    import sys, time
    from mininet.net import Mininet
    from mininet.topo import Topo
    class Ring(Topo):
        def build(self, n):
            nodes = [self.addHost('n%d' % i) for i in range(n)]
            for i in range(n):
                self.addLink(nodes[i], nodes[(i + 1) % n])
    begin = time.monotonic()
    net = Mininet(Ring(int(sys.argv[1])), controller=None)
    net.start()
    up = time.monotonic()
    net.stop()
    print(up - begin, time.monotonic() - up)
    """
}
