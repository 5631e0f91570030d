import Kernel
import Model
import Testing

/// Identity in `ifalias`, and names of devices.
@Suite struct MarkTests {
  private func marks(_ length: Int, born: UInt64) throws -> [Mark] {
    let (lab, node) = (try LabName(String(repeating: "L", count: length)), try NodeName(String(repeating: "n", count: length)))
    let last = try Ordinal(Limits.interfacesPerNode)
    let (near, far) = (Endpoint(node, last), Endpoint(try NodeName(String(repeating: "9", count: length)), last))
    let key = LabKey(lab, born: Revision(born))
    let subjects: [Mark.Subject] = [
      .tap(NodeKey(key, node, born: Revision(born)), last), .tunnel(key, near: near, far: far), .probe, .bridge(key), .gate(key),
      .rules(key, .max, count: .max), .tap(NodeKey(key, node, born: Revision(born)), last, addressing: .max),
    ]
    let host = try HostName(String(repeating: "h", count: length))
    return subjects.map { Mark(deployment: Deployment(random: .max), host: host, subject: $0) }
  }

  @Test(arguments: [1, 12, 40, 63]) func `every mark fits, holds no zero and reads back`(length: Int) throws {
    for mark in try [0, 41, UInt64.max].flatMap({ try marks(length, born: $0) }) {
      #expect(mark.alias.count <= LinkLimits.aliasBytes && !mark.alias.contains(0))
      #expect(Mark(alias: mark.alias) == mark)
    }
  }

  @Test func `a mark of usual length can be read by a person`() throws {
    let lab = LabKey(try LabName("ring"), born: Revision(41))
    let (near, far) = (Endpoint(try NodeName("r1"), try Ordinal(1)), Endpoint(try NodeName("r2"), try Ordinal(2)))
    let (deployment, host) = (try Deployment("00000000000000a1"), try HostName("h1"))
    let tap = Mark(deployment: deployment, host: host, subject: .tap(NodeKey(lab, near.node, born: Revision(41)), near.ordinal))
    #expect(String(decoding: tap.alias, as: UTF8.self) == "ar1 t 00000000000000a1 h1 ring@41/r1@41:1")
    let tunnel = Mark(deployment: deployment, host: host, subject: .tunnel(lab, near: near, far: far))
    #expect(String(decoding: tunnel.alias, as: UTF8.self) == "ar1 v 00000000000000a1 h1 ring@41 r1:1 r2:2")
    #expect(Mark(alias: tunnel.alias) == tunnel)
  }

  @Test(arguments: [
    "", "ar1", "ar1 ", "ar1!", "ar2 t 00000000000000a1 h1 ring@41/r1@41:1", "uplink to the core", "ar1 t 00000000000000a1 h1 ring/r1:1",
    "ar1 t 00000000000000a1 h1 ring@41/r1@41:4096", "ar1 t 00000000000000a1 h1 ring@041/r1@41:1",
    "ar1 t 00000000000000a1 h1 ring@41/r1@41:1 ", "ar1 t 00000000000000a1 h1 ring@41/r1@41:1 r2:2",
    "ar1 v 00000000000000a1 h1 ring@41 r1:1", "ar1 t nothexadecimal!! h1 ring@41/r1@41:1", "ar1!\u{1}\u{2}\u{3}",
  ])
  func `foreign text is no mark`(text: String) {
    #expect(Mark(alias: Array(text.utf8)) == nil)
  }

  @Test func `names of devices are short, plain and different`() throws {
    let deployment = Deployment(random: 1)
    var names: Set<String> = []
    for number in 0..<2_000 {
      let key = NodeKey(LabKey(try LabName("ring"), born: Revision(1)), try NodeName("n\(number)"), born: Revision(1))
      let name = DeviceName.tap(key, try Ordinal(1), in: deployment)
      #expect(name.utf8.count == 14 && name.utf8.allSatisfy { (97...122).contains($0) || (50...55).contains($0) })
      names.insert(name)
    }
    #expect(names.count == 2_000)
  }
}
