public import Model

/// A follower's copy of intent: snapshot first, then each numbered change, and the snapshot again whenever a number is missing.
public struct Mirror: Sendable {
  public private(set) var intent: Intent?
  /// The config service's life that it came from.
  public private(set) var instance: Instance?
  private var reader = StreamReader()
  private var early: [(instance: Instance?, change: IntentChange)] = []
  /// Changes that arrive while a snapshot is under way; more than this and another snapshot is cheaper.
  private static let mostEarly = 256

  public init() {}

  /// Whether there is intent, without a copy of it.
  var isThere: Bool { reader.have != nil }

  public enum Outcome: Sendable {
    /// Nothing new.
    case current
    /// These changes were applied.
    case changed([RecordChange])
    /// Ask the config service for a snapshot.
    case needsSnapshot
  }

  public mutating func read(_ publication: Publication) -> Outcome {
    // The store never goes back: it is another one, or an older copy of itself.
    if publication.fact == .head, let have = reader.have, publication.number < have { return .needsSnapshot }
    // Two copies of a store may number alike what isn't alike.
    if let instance, let other = publication.instance, other != instance { return missed(publication) }
    switch reader.read(publication) {
    case .ignore: return .current
    case .gap: return missed(publication)
    case .apply:
      guard case .intent(let change) = publication.fact else { return .current }
      intent?.apply(change)
      return .changed(change.changes)
    }
  }

  private mutating func missed(_ publication: Publication) -> Outcome {
    if case .intent(let change) = publication.fact {
      early.append((publication.instance, change))
      if early.count > Self.mostEarly { early.removeFirst() }
    }
    return .needsSnapshot
  }

  /// Takes a snapshot if it is newer than what is here, of another store or of another life of the config service. True: all of intent may
  /// have changed.
  ///
  /// A snapshot of the same incarnation with a lower revision comes from a store that lost data; it is not taken.
  public mutating func take(_ snapshot: IntentSnapshot) -> Bool {
    if let intent, intent.store == snapshot.store {
      if snapshot.revision < intent.revision { return false }
      if snapshot.revision == intent.revision, snapshot.instance == instance {
        reader.jump(to: snapshot.revision.number)
        return false
      }
    }
    instance = snapshot.instance
    var fresh = Intent(store: snapshot.store)
    for record in snapshot.records { fresh.load(record.record, at: record.revision) }
    fresh.setRevision(snapshot.revision)
    let own = early.filter { $0.instance ?? snapshot.instance == snapshot.instance }.map(\.change)
    for change in own.sorted(by: { $0.revision < $1.revision }) where change.revision == fresh.revision.next { fresh.apply(change) }
    early = []
    reader.jump(to: fresh.revision.number)
    intent = fresh
    return true
  }
}
