import Model

/// JobService's requests to bytes.
extension JobsRequest {
  func encode(_ secrets: inout SecretWriter) -> (kind: String, body: [UInt8]) {
    let client = Proto.JobServiceClient(channel: Encoder())
    return Codec.encoded {
      switch self {
      case .applyLab(let spec, let reconfigure):
        try client.applyLab(Proto.ApplyLabRequest(spec: spec.message(&secrets), reconfigure: reconfigure))
      case .planLab(let spec, let reconfigure):
        try client.planLab(Proto.PlanLabRequest(spec: spec.message(&secrets), reconfigure: reconfigure))
      case .destroyLab(let lab): try client.destroyLab(Proto.DestroyLabRequest(lab: lab.text))
      case .setNodes(let lab, let verb, let nodes):
        try client.setNodes(Proto.SetNodesRequest(lab: lab.text, verb: verb.message, nodes: nodes.map(\.text)))
      case .cancel(let job): try client.cancel(Proto.CancelRequest(job: job.text))
      case .list: try client.list(Proto.ListRequest())
      case .show(let job): try client.show(Proto.ShowRequest(job: job.text))
      case .registerHost(let spec): try client.registerHost(Proto.RegisterHostRequest(spec: spec.message))
      case .forgetHost(let host): try client.forgetHost(Proto.ForgetHostRequest(host: host.text))
      case .restrainHost(let host, let restraint):
        try client.restrainHost(Proto.RestrainHostRequest(host: host.text, restraint: restraint?.message))
      }
    }
  }
}

/// And back.
struct JobsRequestReader: Proto.JobServiceHandler {
  let secrets: SecretReader

  func applyLab(_ request: Proto.ApplyLabRequest) throws -> JobsRequest {
    .applyLab(try LabSpec(required: request.spec, secrets), reconfigure: request.reconfigure)
  }
  func planLab(_ request: Proto.PlanLabRequest) throws -> JobsRequest {
    .planLab(try LabSpec(required: request.spec, secrets), reconfigure: request.reconfigure)
  }
  func destroyLab(_ request: Proto.DestroyLabRequest) throws -> JobsRequest { .destroyLab(try LabName(request.lab)) }
  func setNodes(_ request: Proto.SetNodesRequest) throws -> JobsRequest {
    .setNodes(try LabName(request.lab), try NodeVerb(request.verb), try names(request.nodes))
  }
  func cancel(_ request: Proto.CancelRequest) throws -> JobsRequest { .cancel(try JobID(request.job)) }
  func list(_ request: Proto.ListRequest) -> JobsRequest { .list }
  func show(_ request: Proto.ShowRequest) throws -> JobsRequest { .show(try JobID(request.job)) }
  func registerHost(_ request: Proto.RegisterHostRequest) throws -> JobsRequest { .registerHost(try HostSpec(required: request.spec)) }
  func forgetHost(_ request: Proto.ForgetHostRequest) throws -> JobsRequest { .forgetHost(try HostName(request.host)) }
  func restrainHost(_ request: Proto.RestrainHostRequest) throws -> JobsRequest {
    .restrainHost(try HostName(request.host), try Restraint.optional(request.restraint))
  }
}

extension NodeVerb: WireEnumeration {
  var message: Proto.NodeVerb {
    switch self {
    case .start: .start
    case .stop: .stop
    case .restart: .restart
    }
  }
}

/// JobService's replies to bytes. Several methods give a reply of one form; its kind is that of the first of them.
extension JobsReply {
  func encode() -> (kind: String, body: [UInt8]) {
    let (method, body): (Proto.JobServiceMethod, [UInt8]) =
      switch self {
      case .job(let job): (.applyLab, Codec.bytes(Proto.JobReply(job: job.message)))
      case .jobs(let jobs): (.list, Codec.bytes(Proto.ListReply(jobs: jobs.messages)))
      case .plan(let changes): (.planLab, Codec.bytes(Proto.PlanReply(changes: changes.messages)))
      case .done: (.registerHost, Codec.bytes(Proto.DoneReply()))
      }
    return (method.rawValue, body)
  }
}

/// And back.
struct JobsReplyReader: Proto.JobServiceReplies {
  func applyLab(_ reply: Proto.JobReply) throws -> JobsReply { try job(reply) }
  func planLab(_ reply: Proto.PlanReply) throws -> JobsReply { .plan(try LabChange.list(reply.changes)) }
  func destroyLab(_ reply: Proto.JobReply) throws -> JobsReply { try job(reply) }
  func setNodes(_ reply: Proto.JobReply) throws -> JobsReply { try job(reply) }
  func cancel(_ reply: Proto.JobReply) throws -> JobsReply { try job(reply) }
  func show(_ reply: Proto.JobReply) throws -> JobsReply { try job(reply) }
  func list(_ reply: Proto.ListReply) throws -> JobsReply { .jobs(try Job.list(reply.jobs)) }
  func registerHost(_ reply: Proto.DoneReply) -> JobsReply { .done }
  func forgetHost(_ reply: Proto.DoneReply) -> JobsReply { .done }
  func restrainHost(_ reply: Proto.DoneReply) -> JobsReply { .done }

  private func job(_ reply: Proto.JobReply) throws(LabError) -> JobsReply { .job(try Job(required: reply.job)) }
}
