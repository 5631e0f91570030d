public import Model

extension Codec {
  /// What the black box holds in one piece.
  public static func encode(_ records: [BoxRecord]) -> [UInt8] { bytes(Proto.BoxGroup(records: records.messages)) }

  public static func decodeBoxRecords(_ bytes: [UInt8]) throws(LabError) -> [BoxRecord] {
    try decoding("BoxGroup") { try BoxRecord.list(try Proto.BoxGroup(decoding: bytes).records) }
  }
}

extension BoxRecord: WireValue {
  init(_ message: Proto.BoxRecord) throws(LabError) {
    let entry: BoxEntry
    switch message.entry {
    case .began(let begin): entry = .began(Instance(begin.agent), build: begin.build)
    case .actions(let actions):
      entry = .actions(BoxActions(number: actions.number, kind: actions.kind, words: actions.words, more: Int(actions.more)))
    case .over(let over): entry = .over(over.number, failures: Int(over.failures))
    case .load(let load): entry = .load(try HostLoad(load))
    case .note(let note): entry = .note(note)
    case .stopped: entry = .stopped
    case nil: throw missing("kind of a record")
    }
    self.init(boot: message.boot, wall: message.wall, up: message.up, entry: entry)
  }

  var message: Proto.BoxRecord {
    let kind: Proto.BoxRecord.Entry =
      switch entry {
      case .began(let agent, let build): .began(Proto.BoxBegin(agent: agent.number, build: build))
      case .actions(let actions):
        .actions(
          Proto.BoxActions(number: actions.number, kind: actions.kind, words: actions.words, more: UInt32(count: actions.more)))
      case .over(let number, let failures): .over(Proto.BoxOver(number: number, failures: UInt32(count: failures)))
      case .load(let load): .load(load.message)
      case .note(let note): .note(note)
      case .stopped: .stopped(Proto.Nothing())
      }
    return Proto.BoxRecord(boot: boot, wall: wall, up: up, entry: kind)
  }
}

extension Postmortem: SecretWireValue {
  init(_ message: Proto.PostmortemReply, _ secrets: SecretReader) throws(LabError) {
    self.init(
      host: try HostName(message.host), at: message.at, boot: message.boot, records: try BoxRecord.list(message.records),
      loads: try BoxRecord.list(message.loads), remarks: message.remarks, kernel: try SystemLines(required: message.kernel, secrets),
      system: try SystemLines(required: message.system, secrets))
  }

  func message(_ secrets: inout SecretWriter) -> Proto.PostmortemReply {
    Proto.PostmortemReply(
      host: host.text, at: at, boot: boot, records: records.messages, loads: loads.messages, remarks: remarks,
      kernel: kernel.message(&secrets), system: system.message(&secrets))
  }
}

extension SystemLines: SecretWireValue {
  init(_ message: Proto.SystemLines, _ secrets: SecretReader) throws(LabError) {
    self.init(try message.lines.map { index throws(LabError) in try secrets.text(at: index) }, reason: message.reason)
  }

  func message(_ secrets: inout SecretWriter) -> Proto.SystemLines {
    Proto.SystemLines(lines: lines.map { secrets.add(Array($0.utf8)) }, reason: reason)
  }
}
