import Model

/// AgentService's requests to bytes.
extension AgentRequest {
  func encode(_ secrets: inout SecretWriter) -> (kind: String, body: [UInt8]) {
    let client = Proto.AgentServiceClient(channel: Encoder())
    return Codec.encoded {
      switch self {
      case .farEnds(let ends): try client.farEnds(ends.message)
      case .exec(let exec): try client.exec(exec.message)
      case .execRead(let exec, let stdout, let stderr, let wait):
        try client.execRead(
          Proto.ExecReadRequest(exec: exec.message, stdout: UInt64(clamping: stdout), stderr: UInt64(clamping: stderr), wait: wait))
      case .execWrite(let exec, let offset, let content, let isEnd):
        try client.execWrite(
          Proto.ExecWriteRequest(exec: exec.message, offset: UInt64(clamping: offset), secret: secrets.add(content), end: isEnd))
      case .execResize(let exec, let size):
        try client.execResize(Proto.ExecResizeRequest(exec: exec.message, terminal: size.message))
      case .execKill(let exec): try client.execKill(Proto.ExecKillRequest(exec: exec.message))
      case .logs(let node, let offset, let limit):
        try client.logs(Proto.LogsRequest(node: node.message, offset: offset, limit: UInt32(count: limit)))
      case .postmortem: try client.postmortem(Proto.PostmortemRequest())
      case .greet: try client.greet(Proto.GreetRequest())
      case .images: try client.images(Proto.ImagesRequest())
      case .imageTask(.pull(let image)): try client.imageTask(Proto.ImageTaskRequest(pull: image))
      case .imageTask(.load): try client.imageTask(Proto.ImageTaskRequest())
      case .usage(let query): try client.usage(query.message)
      }
    }
  }
}

/// And back.
struct AgentRequestReader: Proto.AgentServiceHandler {
  let secrets: SecretReader

  func farEnds(_ request: Proto.FarEndsRequest) throws -> AgentRequest { .farEnds(try FarEnds(request)) }
  func exec(_ request: Proto.ExecRequest) throws -> AgentRequest { .exec(try ExecRequest(request)) }
  func execRead(_ request: Proto.ExecReadRequest) throws -> AgentRequest {
    .execRead(
      try ExecID(required: request.exec), stdout: try offset(request.stdout), stderr: try offset(request.stderr), wait: request.wait)
  }
  func execWrite(_ request: Proto.ExecWriteRequest) throws -> AgentRequest {
    .execWrite(
      try ExecID(required: request.exec), offset: try offset(request.offset), try secrets.blob(at: request.secret), isEnd: request.end)
  }
  func execResize(_ request: Proto.ExecResizeRequest) throws -> AgentRequest {
    guard let size = request.terminal else { throw missing("terminal") }
    return .execResize(try ExecID(required: request.exec), try TerminalSize(size))
  }
  func execKill(_ request: Proto.ExecKillRequest) throws -> AgentRequest { .execKill(try ExecID(required: request.exec)) }
  func logs(_ request: Proto.LogsRequest) throws -> AgentRequest {
    .logs(try NodeID(required: request.node), offset: request.offset, limit: Int(request.limit))
  }
  func postmortem(_ request: Proto.PostmortemRequest) -> AgentRequest { .postmortem }
  func greet(_ request: Proto.GreetRequest) -> AgentRequest { .greet }
  func images(_ request: Proto.ImagesRequest) -> AgentRequest { .images }
  func imageTask(_ request: Proto.ImageTaskRequest) -> AgentRequest { .imageTask(request.pull.isEmpty ? .load : .pull(request.pull)) }
  func usage(_ request: Proto.UsageRequest) throws -> AgentRequest { .usage(try UsageQuery(request)) }

  private func offset(_ number: UInt64) throws(LabError) -> Int {
    guard let offset = Int(exactly: number) else { throw LabError(.outOfRange, "offset \(number)", "no output is as long") }
    return offset
  }
}

extension ExecRequest: WireValue {
  init(_ message: Proto.ExecRequest) throws(LabError) {
    let input: ExecInput =
      if let size = message.terminal { .terminal(try TerminalSize(size)) } else { message.takesInput ? .stream : .none }
    if message.argv.isEmpty, input == .none { throw missing("command") }
    self.init(node: try NodeID(required: message.node), argv: message.argv, timeout: message.timeout, input: input)
  }
  var message: Proto.ExecRequest {
    var message = Proto.ExecRequest(node: node.message, argv: argv, timeout: timeout)
    switch input {
    case .none: break
    case .stream: message.takesInput = true
    case .terminal(let size): message.terminal = size.message
    }
    return message
  }
}

extension TerminalSize: WireValue {
  init(_ message: Proto.TerminalSize) throws(LabError) {
    guard let rows = UInt16(exactly: message.rows), let columns = UInt16(exactly: message.columns) else {
      throw LabError(.outOfRange, "terminal", "\(message.rows) × \(message.columns) characters are too many")
    }
    self.init(rows: rows, columns: columns)
  }
  var message: Proto.TerminalSize { Proto.TerminalSize(rows: UInt32(rows), columns: UInt32(columns)) }
}

extension FarEnds: WireValue {
  init(_ message: Proto.FarEndsRequest) throws(LabError) {
    self.init(
      host: try HostName(message.host), instance: Instance(message.instance), version: message.version,
      ends: try message.ends.map { list throws(LabError) in try FarEnd.list(list.ends) },
      nodes: try FarNode.list(message.ends?.nodes ?? []))
  }
  var message: Proto.FarEndsRequest {
    Proto.FarEndsRequest(
      host: host.text, instance: instance.number, version: version,
      ends: ends.map { Proto.FarEndList(ends: $0.messages, nodes: nodes.messages) })
  }
}

extension FarNode: WireValue {
  init(_ message: Proto.FarNode) throws(LabError) {
    self.init(
      try NodeKey(required: message.key), startSerial: message.startSerial, specDigest: message.specDigest,
      reached: Set(try message.reached.map { stage throws(LabError) in try Stage(stage) }))
  }
  var message: Proto.FarNode {
    Proto.FarNode(
      key: key.message, startSerial: startSerial, specDigest: specDigest, reached: reached.sorted().map(\.message))
  }
}

extension FarEnd: WireValue {
  init(_ message: Proto.FarEnd) throws(LabError) { self.init(try TunnelKey(required: message.key), up: message.up) }
  var message: Proto.FarEnd { Proto.FarEnd(key: key.message, up: up) }
}

/// AgentService's replies to bytes.
extension AgentReply {
  func encode(_ secrets: inout SecretWriter) -> (kind: String, body: [UInt8]) {
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
      case .execWritten(let taken): (.execWrite, Codec.bytes(Proto.ExecWriteReply(taken: UInt64(clamping: taken))))
      case .execResized: (.execResize, Codec.bytes(Proto.ExecResizeReply()))
      case .execKilled: (.execKill, Codec.bytes(Proto.ExecKillReply()))
      case .log(let part): (.logs, Codec.bytes(Proto.LogsReply(offset: part.offset, content: part.bytes)))
      case .postmortem(let postmortem): (.postmortem, Codec.bytes(postmortem.message(&secrets)))
      case .greeted: (.greet, Codec.bytes(Proto.GreetReply()))
      case .images(let images): (.images, Codec.bytes(Proto.ImagesReply(images: images.map(\.message))))
      case .imageTask(let exec): (.imageTask, Codec.bytes(Proto.ImageTaskReply(exec: exec.message)))
      case .usage(let page): (.usage, Codec.bytes(page.message))
      }
    return (method.rawValue, body)
  }
}

/// And back.
struct AgentReplyReader: Proto.AgentServiceReplies {
  let secrets: SecretReader

  func farEnds(_ reply: Proto.FarEndsReply) -> AgentReply { .farEnds(Instance(reply.instance), version: reply.version) }
  func exec(_ reply: Proto.ExecReply) throws -> AgentReply { .exec(try ExecID(required: reply.exec)) }
  func execRead(_ reply: Proto.ExecReadReply) throws -> AgentReply {
    .execOutput(
      ExecOutput(stdout: reply.stdout, stderr: reply.stderr, exit: try Exit.optional(reply.exit), isOverdue: reply.overdue))
  }
  func execWrite(_ reply: Proto.ExecWriteReply) throws -> AgentReply {
    guard let taken = Int(exactly: reply.taken) else { throw LabError(.outOfRange, "taken", "no input is as long") }
    return .execWritten(taken)
  }
  func execResize(_ reply: Proto.ExecResizeReply) -> AgentReply { .execResized }
  func execKill(_ reply: Proto.ExecKillReply) -> AgentReply { .execKilled }
  func logs(_ reply: Proto.LogsReply) -> AgentReply { .log(LogPart(offset: reply.offset, bytes: reply.content)) }
  func postmortem(_ reply: Proto.PostmortemReply) throws -> AgentReply { .postmortem(try Postmortem(reply, secrets)) }
  func greet(_ reply: Proto.GreetReply) -> AgentReply { .greeted }
  func images(_ reply: Proto.ImagesReply) -> AgentReply { .images(reply.images.map { HostImage($0) }) }
  func imageTask(_ reply: Proto.ImageTaskReply) throws -> AgentReply { .imageTask(try ExecID(required: reply.exec)) }
  func usage(_ reply: Proto.UsageReply) throws -> AgentReply { .usage(try UsagePage(reply)) }
}

extension HostImage {
  fileprivate init(_ message: Proto.HostImage) { self.init(names: message.names, id: message.id, size: message.size) }
  fileprivate var message: Proto.HostImage { Proto.HostImage(names: names, id: id, size: size) }
}
