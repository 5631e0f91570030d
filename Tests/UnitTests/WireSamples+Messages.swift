import Machine
import Model
import Wire

/// One message of each case.
extension WireSamples {
  mutating func requests() throws -> [Request] {
    try configsRequests().map(Request.configs) + jobsRequests().map(Request.jobs) + reconcilerRequests().map(Request.reconciler)
      + agentRequests().map(Request.agent) + [
        .peer(.status), .peer(.recent(after: number())), .peer(.audit(after: number(), limit: below(1 << 20))), .peer(.enroll(text())),
      ]
  }

  private mutating func configsRequests() throws -> [ConfigsRequest] {
    let content = blob()
    return [
      .put(
        Put(
          changes: try records(), expect: try keys().map { Expectation($0, at: revision()) },
          basis: maybe { PutBasis(store: $0.store(), revision: $0.revision(), instance: $0.maybe { $0.instance() }) })),
      .putBlob(Digest.sha256(content), content), .getBlob(try digest()), .missingBlobs(try list { try $0.digest() }), .snapshot,
      .assignment(AssignmentQuery(host: try name(), bound: maybe { $0.store() }, have: revision())), .standing,
      .recover(Incarnation(random: number()), of: PutBasis(store: store(), revision: revision())), .backup,
      .backupPart(try requestID(), offset: number()), .restorePart(try requestID(), offset: number(), content),
      .restore(try requestID(), bytes: number()),
    ]
  }

  private mutating func jobsRequests() throws -> [JobsRequest] {
    [
      .applyLab(try spec(), reconfigure: flip()), .planLab(try spec(), reconfigure: flip()), .destroyLab(try name()),
      .setNodes(try name(), any(NodeVerb.self), try names()),
      .cancel(try job()), .list, .show(try job()), .registerHost(try host()), .forgetHost(try name()),
      .restrainHost(try name(), maybe { $0.any(Restraint.self) }),
    ]
  }

  private mutating func reconcilerRequests() throws -> [ReconcilerRequest] {
    [
      .register(Registration(spec: try host(), instance: instance(), store: maybe { $0.store() })),
      .report(
        Report(
          session: session(), sequence: 1 + number() % Limits.sequence, isFull: flip(), changes: try changes(), applied: revision(),
          digest: number(), ends: series())),
      .heartbeat(
        Heartbeat(
          session: session(), sequence: number(), applied: revision(), digest: number(), load: load(), reason: text(),
          lacks: list { $0.text() })),
      .inspect(try name()), .labs(try names()), .hosts,
      .events(EventQuery(since: number(), from: Int64(below(1 << 50)), lab: try maybe { try $0.name() }, limit: below(1000))),
      .remains(try labKey(), of: try names()), .clearVNIs(try list { try $0.tombstone() }),
    ]
  }

  private mutating func usage() throws -> NodeUsage {
    var resources = ResourceUsage(pid: Int32(1 + below(1 << 20)))
    (resources.processor, resources.throttledPeriods, resources.throttled) = (number(), number(), number())
    (resources.memory, resources.memoryLimit, resources.memoryKills) = (number(), maybe { 1 + $0.number() / 2 }, number())
    (resources.processes, resources.processLimit) = (number(), maybe { 1 + $0.number() / 2 })
    return NodeUsage(
      node: try nodeID(), at: number(), resources: resources,
      interfaces: try list {
        InterfaceUsage(
          try $0.ordinal(), name: $0.text(), received: .init(bytes: $0.number(), packets: $0.number()),
          sent: .init(bytes: $0.number(), packets: $0.number()))
      })
  }

  private mutating func agentRequests() throws -> [AgentRequest] {
    [
      .farEnds(
        FarEnds(
          host: try name(), instance: instance(), version: number(), ends: try list { FarEnd(try $0.tunnelKey(), up: $0.flip()) },
          nodes: try list {
            FarNode(try $0.nodeKey(), startSerial: $0.number(), specDigest: $0.number(), reached: Set($0.list { $0.any(Stage.self) }))
          })),
      .farEnds(FarEnds(host: try name(), instance: instance(), version: number(), ends: nil)),
      .exec(ExecRequest(node: try nodeID(), argv: [text()] + list { $0.text() }, timeout: number(), input: flip() ? .none : .stream)),
      .exec(ExecRequest(node: try nodeID(), argv: list { $0.text() }, timeout: number(), input: .terminal(size()))),
      .execWrite(execID(), offset: below(1 << 40), blob(), isEnd: flip()), .execResize(execID(), size()),
      .execRead(execID(), stdout: below(1 << 40), stderr: below(1 << 40), wait: number()), .execKill(execID()),
      .usage(UsageQuery(lab: try maybe { try $0.name() }, nodes: try names(), after: try maybe { try $0.nodeID() })),
      .logs(try nodeID(), offset: Int64(below(1 << 40)) - 1 << 39, limit: below(1 << 20)), .postmortem, .greet, .images,
      .imageTask(.pull("image")), .imageTask(.load),
    ]
  }

  private mutating func size() -> TerminalSize { TerminalSize(rows: UInt16(below(1 << 16)), columns: UInt16(below(1 << 16))) }

  mutating func replies() throws -> [Reply] {
    let configs: [ConfigsReply] = [
      .put(revision()), .blobStored, .blob(blob()), .missingBlobs(try list { try $0.digest() }),
      .snapshot(
        IntentSnapshot(
          store: store(), revision: revision(), records: try records().map { VersionedRecord(revision: revision(), record: $0) },
          instance: instance())),
      .assignment(try assignment()), .assignmentUnchanged(revision()), .recovered(store()),
      .standing(StoreStanding(store: store(), revision: revision(), suspension: text())),
      .backup(StoreCopy(store: store(), revision: revision(), bytes: number())), .backupPart(blob()), .restorePart,
      .restored(StoreCopy(store: store(), revision: revision(), bytes: number())),
    ]
    let jobs: [JobsReply] = [.job(try jobRecord()), .jobs(try list { try $0.jobRecord() }), .plan(try list { try $0.labChange() }), .done]
    let reconciler: [ReconcilerReply] = [
      .registered(session()), .reported(number()), .heartbeat(any(HeartbeatAnswer.self)), .lab(try status()),
      .labs(try list { try $0.summary() }, of: Incarnation(random: number())), .hosts(try list { try $0.hostStatus() }),
      .events(list { $0.event() }, last: number()),
      .remains(try names(), lost: try names()), .clearVNIs(try list { ClearVNI(try $0.vni(), hosts: try $0.names()) }),
    ]
    let agent: [AgentReply] = [
      .usage(UsagePage(nodes: try list { try $0.usage() }, last: try maybe { try $0.nodeID() })),
      .farEnds(instance(), version: number()), .exec(execID()),
      .execOutput(ExecOutput(stdout: bytes(), stderr: bytes(), exit: maybe { $0.exit() }, isOverdue: flip())), .execWritten(below(1 << 40)),
      .execResized, .execKilled,
      .log(LogPart(offset: Int64(below(1 << 40)), bytes: bytes())), .postmortem(try postmortem()), .greeted,
      .images(list { HostImage(names: $0.list { $0.text() }, id: $0.text(), size: $0.number()) }), .imageTask(execID()),
    ]
    return configs.map(Reply.configs) + jobs.map(Reply.jobs) + reconciler.map(Reply.reconciler) + agent.map(Reply.agent)
      + [
        .peer(.status(try peerStatus())), .peer(.recent(list { $0.traceRecord() })),
        .peer(.audit(try list { try $0.auditRecord() }, last: number())), .peer(.enrolled),
      ]
  }

  private mutating func traceRecord() -> TraceRecord {
    TraceRecord(
      number: number(), at: Int64(below(1 << 50)), from: text(), to: text(), frame: bytes(), envelope: bytes(), secretBytes: below(1 << 40),
      secretDigest: text())
  }

  private mutating func auditRecord() throws -> AuditRecord {
    AuditRecord(
      number: number(), at: Int64(below(1 << 50)), peer: try peer(), key: try maybe { try $0.peer() }, kind: text(), requestID: text(),
      subject: text(), refusal: text())
  }

  private mutating func peerStatus() throws -> PeerStatus {
    let program = ProgramStatus(
      build: text(), instance: instance(), uptime: number(), processor: number(), memory: number(), isServing: flip(), handled: number(),
      waiting: number(), longestRound: number(),
      complaint: maybe { ProgramStatus.Complaint(at: Int64($0.below(1 << 50)), text: $0.text()) },
      figures: list { Figure($0.text(), $0.number()) })
    return PeerStatus(name: try peer(), program: program, peers: try list { try $0.peer() }, capabilities: list { $0.text() })
  }

  mutating func facts() throws -> [Fact] {
    [.intent(IntentChange(revision: revision(), changes: try records())), .assigned(revision()), .event(event()), .head]
  }

  mutating func peer() throws -> PeerName {
    pick([.bus, .configs, .jobs, .links, .reconciler, .agent(try name()), .client(try (name() as HostName).text)])
  }

  mutating func topic() throws -> Topic { pick([.intent, .all, .assign(try name()), .lab(try name())]) }

  mutating func hubFrames() throws -> [HubFrame] {
    [
      .hello(
        Hello(
          name: try peer(), instance: instance(), protocolVersion: UInt32(below(9)), capabilities: list { $0.text() }, build: text())),
      .welcome(hub: instance()), .helloRequired, .refused(any(ErrorCode.self), text()), .probe(number()), .probed(number()),
      .request(to: try peer()), .delivered(from: try peer()), .publish(try topic()), .published(from: try peer(), try topic()),
      .synced(number()), .undelivered(to: try peer(), try requestID(), any(ErrorCode.self), text()),
    ]
  }
}
