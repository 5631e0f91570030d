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

  init(store: consuming Storage, instance: Instance) throws(LabError) {
    core = ConfigCore(contents: try store.contents(), instance: instance, measure: { $0.byteCount })
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
      }
    }
    return events
  }

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
