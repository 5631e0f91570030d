import AgentCore
import Kernel
import Machine
import Model
import Runtime
import Wire

extension FuzzTarget {
  /// What is decoded is obeyed: an agent starts from it, on an empty host and on one that has what it made itself.
  static func assignments(_ input: [UInt8]) throws {
    guard let assignment = try? Codec.decodeAssignment(input) else { return }
    try check(
      (try? Codec.decodeAssignment(Codec.encode(assignment))) == assignment, "an assignment that was read isn't itself when written")
    let spec = HostSpec(
      name: assignment.host, underlay: try IPAddress("10.0.0.1"), underlayMTU: 1500, capacity: 10, runtimes: ["namespace"], capabilities: []
    )
    var agent = AgentCore(
      AgentCore.Start(spec: spec, instance: Instance(1), cached: assignment, isCacheTrusted: true, blobs: [], crashes: [:]))
    var time: UInt64 = 0
    var batches: [UInt64] = []
    func take(_ event: AgentCore.Event) {
      time += 500
      for case .perform(let batch) in agent.handle(event, at: Now(boot: Instant(milliseconds: time), wall: 0)) { batches.append(batch.id) }
    }
    take(.tick)
    take(.inventory(Inventory(), ended: []))
    for _ in 0..<8 where !batches.isEmpty { take(.performed(batches.removeFirst(), failures: [], observations: [])) }
    take(.tick)
  }

  static func records(_ input: [UInt8]) throws {
    if let record = try? Codec.decodeRecord(input) {
      try check((try? Codec.decodeRecord(Codec.encode(record))) == record, "a record that was read isn't itself when written")
    }
    if let event = try? Codec.decodeEvent(input) {
      try check((try? Codec.decodeEvent(Codec.encode(event))) == event, "an event that was read isn't itself when written")
    }
    if let records = try? Codec.decodeBoxRecords(input) {
      try check((try? Codec.decodeBoxRecords(Codec.encode(records))) == records, "what the black box holds isn't itself when written")
    }
    if let end = try? Codec.decodeEndWrite(input) {
      try check((try? Codec.decodeEndWrite(Codec.encode(end))) == end, "an end that was read isn't itself when written")
    }
  }

  static func marks(_ input: [UInt8]) throws {
    if let mark = Mark(alias: input) { try check(mark.alias == input, "a mark is another when written") }
    if let record = NodeRecord(String(decoding: input, as: UTF8.self)) {
      let whole = "pid \(record.pid)\nstart \(record.startTime)\nlog \(record.logStart)\n" + record.text
      try check(NodeRecord(whole) == record, "a node's record isn't itself when written")
    }
  }
}
