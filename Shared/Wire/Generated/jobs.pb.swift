// swift-format-ignore-file
// Generated from proto/jobs.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  enum NodeVerb: Sendable, Hashable {
    case unspecified
    case start
    case stop
    case restart
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .start
        case 2: self = .stop
        case 3: self = .restart
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .start: 1
        case .stop: 2
        case .restart: 3
        case .unrecognized(let value): value
      }
    }
  }

  enum LabAction: Sendable, Hashable {
    case unspecified
    case start
    case replace
    case move
    case update
    case remove
    case connect
    case resize
    case rewire
    case disconnect
    case unrecognized(Int32)

    init(rawValue: Int32) {
      switch rawValue {
        case 0: self = .unspecified
        case 1: self = .start
        case 2: self = .replace
        case 3: self = .move
        case 4: self = .update
        case 5: self = .remove
        case 6: self = .connect
        case 7: self = .resize
        case 8: self = .rewire
        case 9: self = .disconnect
        default: self = .unrecognized(rawValue)
      }
    }

    var rawValue: Int32 {
      switch self {
        case .unspecified: 0
        case .start: 1
        case .replace: 2
        case .move: 3
        case .update: 4
        case .remove: 5
        case .connect: 6
        case .resize: 7
        case .rewire: 8
        case .disconnect: 9
        case .unrecognized(let value): value
      }
    }
  }

  struct ApplyLabRequest: ProtoMessage {
    var spec: Proto.LabSpec?
    /// Nodes get the file's configs again and restart.
    var reconfigure: Bool = false
  }

  struct PlanLabRequest: ProtoMessage {
    var spec: Proto.LabSpec?
    var reconfigure: Bool = false
  }

  struct DestroyLabRequest: ProtoMessage {
    var lab: String = ""
  }

  struct SetNodesRequest: ProtoMessage {
    var lab: String = ""
    var verb: Proto.NodeVerb = .unspecified
    /// None: all of the lab.
    var nodes: [String] = []
  }

  struct CancelRequest: ProtoMessage {
    var job: String = ""
  }

  struct ShowRequest: ProtoMessage {
    var job: String = ""
  }

  struct ListRequest: ProtoMessage {
  }

  struct RegisterHostRequest: ProtoMessage {
    var spec: Proto.HostSpec?
  }

  struct ForgetHostRequest: ProtoMessage {
    var host: String = ""
  }

  struct RestrainHostRequest: ProtoMessage {
    var host: String = ""
    var restraint: Proto.Restraint?
  }

  struct JobReply: ProtoMessage {
    var job: Proto.Job?
  }

  struct ListReply: ProtoMessage {
    var jobs: [Proto.Job] = []
  }

  struct PlanReply: ProtoMessage {
    var changes: [Proto.LabChange] = []
  }

  struct LabChange: ProtoMessage {
    var action: Proto.LabAction = .unspecified
    /// A node's name or a link's id.
    var subject: String = ""
    var hosts: [String] = []
    /// A link that is there goes down for a moment.
    var blinks: Bool = false
  }

  struct DoneReply: ProtoMessage {
  }
}

extension Proto.ApplyLabRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ApplyLabRequest>) { archetype__apply_lab_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ApplyLabRequest>) {
    self.spec = _c.pointee.spec.map { Proto.LabSpec(c: $0) }
    self.reconfigure = _c.pointee.reconfigure != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ApplyLabRequest>, _ _arena: borrowing Arena) {
    _c.pointee.spec = self.spec?.c(in: _arena)
    _c.pointee.reconfigure = self.reconfigure ? 1 : 0
  }
}

extension Proto.PlanLabRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PlanLabRequest>) { archetype__plan_lab_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__PlanLabRequest>) {
    self.spec = _c.pointee.spec.map { Proto.LabSpec(c: $0) }
    self.reconfigure = _c.pointee.reconfigure != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PlanLabRequest>, _ _arena: borrowing Arena) {
    _c.pointee.spec = self.spec?.c(in: _arena)
    _c.pointee.reconfigure = self.reconfigure ? 1 : 0
  }
}

extension Proto.DestroyLabRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__DestroyLabRequest>) { archetype__destroy_lab_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__DestroyLabRequest>) {
    self.lab = Arena.text(_c.pointee.lab)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__DestroyLabRequest>, _ _arena: borrowing Arena) {
    _c.pointee.lab = _arena.string(self.lab)
  }
}

extension Proto.SetNodesRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__SetNodesRequest>) { archetype__set_nodes_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__SetNodesRequest>) {
    self.lab = Arena.text(_c.pointee.lab)
    self.verb = Proto.NodeVerb(rawValue: .init(truncatingIfNeeded: _c.pointee.verb.rawValue))
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.text($0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__SetNodesRequest>, _ _arena: borrowing Arena) {
    _c.pointee.lab = _arena.string(self.lab)
    _c.pointee.verb = Archetype__NodeVerb(rawValue: .init(truncatingIfNeeded: self.verb.rawValue))
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _arena.string(_value) }
  }
}

extension Proto.CancelRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__CancelRequest>) { archetype__cancel_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__CancelRequest>) {
    self.job = Arena.text(_c.pointee.job)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__CancelRequest>, _ _arena: borrowing Arena) {
    _c.pointee.job = _arena.string(self.job)
  }
}

extension Proto.ShowRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ShowRequest>) { archetype__show_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ShowRequest>) {
    self.job = Arena.text(_c.pointee.job)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ShowRequest>, _ _arena: borrowing Arena) {
    _c.pointee.job = _arena.string(self.job)
  }
}

extension Proto.ListRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ListRequest>) { archetype__list_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ListRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ListRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.RegisterHostRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RegisterHostRequest>) { archetype__register_host_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RegisterHostRequest>) {
    self.spec = _c.pointee.spec.map { Proto.HostSpec(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RegisterHostRequest>, _ _arena: borrowing Arena) {
    _c.pointee.spec = self.spec?.c(in: _arena)
  }
}

extension Proto.ForgetHostRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ForgetHostRequest>) { archetype__forget_host_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ForgetHostRequest>) {
    self.host = Arena.text(_c.pointee.host)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ForgetHostRequest>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
  }
}

extension Proto.RestrainHostRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__RestrainHostRequest>) { archetype__restrain_host_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__RestrainHostRequest>) {
    self.host = Arena.text(_c.pointee.host)
    self.restraint = _c.pointee.wish_case.rawValue == 2 ? Proto.Restraint(rawValue: .init(truncatingIfNeeded: _c.pointee.restraint.rawValue)) : nil
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__RestrainHostRequest>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    if let _value = self.restraint {
      _c.pointee.wish_case.rawValue = 2
      _c.pointee.restraint = Archetype__Restraint(rawValue: .init(truncatingIfNeeded: _value.rawValue))
    }
  }
}

extension Proto.JobReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__JobReply>) { archetype__job_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__JobReply>) {
    self.job = _c.pointee.job.map { Proto.Job(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__JobReply>, _ _arena: borrowing Arena) {
    _c.pointee.job = self.job?.c(in: _arena)
  }
}

extension Proto.ListReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ListReply>) { archetype__list_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ListReply>) {
    self.jobs = Arena.list(_c.pointee.jobs, _c.pointee.n_jobs) { Arena.message($0, Proto.Job.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ListReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_jobs = self.jobs.count
    _c.pointee.jobs = _arena.list(self.jobs) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.PlanReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PlanReply>) { archetype__plan_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__PlanReply>) {
    self.changes = Arena.list(_c.pointee.changes, _c.pointee.n_changes) { Arena.message($0, Proto.LabChange.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PlanReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_changes = self.changes.count
    _c.pointee.changes = _arena.list(self.changes) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.LabChange {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LabChange>) { archetype__lab_change__init(_c) }

  init(c _c: UnsafePointer<Archetype__LabChange>) {
    self.action = Proto.LabAction(rawValue: .init(truncatingIfNeeded: _c.pointee.action.rawValue))
    self.subject = Arena.text(_c.pointee.subject)
    self.hosts = Arena.list(_c.pointee.hosts, _c.pointee.n_hosts) { Arena.text($0) }
    self.blinks = _c.pointee.blinks != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LabChange>, _ _arena: borrowing Arena) {
    _c.pointee.action = Archetype__LabAction(rawValue: .init(truncatingIfNeeded: self.action.rawValue))
    _c.pointee.subject = _arena.string(self.subject)
    _c.pointee.n_hosts = self.hosts.count
    _c.pointee.hosts = _arena.list(self.hosts) { _value, _arena in _arena.string(_value) }
    _c.pointee.blinks = self.blinks ? 1 : 0
  }
}

extension Proto.DoneReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__DoneReply>) { archetype__done_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__DoneReply>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__DoneReply>, _ _arena: borrowing Arena) {
  }
}

extension Proto {
  /// What users ask for. The request id of what starts a job is the job's id.
  enum JobServiceMethod: String, CaseIterable, Sendable {
    case applyLab = "JobService.ApplyLab"
    /// What ApplyLab would do; does nothing.
    case planLab = "JobService.PlanLab"
    case destroyLab = "JobService.DestroyLab"
    /// Start, stop or restart.
    case setNodes = "JobService.SetNodes"
    case cancel = "JobService.Cancel"
    case show = "JobService.Show"
    case list = "JobService.List"
    case registerHost = "JobService.RegisterHost"
    case forgetHost = "JobService.ForgetHost"
    /// Cordon, drain, or take that back.
    case restrainHost = "JobService.RestrainHost"

    /// Whether the reply opens a numbered stream of events.
    var isStream: Bool {
      false
    }

    /// What is sent, and what comes back.
    var types: (request: any ProtoMessage.Type, reply: any ProtoMessage.Type) {
      switch self {
        case .applyLab: (Proto.ApplyLabRequest.self, Proto.JobReply.self)
        case .planLab: (Proto.PlanLabRequest.self, Proto.PlanReply.self)
        case .destroyLab: (Proto.DestroyLabRequest.self, Proto.JobReply.self)
        case .setNodes: (Proto.SetNodesRequest.self, Proto.JobReply.self)
        case .cancel: (Proto.CancelRequest.self, Proto.JobReply.self)
        case .show: (Proto.ShowRequest.self, Proto.JobReply.self)
        case .list: (Proto.ListRequest.self, Proto.ListReply.self)
        case .registerHost: (Proto.RegisterHostRequest.self, Proto.DoneReply.self)
        case .forgetHost: (Proto.ForgetHostRequest.self, Proto.DoneReply.self)
        case .restrainHost: (Proto.RestrainHostRequest.self, Proto.DoneReply.self)
      }
    }
  }

  /// What answers JobService: one method an operation.
  protocol JobServiceHandler {
    associatedtype Output
    func applyLab(_ request: Proto.ApplyLabRequest) throws -> Output
    func planLab(_ request: Proto.PlanLabRequest) throws -> Output
    func destroyLab(_ request: Proto.DestroyLabRequest) throws -> Output
    func setNodes(_ request: Proto.SetNodesRequest) throws -> Output
    func cancel(_ request: Proto.CancelRequest) throws -> Output
    func show(_ request: Proto.ShowRequest) throws -> Output
    func list(_ request: Proto.ListRequest) throws -> Output
    func registerHost(_ request: Proto.RegisterHostRequest) throws -> Output
    func forgetHost(_ request: Proto.ForgetHostRequest) throws -> Output
    func restrainHost(_ request: Proto.RestrainHostRequest) throws -> Output
  }

  /// What takes the replies of JobService: one method an operation.
  protocol JobServiceReplies {
    associatedtype Output
    func applyLab(_ reply: Proto.JobReply) throws -> Output
    func planLab(_ reply: Proto.PlanReply) throws -> Output
    func destroyLab(_ reply: Proto.JobReply) throws -> Output
    func setNodes(_ reply: Proto.JobReply) throws -> Output
    func cancel(_ reply: Proto.JobReply) throws -> Output
    func show(_ reply: Proto.JobReply) throws -> Output
    func list(_ reply: Proto.ListReply) throws -> Output
    func registerHost(_ reply: Proto.DoneReply) throws -> Output
    func forgetHost(_ reply: Proto.DoneReply) throws -> Output
    func restrainHost(_ reply: Proto.DoneReply) throws -> Output
  }

  /// Calls JobService over a channel.
  struct JobServiceClient<Channel: RequestChannel> {
    let channel: Channel

    func applyLab(_ request: Proto.ApplyLabRequest) throws -> Channel.Result {
      try channel.call("JobService.ApplyLab", request, returning: Proto.JobReply.self)
    }

    /// What ApplyLab would do; does nothing.
    func planLab(_ request: Proto.PlanLabRequest) throws -> Channel.Result {
      try channel.call("JobService.PlanLab", request, returning: Proto.PlanReply.self)
    }

    func destroyLab(_ request: Proto.DestroyLabRequest) throws -> Channel.Result {
      try channel.call("JobService.DestroyLab", request, returning: Proto.JobReply.self)
    }

    /// Start, stop or restart.
    func setNodes(_ request: Proto.SetNodesRequest) throws -> Channel.Result {
      try channel.call("JobService.SetNodes", request, returning: Proto.JobReply.self)
    }

    func cancel(_ request: Proto.CancelRequest) throws -> Channel.Result {
      try channel.call("JobService.Cancel", request, returning: Proto.JobReply.self)
    }

    func show(_ request: Proto.ShowRequest) throws -> Channel.Result {
      try channel.call("JobService.Show", request, returning: Proto.JobReply.self)
    }

    func list(_ request: Proto.ListRequest) throws -> Channel.Result {
      try channel.call("JobService.List", request, returning: Proto.ListReply.self)
    }

    func registerHost(_ request: Proto.RegisterHostRequest) throws -> Channel.Result {
      try channel.call("JobService.RegisterHost", request, returning: Proto.DoneReply.self)
    }

    func forgetHost(_ request: Proto.ForgetHostRequest) throws -> Channel.Result {
      try channel.call("JobService.ForgetHost", request, returning: Proto.DoneReply.self)
    }

    /// Cordon, drain, or take that back.
    func restrainHost(_ request: Proto.RestrainHostRequest) throws -> Channel.Result {
      try channel.call("JobService.RestrainHost", request, returning: Proto.DoneReply.self)
    }
  }
}

extension Proto.JobServiceHandler {
  /// Decodes the request and calls its method; throws `WireError` for bytes that are none.
  func handle(_ method: Proto.JobServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .applyLab: try self.applyLab(Proto.ApplyLabRequest(decoding: body))
      case .planLab: try self.planLab(Proto.PlanLabRequest(decoding: body))
      case .destroyLab: try self.destroyLab(Proto.DestroyLabRequest(decoding: body))
      case .setNodes: try self.setNodes(Proto.SetNodesRequest(decoding: body))
      case .cancel: try self.cancel(Proto.CancelRequest(decoding: body))
      case .show: try self.show(Proto.ShowRequest(decoding: body))
      case .list: try self.list(Proto.ListRequest(decoding: body))
      case .registerHost: try self.registerHost(Proto.RegisterHostRequest(decoding: body))
      case .forgetHost: try self.forgetHost(Proto.ForgetHostRequest(decoding: body))
      case .restrainHost: try self.restrainHost(Proto.RestrainHostRequest(decoding: body))
    }
  }
}

extension Proto.JobServiceReplies {
  /// Decodes the reply and calls its method; throws `WireError` for bytes that are none.
  func handleReply(_ method: Proto.JobServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .applyLab: try self.applyLab(Proto.JobReply(decoding: body))
      case .planLab: try self.planLab(Proto.PlanReply(decoding: body))
      case .destroyLab: try self.destroyLab(Proto.JobReply(decoding: body))
      case .setNodes: try self.setNodes(Proto.JobReply(decoding: body))
      case .cancel: try self.cancel(Proto.JobReply(decoding: body))
      case .show: try self.show(Proto.JobReply(decoding: body))
      case .list: try self.list(Proto.ListReply(decoding: body))
      case .registerHost: try self.registerHost(Proto.DoneReply(decoding: body))
      case .forgetHost: try self.forgetHost(Proto.DoneReply(decoding: body))
      case .restrainHost: try self.restrainHost(Proto.DoneReply(decoding: body))
    }
  }
}
