import Model

extension RecordKey: WireValue {
  init(_ message: Proto.RecordKey) throws(LabError) {
    switch message.key {
    case .lab(let name): self = .lab(try LabName(name))
    case .segments(let name): self = .segments(try LabName(name))
    case .projection(let name): self = .projection(try LabName(name))
    case .tombstone(let vni): self = .tombstone(try VNI(vni))
    case .host(let name): self = .host(try HostName(name))
    case .job(let id): self = .job(try JobID(id))
    case .assigned(let name): self = .assigned(try HostName(name))
    case .restraint(let name): self = .restraint(try HostName(name))
    case nil: throw missing("key of a record")
    }
  }

  var message: Proto.RecordKey {
    let key: Proto.RecordKey.Key =
      switch self {
      case .lab(let name): .lab(name.text)
      case .segments(let name): .segments(name.text)
      case .projection(let name): .projection(name.text)
      case .tombstone(let vni): .tombstone(vni.number)
      case .host(let name): .host(name.text)
      case .job(let id): .job(id.text)
      case .assigned(let name): .assigned(name.text)
      case .restraint(let name): .restraint(name.text)
      }
    return Proto.RecordKey(key: key)
  }
}

extension RecordChange: SecretWireValue {
  init(_ message: Proto.RecordChange, _ secrets: SecretReader) throws(LabError) {
    switch message.record {
    case .lab(let record): self = .lab(try LabName(record.name), try Lab.optional(record.content, secrets))
    case .segments(let record): self = .segments(try LabName(record.name), try Segments.optional(record.content))
    case .projection(let record): self = .projection(try LabName(record.name), try Projection.optional(record.content, secrets))
    case .tombstone(let record): self = .tombstone(try VNI(record.vni), try Tombstone.optional(record.content))
    case .host(let record): self = .host(try HostName(record.name), try HostSpec.optional(record.content))
    case .job(let record): self = .job(try JobID(record.id), try Job.optional(record.content))
    case .assigned(let record): self = .assigned(try HostName(record.host), record.revision.map { Revision($0) })
    case .restraint(let record): self = .restraint(try HostName(record.host), try Restraint.optional(record.restraint))
    case nil: throw missing("content of a change")
    }
  }

  func message(_ secrets: inout SecretWriter) -> Proto.RecordChange {
    let record: Proto.RecordChange.Record =
      switch self {
      case .lab(let name, let lab): .lab(Proto.LabRecord(name: name.text, content: lab?.message(&secrets)))
      case .segments(let name, let segments): .segments(Proto.SegmentsRecord(name: name.text, content: segments?.message))
      case .projection(let name, let projection):
        .projection(Proto.ProjectionRecord(name: name.text, content: projection?.message(&secrets)))
      case .tombstone(let vni, let tombstone): .tombstone(Proto.TombstoneRecord(vni: vni.number, content: tombstone?.message))
      case .host(let name, let host): .host(Proto.HostRecord(name: name.text, content: host?.message))
      case .job(let id, let job): .job(Proto.JobRecord(id: id.text, content: job?.message))
      case .assigned(let name, let revision): .assigned(Proto.AssignedRecord(host: name.text, revision: revision?.number))
      case .restraint(let host, let restraint): .restraint(Proto.RestraintRecord(host: host.text, restraint: restraint?.message))
      }
    return Proto.RecordChange(record: record)
  }
}

extension Restraint: WireEnumeration {
  var message: Proto.Restraint {
    switch self {
    case .cordoned: .cordoned
    case .drained: .drained
    }
  }
}

extension VersionedRecord: SecretWireValue {
  init(_ message: Proto.VersionedRecord, _ secrets: SecretReader) throws(LabError) {
    self.init(revision: Revision(message.revision), record: try RecordChange(required: message.record, secrets))
  }
  func message(_ secrets: inout SecretWriter) -> Proto.VersionedRecord {
    Proto.VersionedRecord(revision: revision.number, record: record.message(&secrets))
  }
}

extension IntentChange: SecretWireValue {
  init(_ message: Proto.IntentChange, _ secrets: SecretReader) throws(LabError) {
    self.init(revision: Revision(message.revision), changes: try RecordChange.list(message.changes, secrets))
  }
  func message(_ secrets: inout SecretWriter) -> Proto.IntentChange {
    Proto.IntentChange(revision: revision.number, changes: changes.messages(&secrets))
  }
}

extension Expectation: WireValue {
  init(_ message: Proto.Expectation) throws(LabError) { self.init(try RecordKey(required: message.key), at: Revision(message.revision)) }
  var message: Proto.Expectation { Proto.Expectation(key: key.message, revision: revision.number) }
}

extension IntentSnapshot: SecretWireValue {
  init(_ message: Proto.SnapshotReply, _ secrets: SecretReader) throws(LabError) {
    self.init(
      store: try StoreIdentity(required: message.store), revision: Revision(message.revision),
      records: try VersionedRecord.list(message.records, secrets), instance: Instance(message.instance))
  }
  func message(_ secrets: inout SecretWriter) -> Proto.SnapshotReply {
    Proto.SnapshotReply(
      store: store.message, revision: revision.number, records: records.messages(&secrets), instance: instance.number)
  }
}
