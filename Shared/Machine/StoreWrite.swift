public import Model

/// One thing that the intent store writes. Those of one batch are one transaction: all of them are there afterwards, or none.
public enum StoreWrite: Sendable, Hashable {
  /// The next revision: its number is the last one's plus one.
  case change(IntentChange)
  /// Another incarnation goes on; its first change follows this revision.
  case succeed(StoreIdentity, after: Revision)
  /// The revision that a request made, so that a repetition of it finds the same one. What was refused changed nothing, and may be asked again.
  case remember(sender: PeerName, RequestID, Revision)
  case forget(sender: PeerName, RequestID)
  /// Content by its digest; one that is there already stays as it is.
  case blob(BlobDigest, [UInt8])
  case dropBlob(BlobDigest)
}

/// A request that changed something, as the store remembers it.
public struct Remembered: Sendable, Hashable {
  public var sender: PeerName
  public var id: RequestID
  /// The one that it made.
  public var revision: Revision
  public init(sender: PeerName, id: RequestID, revision: Revision) {
    self.sender = sender
    self.id = id
    self.revision = revision
  }
}

/// All that a store holds when it is opened; of blobs only the digests.
public struct StoreContents: Sendable, Hashable {
  public var identity: StoreIdentity
  /// Of the newest change; zero in a new store.
  public var revision: Revision
  public var records: [VersionedRecord]
  /// Oldest first.
  public var remembered: [Remembered]
  /// Sorted.
  public var blobs: [BlobDigest]
  /// The copy that was put in the store's place, which nobody has declared the right one yet; nil: none was.
  public var backup: RequestID?
  public init(
    identity: StoreIdentity, revision: Revision = .zero, records: [VersionedRecord] = [], remembered: [Remembered] = [],
    blobs: [BlobDigest] = [], backup: RequestID? = nil
  ) {
    self.identity = identity
    self.revision = revision
    self.records = records
    self.remembered = remembered
    self.blobs = blobs
    self.backup = backup
  }

  /// The intent that the records are.
  public var intent: Intent {
    var intent = Intent(store: identity, revision: revision)
    for record in records { intent.load(record.record, at: record.revision) }
    return intent
  }
}
