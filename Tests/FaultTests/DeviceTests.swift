import Foundation
import Support
import Testing

/// What others, and a node itself, do to the devices of a host: ours and undesired ones go, everybody else's stay, and what is wanted comes
/// back without anybody else blinking.
@Suite(.serialized) struct DeviceTests {
  private func fabric(_ lab: TestLab, _ words: String) throws -> String {
    let run = try lab.on("h1", "nsenter", "--net=/run/archetype/netns/archetype", "sh", "-ec", words)
    guard run.exit == 0 else { throw SupportError("\(words): \(run.errors)") }
    return run.output
  }

  @Test func onlyDevicesWithOurMarkThatNobodyWantsGo() throws {
    try TestLab.with(hosts: 1) { lab in
      try lab.deploy(Topology("one", "name: one\ntopology:\n  nodes:\n    a: {kind: linux, image: alpine}\n"))
      try lab.deploy(
        Topology(
          "two",
          """
          name: two
          topology:
            nodes:
              a: {kind: linux, image: alpine}
              b: {kind: linux, image: alpine}
            links:
              - endpoints: ["a:eth1", "b:eth1"]
          """))
      let listing = try fabric(lab, "ip -o link")
      let marks = listing.split(separator: "\n").compactMap {
        $0.components(separatedBy: "alias ").last?.trimmingCharacters(in: .whitespaces)
      }
      let mark = try #require(marks.first { $0.hasPrefix("ar1 t ") })
      let words = mark.split(separator: " ").map(String.init)
      let other = "0" + words[2].dropFirst()
      let planted = [
        // Ours by mark, of a node that nobody wants.
        "undesired": "ar1 t \(words[2]) \(words[3]) gone@1/x@1:1",
        // No cable leaves the host, and a tunnel of probes it isn't either.
        "stray": "ar1 p \(words[2]) \(words[3])",
        // Another deployment's, another host's, one that only looks like a mark, and nobody's.
        "deployment": "ar1 t \(other == words[2] ? "1" + words[2].dropFirst() : other) \(words[3]) gone@1/x@1:1",
        "host": "ar1 t \(words[2]) other gone@1/x@1:1", "lookalike": "ar1 t \(words[2]) \(words[3]) gone", "foreign": "",
      ]
      let doomed = ["undesired", "stray"]
      // Going up is what the kernel tells of for certain; what is undesired may have gone before that.
      for (name, alias) in planted.sorted(by: { $0.key < $1.key }) {
        _ = try fabric(
          lab,
          "ip link add \(name) type veth peer name p\(name.prefix(8)); ip link set \(name) alias '\(alias)'; ip link set \(name) up || \(doomed.contains(name))"
        )
      }
      func names() throws -> Set<String> {
        Set(
          try fabric(lab, "ip -o link").split(separator: "\n").map {
            $0.split(separator: ":")[1].split(separator: "@")[0].trimmingCharacters(in: .whitespaces)
          })
      }
      #expect(try eventually { try names().isDisjoint(with: doomed) })
      // A whole read-back finds no more.
      try lab.testbed("kill", "agent/h1")
      try lab.testbed("start", "agent/h1")
      #expect(try eventually { try lab.isConverged("two") })
      #expect(try names().isSuperset(of: ["deployment", "host", "lookalike", "foreign"]))
      #expect(try fabric(lab, "ip -o link").components(separatedBy: mark).count == 2, "the wanted tap has gone")
    }
  }

  @Test func whatANodeDoesToItsInterfaceIsRepairedAndItsPeerIsLeftAlone() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let mine = try lab.interface("eth1", of: "a", in: "pair")
      let peers = try lab.interface("eth1", of: "b", in: "pair")
      func run(_ words: String) throws { #expect(try lab.exec("pair", "a", "sh", "-ec", words).exit == 0, "\(words)") }
      func isRepaired() throws -> Bool {
        let now = try? lab.interface("eth1", of: "a", in: "pair")
        return try now?.mac == mine.mac && lab.isConverged("pair")
      }
      try run("ip link del eth1")
      #expect(try eventually { try isRepaired() })
      try run("unshare -n sleep 60 & sleep 0.3; ip link set eth1 netns $!; kill -9 $!")
      #expect(try eventually { try isRepaired() })
      // A move that lasts isn't a loss, and neither is another name.
      try run("ip link set eth1 down; ip link set eth1 name up1; ip link set up1 up; ip address replace 10.9.0.1/24 dev up1")
      #expect(try eventually { try lab.isConverged("pair") && lab.ping("10.9.0.2", from: "a", in: "pair").exit == 0 })
      #expect(try lab.interface("up1", of: "a", in: "pair").mac == mine.mac)
      let mtu = try lab.exec("pair", "a", "cat", "/sys/class/net/up1/mtu").output
      try run("ip link set up1 mtu 1300")
      #expect(try eventually { try lab.exec("pair", "a", "cat", "/sys/class/net/up1/mtu").output == mtu })
      let now = try lab.interface("eth1", of: "b", in: "pair")
      #expect((now.index, now.mac, now.addresses) == (peers.index, peers.mac, peers.addresses))
    }
  }

  /// A node of this runtime has the host's network rights (see docs/dataplane.md): it can delete others' devices of the fabric.
  @Test func whatAPrivilegedNodeDeletesOfOthersComesBack() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let victim = try lab.interface("eth1", of: "a", in: "pair")
      let device = try fabric(lab, "ip -o link show type veth").split(separator: ":")[1].split(separator: "@")[0].trimmingCharacters(
        in: .whitespaces)
      _ = try fabric(lab, "ip link del \(device)")
      #expect(
        try eventually {
          try (try? lab.interface("eth1", of: "a", in: "pair"))?.mac == victim.mac && lab.isConverged("pair")
        })
    }
  }
}
