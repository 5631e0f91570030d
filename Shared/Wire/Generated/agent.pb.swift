// swift-format-ignore-file
// Generated from proto/agent.proto by proto/generate.sh. Do not edit.

import CMessages

extension Proto {
  struct FarEndsRequest: ProtoMessage {
    var host: String = ""
    var instance: UInt64 = 0
    var version: UInt64 = 0
    /// Absent: only the version, to compare.
    var ends: Proto.FarEndList?
  }

  struct FarEndList: ProtoMessage {
    var ends: [Proto.FarEnd] = []
    /// Of nodes that nodes of the asked host wait for.
    var nodes: [Proto.FarNode] = []
  }

  struct FarNode: ProtoMessage {
    var key: Proto.NodeKey?
    var startSerial: UInt64 = 0
    var specDigest: UInt64 = 0
    var reached: [Proto.Stage] = []
  }

  struct FarEnd: ProtoMessage {
    var key: Proto.TunnelKey?
    var up: Bool = false
  }

  struct FarEndsReply: ProtoMessage {
    var instance: UInt64 = 0
    var version: UInt64 = 0
  }

  struct ExecRequest: ProtoMessage {
    var node: Proto.NodeID?
    /// Empty: the node's own console; only with input.
    var argv: [String] = []
    /// Milliseconds until it is killed; with a terminal it isn't.
    var timeout: UInt64 = 0
    /// Absent: none.
    var terminal: Proto.TerminalSize?
    /// Its input comes by ExecWrite; always so with a terminal.
    var takesInput: Bool = false
  }

  /// In characters.
  struct TerminalSize: ProtoMessage {
    var rows: UInt32 = 0
    var columns: UInt32 = 0
  }

  struct ExecID: ProtoMessage {
    var instance: UInt64 = 0
    var number: UInt64 = 0
  }

  struct ExecReply: ProtoMessage {
    var exec: Proto.ExecID?
  }

  struct ExecReadRequest: ProtoMessage {
    var exec: Proto.ExecID?
    /// Offsets in bytes.
    var stdout: UInt64 = 0
    var stderr: UInt64 = 0
    /// Milliseconds to wait for output.
    var wait: UInt64 = 0
  }

  struct ExecReadReply: ProtoMessage {
    var stdout: [UInt8] = []
    var stderr: [UInt8] = []
    /// Absent: it runs, or there is more to read.
    var exit: Proto.Exit?
    /// It was killed because its time was over.
    var overdue: Bool = false
  }

  struct ExecWriteRequest: ProtoMessage {
    var exec: Proto.ExecID?
    /// Where the content begins in all that is written.
    var offset: UInt64 = 0
    /// Index of the content in Secrets: people type passwords.
    var secret: UInt32 = 0
    /// Nothing follows the content.
    var end: Bool = false
  }

  struct ExecWriteReply: ProtoMessage {
    /// How much of all has been taken; the rest is to be sent again.
    var taken: UInt64 = 0
  }

  struct ExecResizeRequest: ProtoMessage {
    var exec: Proto.ExecID?
    var terminal: Proto.TerminalSize?
  }

  struct ExecResizeReply: ProtoMessage {
  }

  struct ExecKillRequest: ProtoMessage {
    var exec: Proto.ExecID?
  }

  struct ExecKillReply: ProtoMessage {
  }

  struct LogsRequest: ProtoMessage {
    var node: Proto.NodeID?
    /// Negative: that many bytes before the end.
    var offset: Int64 = 0
    var limit: UInt32 = 0
  }

  struct LogsReply: ProtoMessage {
    var offset: Int64 = 0
    var content: [UInt8] = []
  }

  struct PostmortemRequest: ProtoMessage {
  }

  struct PostmortemReply: ProtoMessage {
    var host: String = ""
    /// Milliseconds since 1970.
    var at: Int64 = 0
    var boot: String = ""
    var records: [Proto.BoxRecord] = []
    var loads: [Proto.BoxRecord] = []
    var remarks: [String] = []
    var kernel: Proto.SystemLines?
    var system: Proto.SystemLines?
  }

  /// Lines of a log that isn't ours. What looks like a secret was taken out; what doesn't may still be one.
  struct SystemLines: ProtoMessage {
    /// Indices of the secrets' frame.
    var lines: [UInt32] = []
    var reason: String = ""
  }

  /// What is written into the black box at once.
  struct BoxGroup: ProtoMessage {
    var records: [Proto.BoxRecord] = []
  }

  struct BoxRecord: ProtoMessage {
    var boot: String = ""
    var wall: Int64 = 0
    var up: UInt64 = 0
    var entry: Entry?

    enum Entry: Sendable, Hashable {
      case began(Proto.BoxBegin)
      case actions(Proto.BoxActions)
      case over(Proto.BoxOver)
      case load(Proto.HostLoad)
      case note(String)
      case stopped(Proto.Nothing)
    }
  }

  struct BoxBegin: ProtoMessage {
    var agent: UInt64 = 0
    var build: String = ""
  }

  struct BoxActions: ProtoMessage {
    var number: UInt64 = 0
    var kind: String = ""
    var words: [String] = []
    var more: UInt32 = 0
  }

  struct BoxOver: ProtoMessage {
    var number: UInt64 = 0
    var failures: UInt32 = 0
  }

  struct GreetRequest: ProtoMessage {
  }

  struct GreetReply: ProtoMessage {
  }

  struct ImagesRequest: ProtoMessage {
  }

  struct ImagesReply: ProtoMessage {
    var images: [Proto.HostImage] = []
  }

  struct HostImage: ProtoMessage {
    /// Sorted; none where it only has an id.
    var names: [String] = []
    var id: String = ""
    /// Bytes on disk.
    var size: UInt64 = 0
  }

  struct ImageTaskRequest: ProtoMessage {
    /// The image to pull; empty: the input is an archive to load.
    var pull: String = ""
  }

  struct ImageTaskReply: ProtoMessage {
    var exec: Proto.ExecID?
  }

  struct UsageRequest: ProtoMessage {
    /// Empty: of every lab.
    var lab: String = ""
    /// Empty: all.
    var nodes: [String] = []
    /// The last one of the page before; absent: from the first.
    var after: Proto.NodeID?
  }

  struct UsageReply: ProtoMessage {
    var nodes: [Proto.NodeUsage] = []
    /// Absent: there are no more.
    var last: Proto.NodeID?
  }

  struct NodeUsage: ProtoMessage {
    var node: Proto.NodeID?
    /// The host's time since its boot, in milliseconds.
    var at: UInt64 = 0
    var pid: Int32 = 0
    /// Microseconds.
    var processor: UInt64 = 0
    var throttledPeriods: UInt64 = 0
    var throttled: UInt64 = 0
    var memory: UInt64 = 0
    /// 0: none.
    var memoryLimit: UInt64 = 0
    var processes: UInt64 = 0
    var processLimit: UInt64 = 0
    var memoryKills: UInt64 = 0
    var interfaces: [Proto.InterfaceUsage] = []
  }

  /// As the node sees it.
  struct InterfaceUsage: ProtoMessage {
    var ordinal: UInt32 = 0
    var receivedBytes: UInt64 = 0
    var receivedPackets: UInt64 = 0
    var sentBytes: UInt64 = 0
    var sentPackets: UInt64 = 0
    var name: String = ""
  }
}

extension Proto.FarEndsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__FarEndsRequest>) { archetype__far_ends_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__FarEndsRequest>) {
    self.host = Arena.text(_c.pointee.host)
    self.instance = _c.pointee.instance
    self.version = _c.pointee.version
    self.ends = _c.pointee.ends.map { Proto.FarEndList(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__FarEndsRequest>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.instance = self.instance
    _c.pointee.version = self.version
    _c.pointee.ends = self.ends?.c(in: _arena)
  }
}

extension Proto.FarEndList {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__FarEndList>) { archetype__far_end_list__init(_c) }

  init(c _c: UnsafePointer<Archetype__FarEndList>) {
    self.ends = Arena.list(_c.pointee.ends, _c.pointee.n_ends) { Arena.message($0, Proto.FarEnd.self) }
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.message($0, Proto.FarNode.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__FarEndList>, _ _arena: borrowing Arena) {
    _c.pointee.n_ends = self.ends.count
    _c.pointee.ends = _arena.list(self.ends) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.FarNode {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__FarNode>) { archetype__far_node__init(_c) }

  init(c _c: UnsafePointer<Archetype__FarNode>) {
    self.key = _c.pointee.key.map { Proto.NodeKey(c: $0) }
    self.startSerial = _c.pointee.start_serial
    self.specDigest = _c.pointee.spec_digest
    self.reached = Arena.list(_c.pointee.reached, _c.pointee.n_reached) { Proto.Stage(rawValue: .init(truncatingIfNeeded: $0.rawValue)) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__FarNode>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.start_serial = self.startSerial
    _c.pointee.spec_digest = self.specDigest
    _c.pointee.n_reached = self.reached.count
    _c.pointee.reached = _arena.list(self.reached) { _value, _arena in Archetype__Stage(rawValue: .init(truncatingIfNeeded: _value.rawValue)) }
  }
}

extension Proto.FarEnd {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__FarEnd>) { archetype__far_end__init(_c) }

  init(c _c: UnsafePointer<Archetype__FarEnd>) {
    self.key = _c.pointee.key.map { Proto.TunnelKey(c: $0) }
    self.up = _c.pointee.up != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__FarEnd>, _ _arena: borrowing Arena) {
    _c.pointee.key = self.key?.c(in: _arena)
    _c.pointee.up = self.up ? 1 : 0
  }
}

extension Proto.FarEndsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__FarEndsReply>) { archetype__far_ends_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__FarEndsReply>) {
    self.instance = _c.pointee.instance
    self.version = _c.pointee.version
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__FarEndsReply>, _ _arena: borrowing Arena) {
    _c.pointee.instance = self.instance
    _c.pointee.version = self.version
  }
}

extension Proto.ExecRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecRequest>) { archetype__exec_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecRequest>) {
    self.node = _c.pointee.node.map { Proto.NodeID(c: $0) }
    self.argv = Arena.list(_c.pointee.argv, _c.pointee.n_argv) { Arena.text($0) }
    self.timeout = _c.pointee.timeout
    self.terminal = _c.pointee.terminal.map { Proto.TerminalSize(c: $0) }
    self.takesInput = _c.pointee.takes_input != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecRequest>, _ _arena: borrowing Arena) {
    _c.pointee.node = self.node?.c(in: _arena)
    _c.pointee.n_argv = self.argv.count
    _c.pointee.argv = _arena.list(self.argv) { _value, _arena in _arena.string(_value) }
    _c.pointee.timeout = self.timeout
    _c.pointee.terminal = self.terminal?.c(in: _arena)
    _c.pointee.takes_input = self.takesInput ? 1 : 0
  }
}

extension Proto.TerminalSize {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__TerminalSize>) { archetype__terminal_size__init(_c) }

  init(c _c: UnsafePointer<Archetype__TerminalSize>) {
    self.rows = _c.pointee.rows
    self.columns = _c.pointee.columns
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__TerminalSize>, _ _arena: borrowing Arena) {
    _c.pointee.rows = self.rows
    _c.pointee.columns = self.columns
  }
}

extension Proto.ExecID {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecID>) { archetype__exec_id__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecID>) {
    self.instance = _c.pointee.instance
    self.number = _c.pointee.number
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecID>, _ _arena: borrowing Arena) {
    _c.pointee.instance = self.instance
    _c.pointee.number = self.number
  }
}

extension Proto.ExecReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecReply>) { archetype__exec_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecReply>) {
    self.exec = _c.pointee.exec.map { Proto.ExecID(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecReply>, _ _arena: borrowing Arena) {
    _c.pointee.exec = self.exec?.c(in: _arena)
  }
}

extension Proto.ExecReadRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecReadRequest>) { archetype__exec_read_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecReadRequest>) {
    self.exec = _c.pointee.exec.map { Proto.ExecID(c: $0) }
    self.stdout = _c.pointee.stdout
    self.stderr = _c.pointee.stderr
    self.wait = _c.pointee.wait
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecReadRequest>, _ _arena: borrowing Arena) {
    _c.pointee.exec = self.exec?.c(in: _arena)
    _c.pointee.stdout = self.stdout
    _c.pointee.stderr = self.stderr
    _c.pointee.wait = self.wait
  }
}

extension Proto.ExecReadReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecReadReply>) { archetype__exec_read_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecReadReply>) {
    self.stdout = Arena.octets(_c.pointee.stdout)
    self.stderr = Arena.octets(_c.pointee.stderr)
    self.exit = _c.pointee.exit.map { Proto.Exit(c: $0) }
    self.overdue = _c.pointee.overdue != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecReadReply>, _ _arena: borrowing Arena) {
    _c.pointee.stdout = _arena.bytes(self.stdout)
    _c.pointee.stderr = _arena.bytes(self.stderr)
    _c.pointee.exit = self.exit?.c(in: _arena)
    _c.pointee.overdue = self.overdue ? 1 : 0
  }
}

extension Proto.ExecWriteRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecWriteRequest>) { archetype__exec_write_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecWriteRequest>) {
    self.exec = _c.pointee.exec.map { Proto.ExecID(c: $0) }
    self.offset = _c.pointee.offset
    self.secret = _c.pointee.secret
    self.end = _c.pointee.end != 0
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecWriteRequest>, _ _arena: borrowing Arena) {
    _c.pointee.exec = self.exec?.c(in: _arena)
    _c.pointee.offset = self.offset
    _c.pointee.secret = self.secret
    _c.pointee.end = self.end ? 1 : 0
  }
}

extension Proto.ExecWriteReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecWriteReply>) { archetype__exec_write_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecWriteReply>) {
    self.taken = _c.pointee.taken
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecWriteReply>, _ _arena: borrowing Arena) {
    _c.pointee.taken = self.taken
  }
}

extension Proto.ExecResizeRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecResizeRequest>) { archetype__exec_resize_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecResizeRequest>) {
    self.exec = _c.pointee.exec.map { Proto.ExecID(c: $0) }
    self.terminal = _c.pointee.terminal.map { Proto.TerminalSize(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecResizeRequest>, _ _arena: borrowing Arena) {
    _c.pointee.exec = self.exec?.c(in: _arena)
    _c.pointee.terminal = self.terminal?.c(in: _arena)
  }
}

extension Proto.ExecResizeReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecResizeReply>) { archetype__exec_resize_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecResizeReply>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecResizeReply>, _ _arena: borrowing Arena) {
  }
}

extension Proto.ExecKillRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecKillRequest>) { archetype__exec_kill_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecKillRequest>) {
    self.exec = _c.pointee.exec.map { Proto.ExecID(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecKillRequest>, _ _arena: borrowing Arena) {
    _c.pointee.exec = self.exec?.c(in: _arena)
  }
}

extension Proto.ExecKillReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ExecKillReply>) { archetype__exec_kill_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ExecKillReply>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ExecKillReply>, _ _arena: borrowing Arena) {
  }
}

extension Proto.LogsRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LogsRequest>) { archetype__logs_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__LogsRequest>) {
    self.node = _c.pointee.node.map { Proto.NodeID(c: $0) }
    self.offset = _c.pointee.offset
    self.limit = _c.pointee.limit
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LogsRequest>, _ _arena: borrowing Arena) {
    _c.pointee.node = self.node?.c(in: _arena)
    _c.pointee.offset = self.offset
    _c.pointee.limit = self.limit
  }
}

extension Proto.LogsReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__LogsReply>) { archetype__logs_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__LogsReply>) {
    self.offset = _c.pointee.offset
    self.content = Arena.octets(_c.pointee.content)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__LogsReply>, _ _arena: borrowing Arena) {
    _c.pointee.offset = self.offset
    _c.pointee.content = _arena.bytes(self.content)
  }
}

extension Proto.PostmortemRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PostmortemRequest>) { archetype__postmortem_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__PostmortemRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PostmortemRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.PostmortemReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__PostmortemReply>) { archetype__postmortem_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__PostmortemReply>) {
    self.host = Arena.text(_c.pointee.host)
    self.at = _c.pointee.at
    self.boot = Arena.text(_c.pointee.boot)
    self.records = Arena.list(_c.pointee.records, _c.pointee.n_records) { Arena.message($0, Proto.BoxRecord.self) }
    self.loads = Arena.list(_c.pointee.loads, _c.pointee.n_loads) { Arena.message($0, Proto.BoxRecord.self) }
    self.remarks = Arena.list(_c.pointee.remarks, _c.pointee.n_remarks) { Arena.text($0) }
    self.kernel = _c.pointee.kernel.map { Proto.SystemLines(c: $0) }
    self.system = _c.pointee.system.map { Proto.SystemLines(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__PostmortemReply>, _ _arena: borrowing Arena) {
    _c.pointee.host = _arena.string(self.host)
    _c.pointee.at = self.at
    _c.pointee.boot = _arena.string(self.boot)
    _c.pointee.n_records = self.records.count
    _c.pointee.records = _arena.list(self.records) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_loads = self.loads.count
    _c.pointee.loads = _arena.list(self.loads) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.n_remarks = self.remarks.count
    _c.pointee.remarks = _arena.list(self.remarks) { _value, _arena in _arena.string(_value) }
    _c.pointee.kernel = self.kernel?.c(in: _arena)
    _c.pointee.system = self.system?.c(in: _arena)
  }
}

extension Proto.SystemLines {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__SystemLines>) { archetype__system_lines__init(_c) }

  init(c _c: UnsafePointer<Archetype__SystemLines>) {
    self.lines = Arena.list(_c.pointee.lines, _c.pointee.n_lines) { $0 }
    self.reason = Arena.text(_c.pointee.reason)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__SystemLines>, _ _arena: borrowing Arena) {
    _c.pointee.n_lines = self.lines.count
    _c.pointee.lines = _arena.list(self.lines) { _value, _arena in _value }
    _c.pointee.reason = _arena.string(self.reason)
  }
}

extension Proto.BoxGroup {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BoxGroup>) { archetype__box_group__init(_c) }

  init(c _c: UnsafePointer<Archetype__BoxGroup>) {
    self.records = Arena.list(_c.pointee.records, _c.pointee.n_records) { Arena.message($0, Proto.BoxRecord.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BoxGroup>, _ _arena: borrowing Arena) {
    _c.pointee.n_records = self.records.count
    _c.pointee.records = _arena.list(self.records) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.BoxRecord {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BoxRecord>) { archetype__box_record__init(_c) }

  init(c _c: UnsafePointer<Archetype__BoxRecord>) {
    self.boot = Arena.text(_c.pointee.boot)
    self.wall = _c.pointee.wall
    self.up = _c.pointee.up
    switch _c.pointee.entry_case.rawValue {
      case 4: self.entry = .began(Arena.message(_c.pointee.began, Proto.BoxBegin.self))
      case 5: self.entry = .actions(Arena.message(_c.pointee.actions, Proto.BoxActions.self))
      case 6: self.entry = .over(Arena.message(_c.pointee.over, Proto.BoxOver.self))
      case 7: self.entry = .load(Arena.message(_c.pointee.load, Proto.HostLoad.self))
      case 8: self.entry = .note(Arena.text(_c.pointee.note))
      case 9: self.entry = .stopped(Arena.message(_c.pointee.stopped, Proto.Nothing.self))
      default: self.entry = nil
    }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BoxRecord>, _ _arena: borrowing Arena) {
    _c.pointee.boot = _arena.string(self.boot)
    _c.pointee.wall = self.wall
    _c.pointee.up = self.up
    switch self.entry {
      case nil: break
      case .began(let _value)?:
        _c.pointee.entry_case.rawValue = 4
        _c.pointee.began = _value.c(in: _arena)
      case .actions(let _value)?:
        _c.pointee.entry_case.rawValue = 5
        _c.pointee.actions = _value.c(in: _arena)
      case .over(let _value)?:
        _c.pointee.entry_case.rawValue = 6
        _c.pointee.over = _value.c(in: _arena)
      case .load(let _value)?:
        _c.pointee.entry_case.rawValue = 7
        _c.pointee.load = _value.c(in: _arena)
      case .note(let _value)?:
        _c.pointee.entry_case.rawValue = 8
        _c.pointee.note = _arena.string(_value)
      case .stopped(let _value)?:
        _c.pointee.entry_case.rawValue = 9
        _c.pointee.stopped = _value.c(in: _arena)
    }
  }
}

extension Proto.BoxBegin {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BoxBegin>) { archetype__box_begin__init(_c) }

  init(c _c: UnsafePointer<Archetype__BoxBegin>) {
    self.agent = _c.pointee.agent
    self.build = Arena.text(_c.pointee.build)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BoxBegin>, _ _arena: borrowing Arena) {
    _c.pointee.agent = self.agent
    _c.pointee.build = _arena.string(self.build)
  }
}

extension Proto.BoxActions {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BoxActions>) { archetype__box_actions__init(_c) }

  init(c _c: UnsafePointer<Archetype__BoxActions>) {
    self.number = _c.pointee.number
    self.kind = Arena.text(_c.pointee.kind)
    self.words = Arena.list(_c.pointee.words, _c.pointee.n_words) { Arena.text($0) }
    self.more = _c.pointee.more
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BoxActions>, _ _arena: borrowing Arena) {
    _c.pointee.number = self.number
    _c.pointee.kind = _arena.string(self.kind)
    _c.pointee.n_words = self.words.count
    _c.pointee.words = _arena.list(self.words) { _value, _arena in _arena.string(_value) }
    _c.pointee.more = self.more
  }
}

extension Proto.BoxOver {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__BoxOver>) { archetype__box_over__init(_c) }

  init(c _c: UnsafePointer<Archetype__BoxOver>) {
    self.number = _c.pointee.number
    self.failures = _c.pointee.failures
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__BoxOver>, _ _arena: borrowing Arena) {
    _c.pointee.number = self.number
    _c.pointee.failures = self.failures
  }
}

extension Proto.GreetRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__GreetRequest>) { archetype__greet_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__GreetRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__GreetRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.GreetReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__GreetReply>) { archetype__greet_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__GreetReply>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__GreetReply>, _ _arena: borrowing Arena) {
  }
}

extension Proto.ImagesRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ImagesRequest>) { archetype__images_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ImagesRequest>) {
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ImagesRequest>, _ _arena: borrowing Arena) {
  }
}

extension Proto.ImagesReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ImagesReply>) { archetype__images_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ImagesReply>) {
    self.images = Arena.list(_c.pointee.images, _c.pointee.n_images) { Arena.message($0, Proto.HostImage.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ImagesReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_images = self.images.count
    _c.pointee.images = _arena.list(self.images) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.HostImage {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__HostImage>) { archetype__host_image__init(_c) }

  init(c _c: UnsafePointer<Archetype__HostImage>) {
    self.names = Arena.list(_c.pointee.names, _c.pointee.n_names) { Arena.text($0) }
    self.id = Arena.text(_c.pointee.id)
    self.size = _c.pointee.size
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__HostImage>, _ _arena: borrowing Arena) {
    _c.pointee.n_names = self.names.count
    _c.pointee.names = _arena.list(self.names) { _value, _arena in _arena.string(_value) }
    _c.pointee.id = _arena.string(self.id)
    _c.pointee.size = self.size
  }
}

extension Proto.ImageTaskRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ImageTaskRequest>) { archetype__image_task_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__ImageTaskRequest>) {
    self.pull = Arena.text(_c.pointee.pull)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ImageTaskRequest>, _ _arena: borrowing Arena) {
    _c.pointee.pull = _arena.string(self.pull)
  }
}

extension Proto.ImageTaskReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__ImageTaskReply>) { archetype__image_task_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__ImageTaskReply>) {
    self.exec = _c.pointee.exec.map { Proto.ExecID(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__ImageTaskReply>, _ _arena: borrowing Arena) {
    _c.pointee.exec = self.exec?.c(in: _arena)
  }
}

extension Proto.UsageRequest {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__UsageRequest>) { archetype__usage_request__init(_c) }

  init(c _c: UnsafePointer<Archetype__UsageRequest>) {
    self.lab = Arena.text(_c.pointee.lab)
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.text($0) }
    self.after = _c.pointee.after.map { Proto.NodeID(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__UsageRequest>, _ _arena: borrowing Arena) {
    _c.pointee.lab = _arena.string(self.lab)
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _arena.string(_value) }
    _c.pointee.after = self.after?.c(in: _arena)
  }
}

extension Proto.UsageReply {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__UsageReply>) { archetype__usage_reply__init(_c) }

  init(c _c: UnsafePointer<Archetype__UsageReply>) {
    self.nodes = Arena.list(_c.pointee.nodes, _c.pointee.n_nodes) { Arena.message($0, Proto.NodeUsage.self) }
    self.last = _c.pointee.last.map { Proto.NodeID(c: $0) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__UsageReply>, _ _arena: borrowing Arena) {
    _c.pointee.n_nodes = self.nodes.count
    _c.pointee.nodes = _arena.list(self.nodes) { _value, _arena in _value.c(in: _arena) }
    _c.pointee.last = self.last?.c(in: _arena)
  }
}

extension Proto.NodeUsage {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__NodeUsage>) { archetype__node_usage__init(_c) }

  init(c _c: UnsafePointer<Archetype__NodeUsage>) {
    self.node = _c.pointee.node.map { Proto.NodeID(c: $0) }
    self.at = _c.pointee.at
    self.pid = _c.pointee.pid
    self.processor = _c.pointee.processor
    self.throttledPeriods = _c.pointee.throttled_periods
    self.throttled = _c.pointee.throttled
    self.memory = _c.pointee.memory
    self.memoryLimit = _c.pointee.memory_limit
    self.processes = _c.pointee.processes
    self.processLimit = _c.pointee.process_limit
    self.memoryKills = _c.pointee.memory_kills
    self.interfaces = Arena.list(_c.pointee.interfaces, _c.pointee.n_interfaces) { Arena.message($0, Proto.InterfaceUsage.self) }
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__NodeUsage>, _ _arena: borrowing Arena) {
    _c.pointee.node = self.node?.c(in: _arena)
    _c.pointee.at = self.at
    _c.pointee.pid = self.pid
    _c.pointee.processor = self.processor
    _c.pointee.throttled_periods = self.throttledPeriods
    _c.pointee.throttled = self.throttled
    _c.pointee.memory = self.memory
    _c.pointee.memory_limit = self.memoryLimit
    _c.pointee.processes = self.processes
    _c.pointee.process_limit = self.processLimit
    _c.pointee.memory_kills = self.memoryKills
    _c.pointee.n_interfaces = self.interfaces.count
    _c.pointee.interfaces = _arena.list(self.interfaces) { _value, _arena in _value.c(in: _arena) }
  }
}

extension Proto.InterfaceUsage {
  static func initialize(_ _c: UnsafeMutablePointer<Archetype__InterfaceUsage>) { archetype__interface_usage__init(_c) }

  init(c _c: UnsafePointer<Archetype__InterfaceUsage>) {
    self.ordinal = _c.pointee.ordinal
    self.receivedBytes = _c.pointee.received_bytes
    self.receivedPackets = _c.pointee.received_packets
    self.sentBytes = _c.pointee.sent_bytes
    self.sentPackets = _c.pointee.sent_packets
    self.name = Arena.text(_c.pointee.name)
  }

  func fill(_ _c: UnsafeMutablePointer<Archetype__InterfaceUsage>, _ _arena: borrowing Arena) {
    _c.pointee.ordinal = self.ordinal
    _c.pointee.received_bytes = self.receivedBytes
    _c.pointee.received_packets = self.receivedPackets
    _c.pointee.sent_bytes = self.sentBytes
    _c.pointee.sent_packets = self.sentPackets
    _c.pointee.name = _arena.string(self.name)
  }
}

extension Proto {
  /// What agents ask of one another, and users of the agent of a node.
  enum AgentServiceMethod: String, CaseIterable, Sendable {
    /// Another host tells which of its nodes' interfaces are up at the far ends of links, and how far nodes have come that are waited for.
    case farEnds = "AgentService.FarEnds"
    /// At most once.
    case exec = "AgentService.Exec"
    case execRead = "AgentService.ExecRead"
    /// Input; a repetition is told what was taken before.
    case execWrite = "AgentService.ExecWrite"
    case execResize = "AgentService.ExecResize"
    case execKill = "AgentService.ExecKill"
    case logs = "AgentService.Logs"
    /// What is known of the host's last death.
    case postmortem = "AgentService.Postmortem"
    /// The reconciler has begun anew: register with it now.
    case greet = "AgentService.Greet"
    /// What the host's engine has.
    case images = "AgentService.Images"
    /// At most once; then as with Exec.
    case imageTask = "AgentService.ImageTask"
    /// What running nodes take of the host, a page at a time.
    case usage = "AgentService.Usage"

    /// Whether the reply opens a numbered stream of events.
    var isStream: Bool {
      false
    }

    /// What is sent, and what comes back.
    var types: (request: any ProtoMessage.Type, reply: any ProtoMessage.Type) {
      switch self {
        case .farEnds: (Proto.FarEndsRequest.self, Proto.FarEndsReply.self)
        case .exec: (Proto.ExecRequest.self, Proto.ExecReply.self)
        case .execRead: (Proto.ExecReadRequest.self, Proto.ExecReadReply.self)
        case .execWrite: (Proto.ExecWriteRequest.self, Proto.ExecWriteReply.self)
        case .execResize: (Proto.ExecResizeRequest.self, Proto.ExecResizeReply.self)
        case .execKill: (Proto.ExecKillRequest.self, Proto.ExecKillReply.self)
        case .logs: (Proto.LogsRequest.self, Proto.LogsReply.self)
        case .postmortem: (Proto.PostmortemRequest.self, Proto.PostmortemReply.self)
        case .greet: (Proto.GreetRequest.self, Proto.GreetReply.self)
        case .images: (Proto.ImagesRequest.self, Proto.ImagesReply.self)
        case .imageTask: (Proto.ImageTaskRequest.self, Proto.ImageTaskReply.self)
        case .usage: (Proto.UsageRequest.self, Proto.UsageReply.self)
      }
    }
  }

  /// What answers AgentService: one method an operation.
  protocol AgentServiceHandler {
    associatedtype Output
    func farEnds(_ request: Proto.FarEndsRequest) throws -> Output
    func exec(_ request: Proto.ExecRequest) throws -> Output
    func execRead(_ request: Proto.ExecReadRequest) throws -> Output
    func execWrite(_ request: Proto.ExecWriteRequest) throws -> Output
    func execResize(_ request: Proto.ExecResizeRequest) throws -> Output
    func execKill(_ request: Proto.ExecKillRequest) throws -> Output
    func logs(_ request: Proto.LogsRequest) throws -> Output
    func postmortem(_ request: Proto.PostmortemRequest) throws -> Output
    func greet(_ request: Proto.GreetRequest) throws -> Output
    func images(_ request: Proto.ImagesRequest) throws -> Output
    func imageTask(_ request: Proto.ImageTaskRequest) throws -> Output
    func usage(_ request: Proto.UsageRequest) throws -> Output
  }

  /// What takes the replies of AgentService: one method an operation.
  protocol AgentServiceReplies {
    associatedtype Output
    func farEnds(_ reply: Proto.FarEndsReply) throws -> Output
    func exec(_ reply: Proto.ExecReply) throws -> Output
    func execRead(_ reply: Proto.ExecReadReply) throws -> Output
    func execWrite(_ reply: Proto.ExecWriteReply) throws -> Output
    func execResize(_ reply: Proto.ExecResizeReply) throws -> Output
    func execKill(_ reply: Proto.ExecKillReply) throws -> Output
    func logs(_ reply: Proto.LogsReply) throws -> Output
    func postmortem(_ reply: Proto.PostmortemReply) throws -> Output
    func greet(_ reply: Proto.GreetReply) throws -> Output
    func images(_ reply: Proto.ImagesReply) throws -> Output
    func imageTask(_ reply: Proto.ImageTaskReply) throws -> Output
    func usage(_ reply: Proto.UsageReply) throws -> Output
  }

  /// Calls AgentService over a channel.
  struct AgentServiceClient<Channel: RequestChannel> {
    let channel: Channel

    /// Another host tells which of its nodes' interfaces are up at the far ends of links, and how far nodes have come that are waited for.
    func farEnds(_ request: Proto.FarEndsRequest) throws -> Channel.Result {
      try channel.call("AgentService.FarEnds", request, returning: Proto.FarEndsReply.self)
    }

    /// At most once.
    func exec(_ request: Proto.ExecRequest) throws -> Channel.Result {
      try channel.call("AgentService.Exec", request, returning: Proto.ExecReply.self)
    }

    func execRead(_ request: Proto.ExecReadRequest) throws -> Channel.Result {
      try channel.call("AgentService.ExecRead", request, returning: Proto.ExecReadReply.self)
    }

    /// Input; a repetition is told what was taken before.
    func execWrite(_ request: Proto.ExecWriteRequest) throws -> Channel.Result {
      try channel.call("AgentService.ExecWrite", request, returning: Proto.ExecWriteReply.self)
    }

    func execResize(_ request: Proto.ExecResizeRequest) throws -> Channel.Result {
      try channel.call("AgentService.ExecResize", request, returning: Proto.ExecResizeReply.self)
    }

    func execKill(_ request: Proto.ExecKillRequest) throws -> Channel.Result {
      try channel.call("AgentService.ExecKill", request, returning: Proto.ExecKillReply.self)
    }

    func logs(_ request: Proto.LogsRequest) throws -> Channel.Result {
      try channel.call("AgentService.Logs", request, returning: Proto.LogsReply.self)
    }

    /// What is known of the host's last death.
    func postmortem(_ request: Proto.PostmortemRequest) throws -> Channel.Result {
      try channel.call("AgentService.Postmortem", request, returning: Proto.PostmortemReply.self)
    }

    /// The reconciler has begun anew: register with it now.
    func greet(_ request: Proto.GreetRequest) throws -> Channel.Result {
      try channel.call("AgentService.Greet", request, returning: Proto.GreetReply.self)
    }

    /// What the host's engine has.
    func images(_ request: Proto.ImagesRequest) throws -> Channel.Result {
      try channel.call("AgentService.Images", request, returning: Proto.ImagesReply.self)
    }

    /// At most once; then as with Exec.
    func imageTask(_ request: Proto.ImageTaskRequest) throws -> Channel.Result {
      try channel.call("AgentService.ImageTask", request, returning: Proto.ImageTaskReply.self)
    }

    /// What running nodes take of the host, a page at a time.
    func usage(_ request: Proto.UsageRequest) throws -> Channel.Result {
      try channel.call("AgentService.Usage", request, returning: Proto.UsageReply.self)
    }
  }
}

extension Proto.AgentServiceHandler {
  /// Decodes the request and calls its method; throws `WireError` for bytes that are none.
  func handle(_ method: Proto.AgentServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .farEnds: try self.farEnds(Proto.FarEndsRequest(decoding: body))
      case .exec: try self.exec(Proto.ExecRequest(decoding: body))
      case .execRead: try self.execRead(Proto.ExecReadRequest(decoding: body))
      case .execWrite: try self.execWrite(Proto.ExecWriteRequest(decoding: body))
      case .execResize: try self.execResize(Proto.ExecResizeRequest(decoding: body))
      case .execKill: try self.execKill(Proto.ExecKillRequest(decoding: body))
      case .logs: try self.logs(Proto.LogsRequest(decoding: body))
      case .postmortem: try self.postmortem(Proto.PostmortemRequest(decoding: body))
      case .greet: try self.greet(Proto.GreetRequest(decoding: body))
      case .images: try self.images(Proto.ImagesRequest(decoding: body))
      case .imageTask: try self.imageTask(Proto.ImageTaskRequest(decoding: body))
      case .usage: try self.usage(Proto.UsageRequest(decoding: body))
    }
  }
}

extension Proto.AgentServiceReplies {
  /// Decodes the reply and calls its method; throws `WireError` for bytes that are none.
  func handleReply(_ method: Proto.AgentServiceMethod, _ body: [UInt8]) throws -> Output {
    switch method {
      case .farEnds: try self.farEnds(Proto.FarEndsReply(decoding: body))
      case .exec: try self.exec(Proto.ExecReply(decoding: body))
      case .execRead: try self.execRead(Proto.ExecReadReply(decoding: body))
      case .execWrite: try self.execWrite(Proto.ExecWriteReply(decoding: body))
      case .execResize: try self.execResize(Proto.ExecResizeReply(decoding: body))
      case .execKill: try self.execKill(Proto.ExecKillReply(decoding: body))
      case .logs: try self.logs(Proto.LogsReply(decoding: body))
      case .postmortem: try self.postmortem(Proto.PostmortemReply(decoding: body))
      case .greet: try self.greet(Proto.GreetReply(decoding: body))
      case .images: try self.images(Proto.ImagesReply(decoding: body))
      case .imageTask: try self.imageTask(Proto.ImageTaskReply(decoding: body))
      case .usage: try self.usage(Proto.UsageReply(decoding: body))
    }
  }
}
