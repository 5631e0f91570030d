import Bus
import Foundation
import Machine
import Model
import Support
import Testing
import Wire

/// Services of this version, and peers of an older one, in the middle of an upgrade.
@Suite(.serialized) struct OlderPeerTests {
  /// Its words from its start on, as they were said to an older reconciler.
  private func join(_ agent: inout OlderPeer) throws {
    #expect(try agent.greet())
    guard case .reconciler(.registered(let session))? = try agent.ask(agent.requests("ReconcilerService.Register").last)?.get() else {
      Issue.record("not registered")
      return
    }
    for report in agent.requests("ReconcilerService.Report") {
      guard case .reconciler(.reported)? = try agent.ask(report, in: session)?.get() else {
        Issue.record("a report is not taken")
        return
      }
    }
    let beat = try agent.ask(agent.requests("ReconcilerService.Heartbeat").last, in: session)?.get()
    #expect(beat == .reconciler(.heartbeat(.current)))
  }

  /// What older command lines have asked is answered.
  private func ask(_ older: Older, _ services: UpgradedServices) throws {
    var answered = 0
    for name in older.clients {
      var user = try OlderPeer(name, older, services.address)
      #expect(try user.greet())
      for kind in ["JobService.Show", "ReconcilerService.Events", "ReconcilerService.Hosts", "ReconcilerService.Inspect"] {
        for question in user.requests(kind) {
          let reply = try user.ask(question)?.get()
          #expect(reply != nil, "\(kind)")
          answered += 1
        }
      }
    }
    #expect(answered >= 4)
  }

  private func assignment(of agent: inout OlderPeer) throws -> Reply? {
    try agent.ask(agent.requests("ConfigService.Assignment").last)?.get()
  }

  private func inspect(_ services: UpgradedServices) throws -> [String: Any] {
    let run = try services.archetype("inspect", "older", "--format", "json")
    return run.exit == 0 ? try run.json() as? [String: Any] ?? [:] : [:]
  }

  @Test func `older agents and command lines are understood, and the agents are given nothing that they don't know`() throws {
    let older = try Older()
    try UpgradedServices.with { services in
      var first = try OlderPeer(.agent(try HostName("h1")), older, services.address)
      var second = try OlderPeer(.agent(try HostName("h2")), older, services.address)
      // Again, should this machine stand still for longer than hosts may be silent.
      let isConverged = try eventually {
        try join(&first)
        try join(&second)
        return try inspect(services)["converged"] as? Bool == true
      }
      #expect(isConverged)
      try ask(older, services)

      // What it doesn't know is neither given to it nor silently left out.
      let staged = try services.file("staged", Self.staged("host: h1"))
      for command in [["deploy", "-t", staged], ["deploy", "-t", staged, "--plan"]] {
        let run = try services.archetype(command)
        #expect(run.exit == 1)
        #expect(run.errors.contains("staged/a: the agent of host h1 doesn't know stages (upgrade its agent"), "\(run.errors)")
      }
      let free = try services.archetype(["deploy", "-t", try services.file("staged", Self.staged(""))])
      #expect(free.exit == 1 && free.errors.contains("no host's agent knows stages (upgrade the agents of h1, h2"), "\(free.errors)")
      let shown = try services.archetype(["host", "show", "h1"])
      #expect(shown.output.contains("its agent is older and doesn't know stages (upgrade it)"), "\(shown.output)\(shown.errors)")

      let more = try services.archetype(["deploy", "--detach", "-t", try services.file("more", Self.more)])
      #expect(more.exit == 0, "\(more.errors)")
      for host in ["h1", "h2"] {
        let answer = host == "h1" ? try assignment(of: &first) : try assignment(of: &second)
        guard case .configs(.assignment(let assignment))? = answer else {
          Issue.record("\(host) is given no assignment: \(String(describing: answer))")
          continue
        }
        #expect(assignment.labs.map(\.key.name.text) == ["more", "older"])
        // What it would be told otherwise is found.
        var newer = assignment
        newer.labs[0].nodes[0].spec.stages.started = ["true"]
        let coded = Codec.encode(Reply.configs(.assignment(newer)))
        let type = try #require(older.speech.type(of: coded.kind, isReply: true))
        #expect(older.speech.unknown(in: coded.body, as: type) == [".archetype.NodeSpec 16"])
      }
      #expect(first.unknown == [] && second.unknown == [])
    }
  }

  @Test func `who asks an older agent for what it can't do is told to upgrade it`() throws {
    let older = try Older()
    try UpgradedServices.with { services in
      var agent = try OlderPeer(.agent(try HostName("h1")), older, services.address)
      let isThere = try eventually {
        try join(&agent)
        return try services.archetype(["host", "list"]).output.contains("online")
      }
      #expect(isThere)
      let words = "its agent is older and can't do this yet (upgrade it; 'archetype status agent/h1' shows its version)"
      let asking = try StartedCommand(TestLab.builtPrograms + "/archetype", ["stats"], environment: services.environment)
      let hasEnded = try agent.serve { !asking.isRunning }
      let run = asking.wait(limit: 1)
      #expect(hasEnded && run.exit == 1 && run.errors.contains("warning: host h1: \(words)"), "\(run)")
    }
  }

  @Test func `what assignments hold beyond an older version belongs to a capability`() throws {
    let path = FileManager.default.temporaryDirectory.path + "/archetype-\(UUID().uuidString).protoset"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let folder = TestLab.repository + "/proto"
    let run = try CommandRun.run(
      "/usr/bin/protoc", ["--proto_path=\(folder)", "--descriptor_set_out=\(path)", "--include_imports", "configs.proto"])
    #expect(run.exit == 0, "\(run.errors)")
    let news = try OlderProtocol(reading: path).news(since: Older().speech, in: ".archetype.AssignmentReply")
    let capabilities: [Capability: Set<String>] = [
      .stages: [".archetype.NodeSpec.stages", ".archetype.AssignedNode.awaited", ".archetype.AssignedNode.watchers"]
    ]
    #expect(Set(capabilities.keys) == Set(Capability.allCases))
    #expect(news == capabilities.values.reduce([]) { $0.union($1) }, "an agent that doesn't know it passes over it: see decision 32")
  }

  @Test func `a peer that speaks another version of the protocol is told which side to upgrade, and so is its user`() throws {
    try UpgradedServices.with { services in
      for (version, advice) in [(2, "upgrade archetype-bus"), (0, "upgrade the program that greets")] as [(UInt32, String)] {
        let stranger = try Socket(.dealer, in: try Context())
        try stranger.connect(services.address.requests)
        let hello = Hello(name: .client("stranger"), instance: Instance(7), protocolVersion: version)
        _ = try stranger.send([HubFrame.hello(hello).encode()])
        var told: [[UInt8]]?
        let isTold = try eventually {
          told = try stranger.receive()?.frames
          return told != nil
        }
        #expect(isTold)
        let frame = try #require(told?.first)
        guard case .refused(.failedPrecondition, let words) = try HubFrame(decoding: frame) else {
          Issue.record("version \(version) is not refused")
          continue
        }
        #expect(words == "speaks version \(version) of the protocol, and this bus version 1 (\(advice))")

        // A bus that says so to this version's command line.
        let folder = services.folder + "/other\(version)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let context = try Context()
        let other = try Socket(.router, in: context)
        try other.bind("ipc://\(folder)/requests")
        let command = try StartedCommand(TestLab.builtPrograms + "/archetype", ["list", "--bus", "ipc://\(folder)"])
        let hasEnded = try eventually {
          if let greeting = try other.receive() { _ = try other.send([greeting.frames[0], frame]) }
          return !command.isRunning
        }
        let run = command.wait(limit: 1)
        #expect(hasEnded && run.exit == 1)
        #expect(run.errors.contains(words), "\(run.errors)")
      }
    }
  }

  @Test func `a lab that needs more than the services know is not deployed by a newer command line`() throws {
    try UpgradedServices.with([]) { services in
      let jobs = try Socket(.dealer, in: try Context())
      try jobs.connect(services.address.requests)
      _ = try jobs.send([HubFrame.hello(Hello(name: .jobs, instance: Instance(7))).encode()])
      for more in [[], ["--plan"]] {
        let file = try services.file("staged", Self.staged(""))
        let command = try StartedCommand(
          TestLab.builtPrograms + "/archetype", ["deploy", "-t", file] + more, environment: services.environment)
        let hasEnded = try eventually {
          while let asked = try jobs.receive() { try answerAsOlder(asked.frames, jobs) }
          return !command.isRunning
        }
        let run = command.wait(limit: 1)
        let words = "jobs: is older and doesn't know stages, which lab staged needs (upgrade archetype-jobs"
        #expect(hasEnded && run.exit == 1 && run.errors.contains(words), "\(run.errors)")
      }
    }
  }

  /// How it is, without a word of what it knows; anything else isn't asked.
  private func answerAsOlder(_ frames: [[UInt8]], _ socket: borrowing Socket) throws {
    guard frames.count > 1, case .delivered(let from) = try HubFrame(decoding: frames[0]) else { return }
    let asked = try Envelope(decoding: frames[1])
    #expect(asked.kind == "PeerService.Status")
    let program = ProgramStatus(
      build: "0.0.9", instance: Instance(7), uptime: 1, processor: 1, memory: 1, isServing: true, handled: 1, waiting: 0, longestRound: 1,
      complaint: nil, figures: [])
    let status = PeerStatus(name: .jobs, program: program, capabilities: [])
    let coded = Codec.encode(Reply.peer(.status(status)))
    let reply = Envelope(kind: coded.kind, isReply: true, requestID: asked.requestID, instance: 7, body: coded.body)
    _ = try socket.send([HubFrame.request(to: from).encode(), reply.encode()])
  }

  private static func staged(_ place: String) -> String {
    """
    name: staged
    topology:
      nodes:
        a: {kind: linux, image: alpine, \(place)}
        b:
          kind: linux
          image: alpine
          \(place)
          stages: {create: {wait-for: [{node: a, stage: healthy}]}}
    """
  }

  /// Much of what an older version knew.
  private static let more = """
    name: more
    mgmt: {network: more, ipv4-subnet: 172.31.98.0/24}
    topology:
      nodes:
        a: {kind: linux, image: alpine, host: h1, env: {WORD: secret}, exec: ["true"], ready: {command: "true"}, startup-delay: 1}
        b: {kind: linux, image: alpine, host: h2, cmd: sleep 1000, ports: ["8080:80"]}
      links:
        - endpoints: ["a:eth1", "b:eth1"]

    """
}
