import Bus
import Foundation
import Machine
import Model
import Support
import Testing
import Wire

/// Peers of a live bus that don't keep to the protocol, while labs are deployed.
@Suite(.serialized) struct HostileTests {
  /// How long hosts are attacked from their network, in seconds.
  private static let attack = 60.0

  private func address(_ lab: TestLab) -> BusAddress { .folder("\(lab.folder)/bus") }

  /// Deploys go on in their usual time with all that it takes, and the hub is the one that it was.
  private func expectService(_ lab: TestLab, _ name: String, _ before: [String: Int32]) throws {
    try lab.deploy(.pair(name))
    #expect(try lab.ping("10.9.0.2", from: "a", in: name, count: 1).exit == 0)
    try lab.destroy(name)
    for (service, process) in before { #expect(try lab.bed.processID(service) == process, "\(service) was started again") }
  }

  private func processes(_ lab: TestLab) throws -> [String: Int32] {
    var found: [String: Int32] = [:]
    for name in ["bus", "configs", "jobs", "links", "reconciler", "agent/h1", "agent/h2"] { found[name] = try lab.bed.processID(name) }
    return found
  }

  @Test func `garbage, oversized and forged frames from strangers harm nobody`() throws {
    try TestLab.with { lab in
      let before = try processes(lab)
      let floods = try (0..<4).map { _ in try Flood(address(lab)) }
      for flood in floods { flood.begin() }
      for round in 0..<3 { try expectService(lab, "lab\(round)", before) }
      for flood in floods { #expect(flood.end() > 100, "nothing was sent") }
      try expectService(lab, "after", before)
      #expect(try Memory.resident(#require(before["bus"])) < 256 << 20)
    }
  }

  @Test func `strangers on the network that never greet, speak half a word or rubbish harm nobody`() throws {
    try TestLab.with { lab in
      let before = try processes(lab)
      let sessions = try lab.sessions()
      let resident = try Memory.resident(#require(before["bus"]))
      // From a host's own network, by the port that its agent uses: some hundred connections at a time, of which most stay open.
      let attack = """
        place=$(cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -m1 '^tcp://'); place=${place#tcp://}; number=0
        while [ ! -e /run/over ]; do
          for port in 0 1 2; do
            exec {peer}<> /dev/tcp/${place%:*}/$((${place#*:} + port)) || exit 1
            case $((number % 4)) in
              0) ;;
              1) printf '\\xff\\0\\0' >&$peer ;;
              2) printf '\\xff\\0\\0\\0\\0\\0\\0\\0\\x01\\x7f\\x03\\0CURVE' >&$peer ;;
              3) head -c 4096 /dev/urandom >&$peer ;;
            esac
            open[number % 300]=$peer; number=$((number + 1)); old=${open[number % 300]}
            [ -z "$old" ] || exec {old}>&-
          done 2> /dev/null
          [ $((number % 300)) != 0 ] || echo $number
        done
        """
      let stranger = try lab.start("testbed", "exec", "h2", "--dir", lab.folder, "--", "bash", "-c", attack)
      #expect(eventually { stranger.count > 0 }, "it gets through to the bus")
      let end = Date(timeIntervalSinceNow: Self.attack)
      var round = 0
      repeat {
        try expectService(lab, "lab\(round)", before)
        round += 1
      } while Date() < end
      _ = try lab.on("h2", "touch", "/run/over")
      let run = stranger.wait(limit: 60)
      #expect((run.output.split(separator: "\n").last.flatMap { Int($0) } ?? 0) >= 600, "\(run.output)\(run.errors)")
      #expect(try lab.sessions() == sessions, "no agent had to connect anew")
      #expect(try Memory.resident(#require(before["bus"])) < resident + (64 << 20))
      try expectService(lab, "after", before)
    }
  }

  @Test func `a name that is held, an operation of another and a made-up session are refused in words`() throws {
    try TestLab.with { lab in
      try lab.deploy(.pair("pair"))
      let before = try processes(lab)
      let sessions = try lab.sessions()

      var twin = try TestPeer(.reconciler, address(lab))
      #expect(try twin.refusal()?.code == .alreadyExists)

      let h9 = try HostName("h9")
      let h1 = try HostName("h1")
      var agent = try TestPeer(.agent(h9), address(lab))
      let spec = HostSpec(
        name: h1, underlay: try IPAddress("10.254.0.9"), underlayMTU: 1500, capacity: 1, runtimes: ["namespace"], capabilities: [])
      let registration = Registration(spec: spec, instance: Instance(1), store: nil)
      #expect(try agent.ask(.reconciler(.register(registration)), .reconciler).failure?.code == .permissionDenied)
      let report = Report(
        session: Session(7), sequence: 1, isFull: true, changes: [], applied: Revision(1), digest: 0, ends: EndSeries(origin: Instance(1)))
      #expect(try agent.ask(.reconciler(.report(report)), .reconciler).failure?.message.contains("unknown session") == true)
      let heartbeat = Heartbeat(session: Session(7), sequence: 1, applied: Revision(1), digest: 0, load: HostLoad())
      #expect(try agent.ask(.reconciler(.heartbeat(heartbeat)), .reconciler).reply == .reconciler(.heartbeat(.register)))
      let query = AssignmentQuery(host: h1, bound: nil, have: .zero)
      #expect(try agent.ask(.configs(.assignment(query)), .configs).failure?.code == .permissionDenied)
      for service in [PeerName.jobs, .links] {
        #expect(try agent.ask(.jobs(.destroyLab(try LabName("pair"))), service).failure?.code == .permissionDenied)
      }
      // Another deployment's epoch, however high, says nothing about this store.
      let foreign = StoreIdentity(deployment: Deployment(random: 99), incarnation: Incarnation(random: 99))
      let high = AssignmentQuery(host: h9, bound: foreign, have: Revision(1_000_000))
      #expect(try agent.ask(.configs(.assignment(high)), .configs).failure?.code == .notFound)

      var client = try TestPeer(.client("mallory"), address(lab))
      let put = Put(changes: [.lab(try LabName("pair"), nil)], expect: [])
      #expect(try client.ask(.configs(.put(put)), .configs).failure?.code == .permissionDenied)
      #expect(try client.ask(.jobs(.registerHost(spec)), .jobs).failure?.code == .permissionDenied)
      #expect(try client.ask(.configs(.snapshot), .configs).failure?.code == .permissionDenied)
      let forged = FarEnds(host: h1, instance: Instance(1), version: 1, ends: [])
      #expect(try client.ask(.agent(.farEnds(forged)), .agent(try HostName("h2"))).failure?.code == .permissionDenied)

      #expect(try lab.isConverged("pair"))
      #expect(try lab.sessions() == sessions)
      #expect(try lab.ping("10.9.0.2", from: "a", in: "pair", count: 1).exit == 0)
      try lab.destroy("pair")
      try expectService(lab, "after", before)
    }
  }

  @Test func `a peer that stops reading delays nobody, and its askers are told`() throws {
    try TestLab.with { lab in
      let before = try processes(lab)
      let bus = try #require(before["bus"])
      let resident = try Memory.resident(bus)
      // It follows all events and is asked much, and reads nothing of either.
      var deaf = try TestPeer(.agent(try HostName("h9")), address(lab))
      try deaf.follow(.all)
      #expect(try deaf.connect())
      var asker = try TestPeer(.client("asker"), address(lab))
      let large = ExecRequest(
        node: NodeID(try LabName("x"), try NodeName("y")), argv: [String](repeating: String(repeating: "z", count: 1_000), count: 200),
        timeout: 1)
      var told: ErrorCode?
      for _ in 0..<2_000 where told == nil { told = try asker.post(.agent(.exec(large)), .agent(try HostName("h9"))) }
      #expect(told == .resourceExhausted)
      for round in 0..<3 { try expectService(lab, "lab\(round)", before) }
      #expect(try Memory.resident(bus) < resident + (128 << 20))
    }
  }
}
