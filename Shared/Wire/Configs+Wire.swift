import Model

/// ConfigService's requests to bytes.
extension ConfigsRequest {
  func encode(_ secrets: inout SecretWriter) -> (kind: String, body: [UInt8]) {
    let client = Proto.ConfigServiceClient(channel: Encoder())
    return Codec.encoded {
      switch self {
      case .put(let put):
        try client.put(
          Proto.PutRequest(changes: put.changes.messages(&secrets), expect: put.expect.messages, basis: put.basis?.message))
      case .putBlob(let digest, let content):
        try client.putBlob(Proto.PutBlobRequest(digest: digest.hex, secret: secrets.add(content)))
      case .getBlob(let digest): try client.getBlob(Proto.GetBlobRequest(digest: digest.hex))
      case .missingBlobs(let digests): try client.missingBlobs(Proto.MissingBlobsRequest(digests: digests.map(\.hex)))
      case .snapshot: try client.snapshot(Proto.SnapshotRequest())
      case .assignment(let query):
        try client.assignment(
          Proto.AssignmentRequest(host: query.host.text, bound: query.bound?.message, have: query.have.number))
      case .standing: try client.standing(Proto.StandingRequest())
      case .recover(let incarnation, let basis):
        try client.recover(Proto.RecoverRequest(incarnation: incarnation.text, of: basis.message))
      case .backup: try client.backup(Proto.BackupRequest())
      case .backupPart(let id, let offset): try client.backupPart(Proto.BackupPartRequest(backup: id.text, offset: offset))
      case .restorePart(let id, let offset, let content):
        try client.restorePart(Proto.RestorePartRequest(backup: id.text, offset: offset, secret: secrets.add(content)))
      case .restore(let id, let bytes): try client.restore(Proto.RestoreRequest(backup: id.text, bytes: bytes))
      }
    }
  }
}

/// And back.
struct ConfigsRequestReader: Proto.ConfigServiceHandler {
  let secrets: SecretReader

  func put(_ request: Proto.PutRequest) throws -> ConfigsRequest {
    .put(
      Put(
        changes: try RecordChange.list(request.changes, secrets), expect: try Expectation.list(request.expect),
        basis: try PutBasis.optional(request.basis)))
  }
  func putBlob(_ request: Proto.PutBlobRequest) throws -> ConfigsRequest {
    let (digest, content) = (try BlobDigest(request.digest), try secrets.blob(at: request.secret))
    guard Digest.sha256(content) == digest else { throw LabError(.invalidArgument, "\(digest)", "is not the digest of this content") }
    return .putBlob(digest, content)
  }
  func getBlob(_ request: Proto.GetBlobRequest) throws -> ConfigsRequest { .getBlob(try BlobDigest(request.digest)) }
  func missingBlobs(_ request: Proto.MissingBlobsRequest) throws -> ConfigsRequest { .missingBlobs(try digests(request.digests)) }
  func snapshot(_ request: Proto.SnapshotRequest) -> ConfigsRequest { .snapshot }
  func assignment(_ request: Proto.AssignmentRequest) throws -> ConfigsRequest {
    .assignment(
      AssignmentQuery(
        host: try HostName(request.host), bound: try StoreIdentity.optional(request.bound), have: Revision(request.have)))
  }
  func standing(_ request: Proto.StandingRequest) -> ConfigsRequest { .standing }
  func recover(_ request: Proto.RecoverRequest) throws -> ConfigsRequest {
    .recover(try Incarnation(request.incarnation), of: try PutBasis(required: request.of))
  }
  func backup(_ request: Proto.BackupRequest) -> ConfigsRequest { .backup }
  func backupPart(_ request: Proto.BackupPartRequest) throws -> ConfigsRequest {
    .backupPart(try RequestID(request.backup), offset: request.offset)
  }
  func restorePart(_ request: Proto.RestorePartRequest) throws -> ConfigsRequest {
    .restorePart(try RequestID(request.backup), offset: request.offset, try secrets.backupPart(at: request.secret))
  }
  func restore(_ request: Proto.RestoreRequest) throws -> ConfigsRequest {
    .restore(try RequestID(request.backup), bytes: request.bytes)
  }
}

/// ConfigService's replies to bytes.
extension ConfigsReply {
  func encode(_ secrets: inout SecretWriter) -> (kind: String, body: [UInt8]) {
    let (method, body): (Proto.ConfigServiceMethod, [UInt8]) =
      switch self {
      case .put(let revision): (.put, Codec.bytes(Proto.PutReply(revision: revision.number)))
      case .blobStored: (.putBlob, Codec.bytes(Proto.PutBlobReply()))
      case .blob(let content): (.getBlob, Codec.bytes(Proto.GetBlobReply(secret: secrets.add(content))))
      case .missingBlobs(let digests): (.missingBlobs, Codec.bytes(Proto.MissingBlobsReply(digests: digests.map(\.hex))))
      case .snapshot(let snapshot): (.snapshot, Codec.bytes(snapshot.message(&secrets)))
      case .assignment(let assignment):
        (.assignment, Codec.bytes(Proto.AssignmentReply(reply: .assignment(assignment.message(&secrets)))))
      case .assignmentUnchanged(let revision): (.assignment, Codec.bytes(Proto.AssignmentReply(reply: .unchanged(revision.number))))
      case .standing(let standing): (.standing, Codec.bytes(standing.message))
      case .recovered(let store): (.recover, Codec.bytes(Proto.RecoverReply(store: store.message)))
      case .backup(let copy):
        (.backup, Codec.bytes(Proto.BackupReply(store: copy.store.message, revision: copy.revision.number, bytes: copy.bytes)))
      case .backupPart(let content): (.backupPart, Codec.bytes(Proto.BackupPartReply(secret: secrets.add(content))))
      case .restorePart: (.restorePart, Codec.bytes(Proto.RestorePartReply()))
      case .restored(let copy):
        (.restore, Codec.bytes(Proto.RestoreReply(store: copy.store.message, revision: copy.revision.number, bytes: copy.bytes)))
      }
    return (method.rawValue, body)
  }
}

/// And back.
struct ConfigsReplyReader: Proto.ConfigServiceReplies {
  let secrets: SecretReader

  func put(_ reply: Proto.PutReply) -> ConfigsReply { .put(Revision(reply.revision)) }
  func putBlob(_ reply: Proto.PutBlobReply) -> ConfigsReply { .blobStored }
  func getBlob(_ reply: Proto.GetBlobReply) throws -> ConfigsReply { .blob(try secrets.blob(at: reply.secret)) }
  func missingBlobs(_ reply: Proto.MissingBlobsReply) throws -> ConfigsReply { .missingBlobs(try digests(reply.digests)) }
  func snapshot(_ reply: Proto.SnapshotReply) throws -> ConfigsReply { .snapshot(try IntentSnapshot(reply, secrets)) }
  func assignment(_ reply: Proto.AssignmentReply) throws -> ConfigsReply {
    switch reply.reply {
    case .assignment(let assignment): .assignment(try Assignment(assignment, secrets))
    case .unchanged(let revision): .assignmentUnchanged(Revision(revision))
    case nil: throw missing("assignment")
    }
  }
  func standing(_ reply: Proto.StandingReply) throws -> ConfigsReply { .standing(try StoreStanding(reply)) }
  func recover(_ reply: Proto.RecoverReply) throws -> ConfigsReply { .recovered(try StoreIdentity(required: reply.store)) }
  func backup(_ reply: Proto.BackupReply) throws -> ConfigsReply {
    .backup(StoreCopy(store: try StoreIdentity(required: reply.store), revision: Revision(reply.revision), bytes: reply.bytes))
  }
  func backupPart(_ reply: Proto.BackupPartReply) throws -> ConfigsReply { .backupPart(try secrets.backupPart(at: reply.secret)) }
  func restorePart(_ reply: Proto.RestorePartReply) -> ConfigsReply { .restorePart }
  func restore(_ reply: Proto.RestoreReply) throws -> ConfigsReply {
    .restored(StoreCopy(store: try StoreIdentity(required: reply.store), revision: Revision(reply.revision), bytes: reply.bytes))
  }
}

private func digests(_ texts: [String]) throws(LabError) -> [BlobDigest] {
  try texts.map { text throws(LabError) in try BlobDigest(text) }
}

extension StoreStanding: WireValue {
  init(_ message: Proto.StandingReply) throws(LabError) {
    self.init(store: try StoreIdentity(required: message.store), revision: Revision(message.revision), suspension: message.suspension)
  }
  var message: Proto.StandingReply {
    Proto.StandingReply(store: store.message, revision: revision.number, suspension: suspension)
  }
}

extension PutBasis: WireValue {
  init(_ message: Proto.PutBasis) throws(LabError) {
    self.init(
      store: try StoreIdentity(required: message.store), revision: Revision(message.revision),
      instance: message.instance == 0 ? nil : Instance(message.instance))
  }
  var message: Proto.PutBasis {
    Proto.PutBasis(store: store.message, revision: revision.number, instance: instance?.number ?? 0)
  }
}
