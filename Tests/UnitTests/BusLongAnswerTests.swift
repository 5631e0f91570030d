import Bus
import Machine
import Model
import Reactor
import Testing

/// A real bus, and an answer that no message carries.
struct BusLongAnswerTests {
  @Test func anAnswerThatIsTooLongIsToldToItsAsker() throws {
    let bus = try BusProcess()
    var client = try bus.peer(.client("a"))
    var jobs = try bus.peer(.jobs)
    #expect(try connect(&client))
    #expect(try connect(&jobs))
    let outgoing = Outgoing(to: .jobs, id: try RequestID("r1"), request: .jobs(.list), deadline: 10_000)
    try client.send(.send(outgoing), trace: .fresh(), at: Clock.now())
    let incoming = try #require(try pump(&jobs) { $0.request })
    let long = Reply.configs(.blob([UInt8](repeating: 1, count: Limits.messageBytes + 1)))
    try jobs.send(.reply(incoming.from, .success(long)), trace: .fresh(), at: Clock.now())
    try jobs.flush(at: Clock.now())
    guard case .failure(let error)? = try pump(&client, { $0.reply })?.1 else {
      Issue.record("not told")
      return
    }
    #expect(error.code == .resourceExhausted)
    #expect(error.message.contains("\(Limits.messageBytes)"))
    #expect(try pump(&jobs) { if case .complaint(let complaint) = $0 { complaint.peer } else { nil } } == "cli/a")
  }
}
