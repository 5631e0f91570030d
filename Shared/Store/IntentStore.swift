public import Machine
public import Model

/// Where intent is kept. All that the config service knows of what is underneath: SQLite here, a replicated engine with revisions and
/// compare-and-put beyond one control machine.
public protocol IntentStore: ~Copyable {
  /// All that is stored; of blobs the digests.
  func contents() throws(LabError) -> StoreContents

  /// Makes a batch durable as one transaction: when it returns, all of it is on the disk; when it throws, none of it was acknowledged and
  /// the process must end without a reply.
  ///
  /// - Throws: `FAILED_PRECONDITION` when another incarnation or a newer revision is in the store, or its file was replaced;
  ///   `RESOURCE_EXHAUSTED` for a full disk; `INTERNAL` for a failing one.
  mutating func commit(_ batch: [StoreWrite]) throws(LabError)

  /// The content of a blob; nil when it isn't there.
  func blob(_ digest: BlobDigest) throws(LabError) -> [UInt8]?

  /// What can still be written, in bytes; all that there is where it can't be told.
  var freeBytes: UInt64 { get }
}
