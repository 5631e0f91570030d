import HubCore
import Machine
import Model
import Testing

/// Members that nobody hears of again, as every finished command line is.
struct HubMembershipTests {
  typealias TestHub = Hub<HubTests.Text>

  private func greet(_ hub: inout TestHub, _ number: Int, _ name: PeerName, at time: UInt64) -> [(RoutingID, HubFrame)] {
    let routing = RoutingID([UInt8(number >> 8), UInt8(number & 0xff)])
    let hello = HubFrame.hello(Hello(name: name, instance: Instance(1), build: "test"))
    return hub.handle(.received(routing, key: nil, hello, nil), at: CoreScene.now(time))
      .compactMap { if case .send(let to, let frame, _) = $0 { (to, frame) } else { nil } }
  }

  @Test func aFullHubFreesTheNamesOfCommandLinesThatAreGone() throws {
    var hub = TestHub(instance: Instance(7))
    _ = greet(&hub, 0, .jobs, at: 0)
    var count = 1
    var probes: [(RoutingID, HubFrame)] = []
    while probes.isEmpty, count < 10_000 {
      probes = greet(&hub, count, .client("c\(count)"), at: 5_000).filter { if case .welcome = $0.1 { false } else { true } }
      count += 1
    }
    guard case .refused(.unavailable, _)? = probes.last?.1 else {
      Issue.record("not told to try again: \(probes.last.map { "\($0)" } ?? "")")
      return
    }
    // Every command line is asked, and no service; what can't be delivered frees its name.
    #expect(probes.dropLast().allSatisfy { $0.1 == .probe(0) })
    #expect(probes.count - 1 == hub.peers.count - 1)
    for (routing, frame) in probes.dropLast(2) { _ = hub.handle(.unroutable(routing, frame, nil), at: CoreScene.now(5_000)) }
    #expect(hub.peers.count == 2)
    #expect(greet(&hub, count, .client("c\(count)"), at: 5_100).map(\.1) == [.welcome(hub: Instance(7))])
  }

  @Test func aHubThatIsFullOfLivePeersSaysSoAndAsksThemOnceInAWhile() throws {
    var hub = TestHub(instance: Instance(7))
    var count = 0
    while greet(&hub, count, .client("c\(count)"), at: 5_000).count == 1, count < 10_000 { count += 1 }
    let again = greet(&hub, count, .client("c\(count)"), at: 5_100)
    guard case .refused(.resourceExhausted, _)? = again.first?.1 else {
      Issue.record("not refused: \(again.count)")
      return
    }
    #expect(again.count == 1)
    #expect(greet(&hub, count, .client("c\(count)"), at: 15_000).count > 1)
  }
}
