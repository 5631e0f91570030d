import Foundation
import Support

/// A link of the product beside the bare device that it is made of, with the same MTU, in turn: on one host a veth pair between two
/// namespaces, between hosts a VXLAN device with an end in a namespace of each.
struct Throughput {
  private static let rounds = 3
  private static let lab = """
    name: speed
    topology:
      defaults: {kind: linux, image: alpine}
      nodes:
        a: {host: h1, exec: ["ip address add 10.1.0.1/24 dev eth1", "ip address add 10.2.0.1/24 dev eth2"]}
        b: {host: h1, exec: ["ip address add 10.1.0.2/24 dev eth1"]}
        c: {host: h2, exec: ["ip address add 10.2.0.2/24 dev eth1"]}
      links:
        - endpoints: ["a:eth1", "b:eth1"]
        - endpoints: ["a:eth2", "c:eth1"]
    """

  let seconds: Int

  func measure() throws -> [String] {
    let bed = try TestLab(hosts: 2)
    defer { _ = try? bed.down() }
    let deploy = try bed.archetype("deploy", "-t", try bed.file("speed", Self.lab))
    guard deploy.exit == 0 else { throw SupportError(deploy.errors) }
    let near = try mtu(bed, "eth1")
    let far = try mtu(bed, "eth2")
    let addresses = try ["h1", "h2"].map { try underlay(bed, $0) }
    try script(
      bed, "h1",
      """
      ip netns add x; ip netns add y
      ip link add v0 mtu \(near) netns x type veth peer name v0 mtu \(near) netns y
      ip link add t0 mtu \(far) type vxlan id 77 local \(addresses[0]) remote \(addresses[1]) dstport 4790 nolearning
      ip link set t0 netns x
      ip -n x address add 10.3.0.1/24 dev v0; ip -n y address add 10.3.0.2/24 dev v0; ip -n x address add 10.4.0.1/24 dev t0
      for n in x y; do ip -n $n link set lo up; ip -n $n link set v0 up; done; ip -n x link set t0 up
      """)
    try script(
      bed, "h2",
      """
      ip netns add x
      ip link add t0 mtu \(far) type vxlan id 77 local \(addresses[1]) remote \(addresses[0]) dstport 4790 nolearning
      ip link set t0 netns x
      ip -n x address add 10.4.0.2/24 dev t0; ip -n x link set lo up; ip -n x link set t0 up
      """)
    let same = try compare(
      bed, ours: ("b", "10.1.0.2"), bare: ("h1", "y", "10.3.0.2"), "one host, MTU \(near)")
    let across = try compare(bed, ours: ("c", "10.2.0.2"), bare: ("h2", "x", "10.4.0.2"), "two hosts, MTU \(far)")
    return ["| TCP over one link, Gbit/s | Archetype | bare device | ratio |", "| --- | ---: | ---: | ---: |", same, across]
  }

  private func compare(
    _ bed: TestLab, ours: (node: String, address: String), bare: (host: String, namespace: String, address: String), _ name: String
  )
    throws -> String
  {
    let bareServer = try bed.start(
      "testbed", "exec", bare.host, "--dir", bed.folder, "--", "ip", "netns", "exec", bare.namespace, "iperf3", "-s")
    let server = try bed.start("exec", "speed", ours.node, "--", "iperf3", "-s")
    defer {
      _ = server.terminate()
      _ = bareServer.terminate()
    }
    var rates: (ours: [Double], bare: [Double]) = ([], [])
    for _ in 0..<Self.rounds {
      rates.bare.append(
        try rate {
          try bed.on("h1", "ip", "netns", "exec", "x", "iperf3", "-J", "-c", bare.address, "-t", "\(seconds)")
        })
      rates.ours.append(
        try rate {
          try bed.archetype("exec", "speed", "a", "--", "iperf3", "-J", "-c", ours.address, "-t", "\(seconds)", limit: 120)
        })
      progress("  \(name): \(rates.ours.last ?? 0), bare \(rates.bare.last ?? 0) Gbit/s")
    }
    let (we, they) = (rates.ours.median, rates.bare.median)
    return "| \(name) | \(we.text(2)) | \(they.text(2)) | \((we / they).text(2)) |"
  }

  /// Gbit/s at the receiver. Its server may need a moment to listen.
  private func rate(_ client: () throws -> CommandRun) throws -> Double {
    var last: CommandRun?
    for _ in 0..<20 {
      let run = try client()
      if run.exit == 0, let report = try run.json() as? [String: Any], let end = report["end"] as? [String: Any],
        let sum = end["sum_received"] as? [String: Any], let bits = sum["bits_per_second"] as? Double
      {
        return bits * 1e-9
      }
      last = run
      usleep(100_000)
    }
    throw SupportError("iperf3: \(last?.output ?? "")\(last?.errors ?? "")")
  }

  private func mtu(_ bed: TestLab, _ interface: String) throws -> String {
    try bed.archetype("exec", "speed", "a", "--", "cat", "/sys/class/net/\(interface)/mtu").output.trimmingCharacters(
      in: .whitespacesAndNewlines)
  }

  private func underlay(_ bed: TestLab, _ host: String) throws -> String {
    let words = try bed.on(host, "ip", "-4", "-o", "address", "show", "scope", "global").output.split(separator: " ")
    guard let place = words.firstIndex(of: "inet"), let address = words[place + 1].split(separator: "/").first else {
      throw SupportError("\(host) has no underlay address")
    }
    return String(address)
  }

  private func script(_ bed: TestLab, _ host: String, _ text: String) throws {
    let run = try bed.on(host, "sh", "-ec", text)
    guard run.exit == 0 else { throw SupportError("\(host): \(run.errors)") }
  }
}
