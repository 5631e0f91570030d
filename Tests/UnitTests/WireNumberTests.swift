import AgentCore
import ConfigCore
import Machine
import Model
import ReconcilerCore
import Testing
import Wire

/// Numbers that no honest peer sends: they are refused at the border, or do no harm inside.
struct WireNumberTests {
  private let extremes: [UInt64] = [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max - 1, .max]

  /// As it is after the wire; nil: refused there.
  private func read(_ request: Request) -> Request? {
    let coded = Codec.encode(request)
    return try? Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret)
  }

  @Test func sequencesOfReportsHaveRoomBelowAndAbove() {
    let table: [(UInt64, Bool, Bool)] = [
      (0, false, false), (0, true, true), (1, false, true), (Limits.sequence, false, true), (Limits.sequence, true, true),
      (Limits.sequence + 1, false, false), (Limits.sequence + 1, true, false), (.max, true, false), (.max, false, false),
    ]
    for (sequence, isFull, isTaken) in table {
      let report = Report(
        session: Session(1), sequence: sequence, isFull: isFull, changes: [], applied: .zero, digest: 0,
        ends: EndSeries(origin: Instance(1)))
      #expect((read(.reconciler(.report(report))) != nil) == isTaken, "\(sequence) \(isFull)")
    }
  }

  @Test func noReportStopsTheReconciler() throws {
    let changes = [HostChange.path(ObservedPath(remote: try IPAddress("10.0.0.2"), reachable: true, mtu: 0))]
    for first in extremes {
      for isFull in [true, false] {
        for second in extremes {
          var scene = try ReconcilerScene([.assigned(try HostName("h1"), Revision(10))])
          for (sequence, full) in [(first, isFull), (second, false), (first, true), (second, false)] {
            let report = Report(
              session: scene.session, sequence: sequence, isFull: full, changes: changes, applied: Revision(second), digest: first,
              ends: EndSeries(origin: Instance(first)))
            if case .reconciler(let request)? = read(.reconciler(.report(report))) { _ = try scene.ask(request) }
            let beat = Heartbeat(
              session: scene.session, sequence: second, applied: Revision(first), digest: first, load: HostLoad(actions: second))
            if case .reconciler(let request)? = read(.reconciler(.heartbeat(beat))) { _ = try scene.ask(request) }
          }
        }
      }
    }
  }

  @Test func noQueryStopsTheConfigService() throws {
    let host = try HostName("h1")
    for have in extremes {
      var intent = Intent(store: CoreScene.store, revision: Revision(1))
      intent.load(.assigned(host, Revision(1)), at: Revision(1))
      var core = ConfigCore(intent: intent, remembered: RememberedRequests(), blobs: [], instance: CoreScene.configs)
      let query = Request.configs(.assignment(AssignmentQuery(host: host, bound: CoreScene.store, have: Revision(have))))
      _ = core.handle(.bus(try CoreScene.incoming(.agent(host), "r", try #require(read(query)))), at: CoreScene.now(0))
    }
  }

  @Test func noAnswerStopsAnAgent() throws {
    for number in extremes {
      for count in [0, 1] {
        var core = AgentCore(
          AgentCore.Start(
            spec: try CoreScene.host("h1"), instance: Instance(5), cached: nil, isCacheTrusted: true, blobs: [], crashes: [:]))
        _ = core.handle(.bus(.connected), at: CoreScene.now(0))
        _ = core.handle(.inventory(Inventory(), ended: []), at: CoreScene.now(0))
        if count > 0 {
          let key = try CoreScene.lab("ring", nodes: ["a"]).key(at: 0)
          _ = core.handle(.observed([.folder(key, exists: true)]), at: CoreScene.now(0))
        }
        var asked = core.handle(.tick, at: CoreScene.now(1_000)).sent
        for step in UInt64(1)...6 {
          var next: [Outgoing] = []
          for outgoing in asked {
            let reply: Reply? =
              switch outgoing.request {
              case .reconciler(.register): .reconciler(.registered(Session(number)))
              case .reconciler(.report): .reconciler(.reported(number))
              case .reconciler(.heartbeat): .reconciler(.heartbeat(.reportAll))
              default: nil
              }
            guard let reply else { continue }
            next += core.handle(.bus(.reply(outgoing.id, .success(reply))), at: CoreScene.now(1_000 * step)).sent
          }
          asked = next + core.handle(.tick, at: CoreScene.now(1_000 * (step + 1))).sent
        }
      }
    }
  }
}
