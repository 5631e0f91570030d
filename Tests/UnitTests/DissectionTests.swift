import Machine
import Model
import Testing

@testable import Wire

/// Messages by their description.
@Suite struct DissectionTests {
  private func field(_ name: String, _ value: Dissection) -> Dissection.Field { Dissection.Field(name: name, value: value) }

  @Test func `every message that there is can be shown`() throws {
    var samples = WireSamples(seed: 7)
    for request in try samples.requests() {
      let coded = Codec.encode(request)
      #expect(throws: Never.self) { try Dissection(coded.body, kind: coded.kind, isReply: false) }
    }
    for reply in try samples.replies() {
      let coded = Codec.encode(reply)
      #expect(throws: Never.self) { try Dissection(coded.body, kind: coded.kind, isReply: true) }
    }
    for fact in try samples.facts() {
      let coded = Codec.encode(fact)
      #expect(throws: Never.self) { try Dissection(coded.body, kind: coded.kind, isReply: false) }
    }
  }

  @Test func `names, enumerations, choices and lists are shown by name, and what is unknown by number`() throws {
    let coded = Codec.encode(.jobs(.setNodes(try LabName("ring"), .restart, [try NodeName("r1"), try NodeName("r2")])))
    // Field 99 of a newer build: a number.
    let newer = coded.body + [0x98, 0x06, 0x07]
    #expect(
      try Dissection(newer, kind: "JobService.SetNodes", isReply: false)
        == .message([
          field("lab", .text("ring")), field("verb", .symbol("NODE_VERB_RESTART")), field("nodes", .list([.text("r1"), .text("r2")])),
          field("99", .bytes([7])),
        ]))
    let choice = Codec.encode(.jobs(.restrainHost(try HostName("h1"), .cordoned)))
    guard case .message(let fields) = try Dissection(choice.body, kind: choice.kind, isReply: false) else { return }
    #expect(fields.map(\.name) == ["host", "restraint"])
  }

  @Test func `what is no such message is refused`() throws {
    #expect(throws: LabError.self) { try Dissection([], kind: "JobService.Nothing", isReply: false) }
    #expect(throws: LabError.self) { try Dissection([0xff], kind: "JobService.List", isReply: false) }
    #expect(throws: LabError.self) { try Dissection([0x0a, 0x02, 0xc3, 0x28], kind: "JobService.DestroyLab", isReply: false) }
  }
}
