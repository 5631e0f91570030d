import Machine
import Model
import ReconcilerCore
import Testing

/// What is said of a link between hosts by what their probes say.
struct WayVerdictTests {
  private struct Way {
    var reachable = true
    var mtu = 1_500
    var heard = true
    var answers = true
    static let open = Way()
    static func cut(heard: Bool, answers: Bool) -> Way { Way(reachable: false, mtu: 0, heard: heard, answers: answers) }
  }

  private let hosts: [HostSpec]
  private let lab: Lab

  init() throws {
    hosts = [try CoreScene.host("h1"), try CoreScene.host("h2", "10.0.0.2")]
    var lab = try CoreScene.lab("ring", nodes: ["a", "b"], born: Revision(5))
    lab.nodes[1].host = hosts[1].name
    self.lab = lab
  }

  /// A reconciler that has heard both hosts; a way that is nil was not told.
  private func status(_ ways: [Way?]) throws -> LinkStatus {
    let vni = try VNI(5_000)
    let ends = hosts.map { TunnelEnd($0.name, $0.underlay) }
    let segment = Segment(link: lab.spec.links[0].id, path: .tunnel(vni, a: ends[0], b: ends[1]), mtu: 1_450)
    var scene = try ReconcilerScene(
      [
        .host(hosts[1].name, hosts[1]), .lab(lab.key.name, lab),
        .segments(lab.key.name, Segments(lab: lab.key, wiring: lab.wiring, segments: [segment])), .assigned(hosts[0].name, Revision(10)),
        .assigned(hosts[1].name, Revision(10)),
      ])
    for (index, way) in ways.enumerated() {
      let (here, there) = (hosts[index], hosts[1 - index])
      let registration = ReconcilerRequest.register(Registration(spec: here, instance: Instance(20 + UInt64(index)), store: nil))
      guard case .reconciler(.registered(let session))? = try? scene.ask(registration, as: here.name).answer?.get() else {
        throw ReconcilerScene.Missing()
      }
      let tunnel = ObservedTunnel(vni: vni, local: here.underlay, remote: there.underlay)
      var changes: [HostChange] = [
        .node(
          ObservedNode(key: lab.key(at: index), phase: .ready, pid: 70, startSerial: lab.nodes[index].startSerial, execDone: true)),
        .end(ObservedEnd(key: TunnelKey(lab.key, lab.spec.links[0].id), fault: "", up: true, tunnel: tunnel, mtu: 1_450)),
      ]
      if let way {
        changes.append(
          .path(
            ObservedPath(remote: there.underlay, reachable: way.reachable, mtu: way.mtu, heard: way.heard, answers: way.answers)))
      }
      let report = Report(
        session: session, sequence: 0, isFull: true, changes: changes, applied: Revision(10), digest: 0,
        ends: EndSeries(origin: Instance(1)))
      _ = try scene.ask(.report(report), as: here.name)
    }
    guard case .reconciler(.lab(let status))? = try scene.ask(.inspect(lab.key.name)).answer?.get() else { throw ReconcilerScene.Missing() }
    return try #require(status.links.first)
  }

  @Test func theReasonNamesTheHostThatDoesNotReceiveAndTheCure() throws {
    let deaf1 = "h1 does not receive UDP 4789 from h2 (accept inbound UDP 4789 from 10.0.0.2 in its firewall)"
    let deaf2 = "h2 does not receive UDP 4789 from h1 (accept inbound UDP 4789 from 10.0.0.1 in its firewall)"
    let table: [(Way?, Way?, LinkState, String)] = [
      (.open, .open, .up, ""),
      (nil, .open, .unknown, "h1: the way to h2 has not been probed yet"),
      (.open, nil, .unknown, "h2: the way to h1 has not been probed yet"),
      // h2's firewall: h1 hears h2's probes and h2 nothing; either may say so first.
      (.cut(heard: true, answers: true), .open, .down, deaf2),
      (.open, .cut(heard: false, answers: true), .down, deaf2),
      (.cut(heard: true, answers: true), .cut(heard: false, answers: true), .down, deaf2),
      // It drops echoes too.
      (.cut(heard: true, answers: false), .cut(heard: false, answers: false), .down, deaf2),
      (.cut(heard: false, answers: true), .cut(heard: true, answers: true), .down, deaf1),
      (.cut(heard: true, answers: true), nil, .down, deaf2),
      (
        .cut(heard: false, answers: true), .cut(heard: false, answers: true), .down,
        "neither h1 nor h2 receives UDP 4789 from the other (accept inbound UDP 4789 in both firewalls)"
      ),
      (
        .cut(heard: false, answers: false), .cut(heard: false, answers: false), .down,
        "h1: h2 (10.0.0.2) does not answer in the underlay"
      ),
      (.open, .cut(heard: false, answers: false), .down, "h2: h1 (10.0.0.1) does not answer in the underlay"),
      (.open, Way(mtu: 128), .down, "h2: the path to h1 carries packets of 128, the link needs 1500"),
    ]
    for (one, two, state, reason) in table {
      let link = try status([one, two])
      #expect(link.state == state && link.reason == reason, "\(String(describing: one)) \(String(describing: two)): \(link.reason)")
    }
  }
}
