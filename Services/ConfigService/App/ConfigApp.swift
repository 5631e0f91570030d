import ConfigCore
import Machine
import Model
import Reactor
import Store

/// The config service's performer: the store behind the core, whatever keeps it.
struct ConfigApp<Storage: IntentStore & ~Copyable>: App, ~Copyable {
  var core: ConfigCore
  private var store: Storage
  /// Of this round: one transaction.
  private var writes: [StoreWrite] = []
  private let copies: StoreCopies
  /// For what takes as long as a whole store takes to be written or read.
  private let workers: Workers<ConfigCore.Event>
  private(set) var startsAgain = false

  init(
    store: consuming Storage, copies: StoreCopies, workers: consuming Workers<ConfigCore.Event>, instance: Instance
  ) throws(LabError) {
    core = ConfigCore(contents: try store.contents(), instance: instance, measure: { $0.byteCount })
    copies.clear()
    self.copies = copies
    self.workers = workers
    self.store = store
  }

  mutating func perform(_ effects: [ConfigCore.Effect], at now: Now) throws(LabError) -> [ConfigCore.Event] {
    var events: [ConfigCore.Event] = []
    for effect in effects {
      switch effect {
      case .bus: break
      case .store(let write): writes.append(write)
      case .measureDisk: events.append(.disk(free: store.freeBytes))
      case .readBlob(let address, let digest): events.append(.blobRead(address, try content(of: digest)))
      case .copy(let address, let action): events += try perform(action, for: address)
      }
    }
    return events
  }

  private mutating func perform(_ action: CopyAction, for address: Incoming.Address) throws(LabError) -> [ConfigCore.Event] {
    switch action {
    case .make(let id): return submit(address) { [copies] () throws(LabError) in .made(try copies.make(id)) }
    case .verify(let id, let bytes):
      return submit(address) { [copies] () throws(LabError) in .verified(try copies.verify(id, bytes: bytes)) }
    case .read(let offset): return [.copied(address, Result { () throws(LabError) in .read(try copies.read(at: offset)) })]
    case .take(let content, let isFirst):
      return [
        .copied(
          address,
          Result { () throws(LabError) in
            try copies.take(content, isFirst: isFirst)
            return .taken
          })
      ]
    case .refuse: copies.refuse()
    case .adopt:
      try copies.adopt()
      startsAgain = true
    }
    return []
  }

  /// Does it on a worker's thread; the result comes later.
  private func submit(
    _ address: Incoming.Address, _ work: @escaping @Sendable () throws(LabError) -> CopyResult
  ) -> [ConfigCore.Event] {
    let isTaken = workers.submit { [.copied(address, Result { () throws(LabError) in try work() })] }
    return isTaken ? [] : [.copied(address, .failure(LabError(.unavailable, "configs", "has too much to do (try again)")))]
  }

  var descriptors: [Int32] { [workers.descriptor] }

  mutating func readable(_ descriptor: Int32, at now: Now) throws(LabError) -> [ConfigCore.Event] { workers.collect() }

  private func content(of digest: BlobDigest) throws(LabError) -> [UInt8]? {
    for case .blob(digest, let content) in writes { return content }
    return try store.blob(digest)
  }

  mutating func commit(at now: Now) throws(LabError) {
    if writes.isEmpty { return }
    let batch = writes
    writes = []
    try store.commit(batch)
  }
}
