import Model

/// AgentService's requests to bytes.
extension AgentRequest {
  func encode() -> (kind: String, body: [UInt8]) {
    let client = Proto.AgentServiceClient(channel: Encoder())
    return Codec.encoded {
      switch self {
      case .farEnds(let ends): try client.farEnds(ends.message)
      case .exec(let exec):
        try client.exec(Proto.ExecRequest(node: exec.node.message, argv: exec.argv, timeout: exec.timeout))
      case .execRead(let exec, let stdout, let stderr, let wait):
        try client.execRead(
          Proto.ExecReadRequest(exec: exec.message, stdout: UInt64(clamping: stdout), stderr: UInt64(clamping: stderr), wait: wait))
      case .execKill(let exec): try client.execKill(Proto.ExecKillRequest(exec: exec.message))
      case .logs(let node, let offset, let limit):
        try client.logs(Proto.LogsRequest(node: node.message, offset: offset, limit: UInt32(count: limit)))
      }
    }
  }
}

/// And back.
struct AgentRequestReader: Proto.AgentServiceHandler {
  func farEnds(_ request: Proto.FarEndsRequest) throws -> AgentRequest { .farEnds(try FarEnds(request)) }
  func exec(_ request: Proto.ExecRequest) throws -> AgentRequest {
    guard !request.argv.isEmpty else { throw missing("command") }
    return .exec(ExecRequest(node: try NodeID(required: request.node), argv: request.argv, timeout: request.timeout))
  }
  func execRead(_ request: Proto.ExecReadRequest) throws -> AgentRequest {
    .execRead(
      try ExecID(required: request.exec), stdout: try offset(request.stdout), stderr: try offset(request.stderr), wait: request.wait)
  }
  func execKill(_ request: Proto.ExecKillRequest) throws -> AgentRequest { .execKill(try ExecID(required: request.exec)) }
  func logs(_ request: Proto.LogsRequest) throws -> AgentRequest {
    .logs(try NodeID(required: request.node), offset: request.offset, limit: Int(request.limit))
  }

  private func offset(_ number: UInt64) throws(LabError) -> Int {
    guard let offset = Int(exactly: number) else { throw LabError(.outOfRange, "offset \(number)", "no output is as long") }
    return offset
  }
}

extension FarEnds: WireValue {
  init(_ message: Proto.FarEndsRequest) throws(LabError) {
    self.init(
      host: try HostName(message.host), instance: Instance(message.instance), version: message.version,
      ends: try message.ends.map { list throws(LabError) in try FarEnd.list(list.ends) })
  }
  var message: Proto.FarEndsRequest {
    Proto.FarEndsRequest(
      host: host.text, instance: instance.number, version: version, ends: ends.map { Proto.FarEndList(ends: $0.messages) })
  }
}

extension FarEnd: WireValue {
  init(_ message: Proto.FarEnd) throws(LabError) { self.init(try TunnelKey(required: message.key), up: message.up) }
  var message: Proto.FarEnd { Proto.FarEnd(key: key.message, up: up) }
}

/// AgentService's replies to bytes.
extension AgentReply {
  func encode() -> (kind: String, body: [UInt8]) {
    let (method, body): (Proto.AgentServiceMethod, [UInt8]) =
      switch self {
      case .farEnds(let instance, let version):
        (.farEnds, Codec.bytes(Proto.FarEndsReply(instance: instance.number, version: version)))
      case .exec(let exec): (.exec, Codec.bytes(Proto.ExecReply(exec: exec.message)))
      case .execOutput(let output):
        (
          .execRead,
          Codec.bytes(
            Proto.ExecReadReply(
              stdout: output.stdout, stderr: output.stderr, exit: output.exit?.message, overdue: output.isOverdue))
        )
      case .execKilled: (.execKill, Codec.bytes(Proto.ExecKillReply()))
      case .log(let part): (.logs, Codec.bytes(Proto.LogsReply(offset: part.offset, content: part.bytes)))
      }
    return (method.rawValue, body)
  }
}

/// And back.
struct AgentReplyReader: Proto.AgentServiceReplies {
  func farEnds(_ reply: Proto.FarEndsReply) -> AgentReply { .farEnds(Instance(reply.instance), version: reply.version) }
  func exec(_ reply: Proto.ExecReply) throws -> AgentReply { .exec(try ExecID(required: reply.exec)) }
  func execRead(_ reply: Proto.ExecReadReply) throws -> AgentReply {
    .execOutput(
      ExecOutput(stdout: reply.stdout, stderr: reply.stderr, exit: try Exit.optional(reply.exit), isOverdue: reply.overdue))
  }
  func execKill(_ reply: Proto.ExecKillReply) -> AgentReply { .execKilled }
  func logs(_ reply: Proto.LogsReply) -> AgentReply { .log(LogPart(offset: reply.offset, bytes: reply.content)) }
}
