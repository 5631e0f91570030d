import Model
import Wire

/// The statements of the intent store, prepared once, and what binds them.
struct IntentStatements: ~Copyable {
  private let selectMeta: Statement
  private let updateRevision: Statement
  private let updateIncarnation: Statement
  private let updateBackup: Statement
  private let upsertRecord: Statement
  private let deleteRecord: Statement
  private let insertRequest: Statement
  private let deleteRequest: Statement
  private let insertBlob: Statement
  private let deleteBlob: Statement
  private let selectBlob: Statement
  private let path: String

  init(_ database: borrowing Database) {
    selectMeta = database.prepare("SELECT deployment, incarnation, predecessor, revision, backup FROM meta")
    updateRevision = database.prepare("UPDATE meta SET revision = ?1")
    updateIncarnation = database.prepare("UPDATE meta SET incarnation = ?1, predecessor = ?2, backup = NULL")
    updateBackup = database.prepare("UPDATE meta SET backup = ?1")
    upsertRecord = database.prepare(
      """
      INSERT INTO records VALUES (?1, ?2, ?3)
      ON CONFLICT (key) DO UPDATE SET revision = excluded.revision, body = excluded.body
      """)
    deleteRecord = database.prepare("DELETE FROM records WHERE key = ?1")
    insertRequest = database.prepare("INSERT INTO requests (sender, id, revision) VALUES (?1, ?2, ?3)")
    deleteRequest = database.prepare("DELETE FROM requests WHERE sender = ?1 AND id = ?2")
    insertBlob = database.prepare("INSERT INTO blobs VALUES (?1, ?2) ON CONFLICT (digest) DO NOTHING")
    deleteBlob = database.prepare("DELETE FROM blobs WHERE digest = ?1")
    selectBlob = database.prepare("SELECT content FROM blobs WHERE digest = ?1")
    path = database.path
  }

  /// With what the store is a copy for, where nobody has declared it the right one.
  func identity() throws(LabError) -> (StoreIdentity, Revision, backup: RequestID?) {
    defer { selectMeta.reset() }
    guard try selectMeta.step() else {
      throw LabError(.internalError, path, "the store has lost its identity (restore it from a backup)")
    }
    let identity = StoreIdentity(
      deployment: try Deployment(selectMeta.text(0)), incarnation: try Incarnation(selectMeta.text(1)),
      predecessors: selectMeta.isNull(2)
        ? [] : try selectMeta.text(2).split(separator: " ").map { text throws(LabError) in try Incarnation(String(text)) })
    return (identity, Revision(selectMeta.bits(3)), selectMeta.isNull(4) ? nil : try RequestID(selectMeta.text(4)))
  }

  /// Says that this is a copy.
  func mark(_ backup: RequestID) throws(LabError) {
    try updateBackup.bind(1, backup.text)
    try updateBackup.run()
  }

  /// Another incarnation of the same deployment, which is no copy any more.
  func succeed(_ identity: StoreIdentity) throws(LabError) {
    try updateIncarnation.bind(1, identity.incarnation.text)
    try updateIncarnation.bind(2, identity.predecessors.map(\.text).joined(separator: " "))
    try updateIncarnation.run()
  }

  func setRevision(_ revision: Revision) throws(LabError) {
    try updateRevision.bind(1, bits: revision.number)
    try updateRevision.run()
  }

  func write(_ record: RecordChange, at revision: Revision) throws(LabError) {
    let key = record.key.text
    if record.isDeletion {
      try deleteRecord.bind(1, key)
      return try deleteRecord.run()
    }
    try upsertRecord.bind(1, key)
    try upsertRecord.bind(2, bits: revision.number)
    try upsertRecord.bind(3, Codec.encode(record))
    try upsertRecord.run()
  }

  func remember(_ sender: PeerName, _ id: RequestID, _ made: Revision) throws(LabError) {
    try insertRequest.bind(1, sender.description)
    try insertRequest.bind(2, id.text)
    try insertRequest.bind(3, bits: made.number)
    try insertRequest.run()
  }

  func forget(_ sender: PeerName, _ id: RequestID) throws(LabError) {
    try deleteRequest.bind(1, sender.description)
    try deleteRequest.bind(2, id.text)
    try deleteRequest.run()
  }

  func add(_ digest: BlobDigest, _ content: [UInt8]) throws(LabError) {
    try insertBlob.bind(1, digest.hex)
    try insertBlob.bind(2, content)
    try insertBlob.run()
  }

  func drop(_ digest: BlobDigest) throws(LabError) {
    try deleteBlob.bind(1, digest.hex)
    try deleteBlob.run()
  }

  func blob(_ digest: BlobDigest) throws(LabError) -> [UInt8]? {
    try selectBlob.bind(1, digest.hex)
    defer { selectBlob.reset() }
    return try selectBlob.step() ? selectBlob.bytes(0) : nil
  }
}

extension RecordKey {
  /// `KIND/NAME`: the key under which the record is stored; never changed, files hold it.
  var text: String {
    switch self {
    case .lab(let name): "lab/\(name)"
    case .segments(let name): "segments/\(name)"
    case .projection(let name): "projection/\(name)"
    case .tombstone(let vni): "tombstone/\(vni)"
    case .host(let name): "host/\(name)"
    case .job(let id): "job/\(id)"
    case .assigned(let name): "assigned/\(name)"
    case .restraint(let name): "restraint/\(name)"
    }
  }
}
