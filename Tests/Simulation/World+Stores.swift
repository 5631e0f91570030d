import Machine
import Model

/// What happened to the store's disk.
enum StoreFault {
  /// The right store is put back.
  case putBack(StoreDisk)
}

struct StoreState {
  var backups: [StoreDisk] = []
  /// Each befalls a world once.
  var isRestored = false
  var wasForeign = false
  /// Until it is as its operator wants it.
  var isBroken = false
  /// The wrong store took changes or contents: revisions mean two things, or something is lost, and no one can put that right again.
  var isForked = false
  var backup: Revision = .zero
  /// What users mean while another's store is in the place of theirs.
  var right: Intent?
}

extension World {
  mutating func backUp() {
    guard faults.restore > 0, !storeState.isBroken, disks.happens(100) else { return }
    storeState.backups.append(store)
  }

  /// An older backup takes the store's place, until a person puts the newer one back, as the config service asks for.
  mutating func restoreBackup() {
    guard !storeState.isRestored, !storeState.isBroken, let backup = disks.pick(storeState.backups) else { return }
    storeState.isRestored = true
    storeState.isBroken = true
    let revision = store.intent.revision
    say("the store is replaced by a backup of revision \(backup.intent.revision), it was at \(revision)")
    kill(.configs, restartIn: disks.between(20, 1_000))
    push(.store(.putBack(store)), in: disks.between(1_500, 8_000))
    store = backup
    storeState.backup = backup.intent.revision
    checks?.began(anew: backup.intent)
  }

  /// Another deployment's store, empty, for a while.
  mutating func showOtherStore() {
    guard !storeState.wasForeign, !storeState.isBroken, hosts.allSatisfy({ $0.cached != nil }) else { return }
    storeState.wasForeign = true
    storeState.isBroken = true
    say("another deployment's store takes the place")
    kill(.configs, restartIn: disks.between(20, 1_000))
    let right = store
    storeState.right = right.intent
    let other = StoreIdentity(deployment: Deployment(random: seed &+ 2), incarnation: Incarnation(random: seed &+ 3))
    store = StoreDisk(intent: Intent(store: other))
    checks?.isStoreWrong = true
    checks?.words.isContested = true
    restartFollowers()
    push(.store(.putBack(right)), in: disks.between(2_000, 15_000))
  }

  /// Services that follow a store learn of another one by its higher numbers; here its operator starts them anew.
  private mutating func restartFollowers() {
    for name in Self.services where name != .configs { kill(name, restartIn: disks.between(20, 1_000)) }
  }

  mutating func run(_ fault: StoreFault) {
    kill(.configs, restartIn: disks.between(20, 1_000))
    switch fault {
    case .putBack(let right):
      if checks?.isStoreWrong == false, store.intent.revision != storeState.backup { storeState.isForked = true }
      // Contents that were put into the wrong one are lost: their labs wait until a person deploys them again.
      if store.blobs.keys.contains(where: { right.blobs[$0] == nil }) { storeState.isForked = true }
      checks?.words.lost.formUnion(store.intent.jobs.keys.filter { right.intent.jobs[$0] == nil })
      store = right
      storeState.right = nil
      say("the right store is put back")
      restartFollowers()
      if checks?.isStoreWrong == false { checks?.began(anew: right.intent) }
      checks?.isStoreWrong = false
    }
    storeState.isBroken = false
  }
}
