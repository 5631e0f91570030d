import Machine
public import Model

/// What is done to copies of the store; each but the last two is answered.
public enum CopyAction: Sendable, Hashable {
  /// A copy of all that is stored, to be read.
  case make(RequestID)
  case read(at: UInt64)
  /// The next part of one that comes.
  case take([UInt8], isFirst: Bool)
  /// All of it is there: can it be read? It is marked with its name.
  case verify(RequestID, bytes: UInt64)
  /// What came isn't wanted.
  case refuse
  /// What came takes the store's place, and the service begins anew with it.
  case adopt
}

/// How one went.
public enum CopyResult: Sendable, Hashable {
  case made(StoreCopy)
  case read([UInt8])
  case taken
  case verified(StoreCopy)
}

/// Copies under way: one of the store, and one that is to take its place.
struct Copying: Sendable {
  /// Who waits for one to be made.
  var making: Incoming.Address?
  /// The last that was made, by whom it was asked for.
  var made: (for: Incoming.Address, copy: StoreCopy)?
  /// What has come of one that is to take the store's place.
  var incoming: (id: RequestID, bytes: UInt64)?
  /// Who waits for what came to take the store's place.
  var verifying: Incoming.Address?
  /// Another store is in this one's place: this life is over, and says nothing any more.
  var isReplaced = false
}

/// Backup and restore while the service runs.
extension ConfigCore {
  /// Why a service that finds itself on a copy changes nothing.
  static func suspension(onCopy backup: RequestID) -> LabError {
    LabError(
      .failedPrecondition, "configs",
      "the store is a backup that took its place (go on with it: 'archetype configs recover'; or restore another): what was acknowledged "
        + "since it was made is lost; nothing is changed until then", cause: "backup \(backup)")
  }

  mutating func makeCopy(for address: Incoming.Address) -> [Effect] {
    guard case .client = address.peer else { return refuse(address, Self.notForServices(address)) }
    if let made = copying.made, made.for == address { return reply(address, .backup(made.copy)) }
    if copying.making == address { return [] }
    guard copying.making == nil else {
      return refuse(address, LabError(.aborted, "configs", "another backup is being made (try again once that has ended)"))
    }
    copying.making = address
    copying.made = nil
    return [.copy(address, .make(address.id))]
  }

  func readCopy(_ id: RequestID, at offset: UInt64, for address: Incoming.Address) -> [Effect] {
    guard case .client = address.peer else { return refuse(address, Self.notForServices(address)) }
    guard let made = copying.made, made.for.id == id, made.for.peer == address.peer else {
      return refuse(address, LabError(.notFound, "backup \(id)", "isn't here any more (begin again: archetype backup)"))
    }
    return [.copy(address, .read(at: offset))]
  }

  /// Parts come in their order; one that comes again is there.
  mutating func takeCopy(_ id: RequestID, at offset: UInt64, _ content: [UInt8], for address: Incoming.Address) -> [Effect] {
    guard case .client = address.peer else { return refuse(address, Self.notForServices(address)) }
    guard copying.verifying == nil else {
      return refuse(address, LabError(.aborted, "configs", "another backup is being restored (try again once that has ended)"))
    }
    guard content.count <= Limits.backupPartBytes else {
      return refuse(address, LabError(.invalidArgument, "backup \(id)", "a part has \(Limits.backupPartBytes) bytes at most"))
    }
    let have = copying.incoming?.id == id ? copying.incoming?.bytes : nil
    let end = offset + UInt64(content.count)
    if let have, end <= have { return reply(address, .restorePart) }
    guard offset == have ?? 0 else {
      return refuse(address, LabError(.aborted, "backup \(id)", "a part is missing (begin again: archetype restore)"))
    }
    copying.incoming = (id, end)
    return [.copy(address, .take(content, isFirst: have == nil))]
  }

  mutating func restore(_ id: RequestID, bytes: UInt64, for address: Incoming.Address) -> [Effect] {
    guard case .client = address.peer else { return refuse(address, Self.notForServices(address)) }
    // Asked again by somebody whose answer was lost with the life before.
    if backup == id { return reply(address, .restored(StoreCopy(store: intent.store, revision: intent.revision, bytes: bytes))) }
    if copying.verifying == address { return [] }
    guard copying.verifying == nil, copying.incoming?.id == id, copying.incoming?.bytes == bytes else {
      return refuse(address, LabError(.aborted, "backup \(id)", "isn't here as a whole (begin again: archetype restore)"))
    }
    copying.verifying = address
    return [.copy(address, .verify(id, bytes: bytes))]
  }

  mutating func copied(_ address: Incoming.Address, _ result: Result<CopyResult, LabError>) -> [Effect] {
    switch result {
    case .success(.made(let copy)):
      copying.making = nil
      copying.made = (address, copy)
      return reply(address, .backup(copy))
    case .success(.read(let part)):
      if part.isEmpty { copying.made = nil }
      return reply(address, .backupPart(part))
    case .success(.taken): return reply(address, .restorePart)
    case .success(.verified(let copy)): return verified(copy, for: address)
    case .failure(let error):
      if copying.making == address { copying.making = nil }
      if copying.verifying == address { copying.verifying = nil }
      copying.incoming = nil
      return refuse(address, error)
    }
  }

  /// Hosts obey one deployment, so only an empty store gives way to another's.
  private mutating func verified(_ copy: StoreCopy, for address: Incoming.Address) -> [Effect] {
    copying.verifying = nil
    copying.incoming = nil
    let problem: String? =
      if copy.revision == .zero {
        "holds nothing: neither labs nor hosts (restore another)"
      } else if copy.store.deployment != intent.store.deployment, intent.revision != .zero {
        "is of deployment \(copy.store.deployment), and this store is of \(intent.store.deployment): its hosts would obey nothing of it "
          + "(restore one of this deployment's, or begin with an empty data folder)"
      } else {
        nil
      }
    if let problem { return [.copy(address, .refuse)] + refuse(address, LabError(.failedPrecondition, "backup", problem)) }
    copying.isReplaced = true
    return [.copy(address, .adopt)] + reply(address, .restored(copy))
  }

  /// Whoever asks is answered by the next life.
  func replaced(_ event: Event) -> [Effect] {
    guard case .bus(.request(let incoming)) = event else { return [] }
    return refuse(incoming.from, LabError(.unavailable, "configs", "begins anew with a restored store (ask again)"))
  }

  private static func notForServices(_ address: Incoming.Address) -> LabError {
    LabError(.permissionDenied, "\(address.peer)", "may neither back up nor restore the store")
  }
}
