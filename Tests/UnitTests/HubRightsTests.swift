import HubCore
import Machine
import Model
import Testing
import Wire

@testable import HubCore

/// What holders of command lines' keys may ask for, and what is noted of it.
struct HubRightsTests {
  private typealias TestHub = Hub<HubTests.Text>

  private let now = Now(boot: Instant(milliseconds: 1_000), wall: 0)
  private let client = RoutingID([1]), jobs = RoutingID([2])

  /// With a client of this role, or a local one, and a job service.
  private func hub(_ role: Role?) -> (hub: TestHub, key: PeerName?) {
    var hub = TestHub(instance: Instance(7))
    let key = role.map { _ in PeerName.client("anna") }
    if let role { _ = hub.handle(.roles([.client("anna"): role]), at: now) }
    for (routing, name, key) in [(client, PeerName.client("anna.1"), key), (jobs, .jobs, nil)] {
      let hello = Hello(name: name, instance: Instance(1), build: "test")
      _ = hub.handle(.received(routing, key: key, .hello(hello), nil), at: now)
    }
    return (hub, key)
  }

  private func ask(_ hub: inout TestHub, _ key: PeerName?, _ kind: String, _ number: UInt64 = 1) -> [TestHub.Effect] {
    let payload = HubTests.Text(waitingRequest: RequestID(Instance(1), number), kind: kind)
    return hub.handle(.received(client, key: key, .request(to: .jobs), payload), at: now)
  }

  private func isPassed(_ effects: [TestHub.Effect]) -> Bool {
    effects.contains { if case .send(jobs, .delivered, _) = $0 { true } else { false } }
  }

  private func refusals(_ effects: [TestHub.Effect]) -> [String] {
    effects.compactMap { if case .audit(_, _, _, let refusal) = $0 { refusal } else { nil } }
  }

  @Test func everyKindOfRequestHasARight() {
    #expect(Set(Rights.all.keys) == Set(Codec.requestKinds))
  }

  @Test func eachRoleMayAskForWhatItsRankReachesAndTheLocalOperatorForAll() {
    for kind in Codec.requestKinds {
      let need = Rights.right(to: kind).need
      for role in Role.allCases {
        var (hub, key) = hub(role)
        let effects = ask(&hub, key, kind)
        #expect(isPassed(effects) == (role >= need), "\(role) \(kind)")
        let told = effects.contains { if case .send(client, .undelivered(_, _, .permissionDenied, _), _) = $0 { true } else { false } }
        #expect(told == (role < need), "\(role) \(kind)")
      }
      var (hub, _) = hub(nil)
      #expect(isPassed(ask(&hub, nil, kind)), "\(kind)")
    }
  }

  @Test func whatARoleMayFollow() throws {
    let topics: [(Topic, Role)] = [(.all, .viewer), (.lab(try LabName("ring")), .viewer), (.assign(try HostName("h1")), .viewer)]
    for role in Role.allCases {
      var (hub, key) = hub(role)
      func isAllowed(_ event: TestHub.Event) -> Bool {
        hub.handle(event, at: now).contains { if case .allow = $0 { true } else { false } }
      }
      for (topic, need) in topics { #expect(isAllowed(.subscribed(key: key, topic)) == (role >= need), "\(role) \(topic)") }
      #expect(!isAllowed(.subscribed(key: key, .intent)), "it holds secrets")
      #expect(isAllowed(.tapped(key: key)) == (role >= .operator), "\(role)")
    }
  }

  @Test func whatChangesSomethingIsNotedOnceAndWhatIsRefusedAlways() {
    var (hub, key) = hub(.operator)
    #expect(refusals(ask(&hub, key, "JobService.ApplyLab", 1)) == [""])
    #expect(refusals(ask(&hub, key, "JobService.ApplyLab", 1)).isEmpty, "repeated until it is answered")
    #expect(refusals(ask(&hub, key, "JobService.ApplyLab", 2)) == [""])
    #expect(refusals(ask(&hub, key, "JobService.List", 3)).isEmpty)
    let toNobody = HubTests.Text(waitingRequest: RequestID(Instance(1), 6), kind: "ConfigService.PutBlob")
    #expect(refusals(hub.handle(.received(client, key: key, .request(to: .configs), toNobody), at: now)).isEmpty, "nobody was asked")
    let refused = refusals(ask(&hub, key, "JobService.ForgetHost", 4))
    #expect(refused.count == 1 && refused[0].contains("admin"), "\(refused)")
    #expect(refusals(ask(&hub, key, "JobService.NeverHeardOf", 5)).count == 1, "only admins may ask for what isn't known")
  }
}
