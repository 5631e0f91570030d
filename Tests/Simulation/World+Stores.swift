import ConfigCore
import Machine
import Model

/// What happened to the store's disk.
enum StoreFault {
  /// The right store is put back.
  case putBack(StoreDisk)
  /// An operator declares that the older copy is the one to go on with.
  case recover
  case recoverAgain
  /// The right store is lost for good: an operator gives all hosts to the one that is there.
  case adopt
}

struct StoreState {
  var backups: [StoreDisk] = []
  /// How often a backup took the store's place, and how often an operator went on with what was there.
  var restores = 0
  /// The backup that is about to take the store's place while the service runs.
  var incoming: StoreDisk?
  var recoveries: UInt64 = 0
  /// An operator means to put the newer one back.
  var isNewerComing = false
  /// Befalls a world once.
  var wasForeign = false
  /// Until it is as its operator wants it.
  var isBroken = false
  /// Another store goes on, and its operator has brought the contents that it lacked.
  var wasGivenContents = false
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
    guard mayRestore, let backup = disks.pick(storeState.backups) else { return }
    if disks.happens(300) { return askForRestore() }
    putInPlace(backup, isMarked: disks.happens(500))
  }

  private var mayRestore: Bool { storeState.restores < 2 && !storeState.isForked && !storeState.isBroken }

  /// By the service itself. Both parts of the wish may be lost, or overtake each other; then nothing comes of it.
  private mutating func askForRestore() {
    guard let id = try? RequestID("restore\(time)"), let part = try? RequestID("part\(time)") else { return }
    say("an operator restores a backup")
    ask(Self.clients[0], part, .configs(.restorePart(id, offset: 0, [1])))
    ask(Self.clients[0], id, .configs(.restore(id, bytes: 1)))
  }

  /// What the service does to copies of its store.
  mutating func perform(_ action: CopyAction, for address: Incoming.Address, of process: Process) {
    let broken = LabError(.internalError, "backup", "the file is damaged")
    func answer(_ result: CopyResult) {
      push(.configs(process, .copied(address, disks.happens(100) ? .failure(broken) : .success(result))), in: disks.between(1, 300))
    }
    switch action {
    case .make: answer(.made(StoreCopy(store: store.intent.store, revision: store.intent.revision, bytes: 1)))
    case .read(let offset): answer(.read(offset == 0 ? [1] : []))
    case .take: answer(.taken)
    case .verify:
      storeState.incoming = disks.pick(storeState.backups)
      guard let backup = storeState.incoming?.intent else { return push(.configs(process, .copied(address, .failure(broken))), in: 1) }
      answer(.verified(StoreCopy(store: backup.store, revision: backup.revision, bytes: 1)))
    case .refuse: storeState.incoming = nil
    case .adopt: adoptBackup()
    }
  }

  mutating func adoptBackup() {
    guard mayRestore, let backup = storeState.incoming else { return kill(.configs, restartIn: disks.between(20, 1_000)) }
    putInPlace(backup, isMarked: true)
  }

  private mutating func putInPlace(_ backup: StoreDisk, isMarked: Bool) {
    storeState.restores += 1
    storeState.incoming = nil
    storeState.isBroken = true
    let revision = store.intent.revision
    say("the store is replaced by a backup of revision \(backup.intent.revision), it was at \(revision)")
    kill(.configs, restartIn: disks.between(20, 1_000))
    storeState.isNewerComing = disks.happens(500)
    // Before much is put into the older copy: what that numbers anew isn't looked at.
    let longest: UInt64 = settings.bug == .rewoundVNIs ? 600 : 8_000
    push(.store(storeState.isNewerComing ? .putBack(store) : .recover), in: disks.between(500, longest))
    store = backup
    if isMarked { store.backup = try? RequestID("backup") }
    storeState.backup = backup.intent.revision
    checks?.began(anew: backup.intent)
    checks?.restored(backup.intent)
  }

  /// Another deployment's store, empty, for a while.
  mutating func showOtherStore() {
    guard !storeState.wasForeign, !storeState.isBroken, hosts.allSatisfy({ $0.cached != nil }) else { return }
    storeState.wasForeign = true
    storeState.isBroken = true
    storeState.isNewerComing = true
    say("another deployment's store takes the place")
    kill(.configs, restartIn: disks.between(20, 1_000))
    let right = store
    storeState.right = right.intent
    let other = StoreIdentity(deployment: Deployment(random: seed &+ 2), incarnation: Incarnation(random: seed &+ 3))
    store = StoreDisk(intent: Intent(store: other))
    checks?.isStoreWrong = true
    checks?.words.isContested = true
    restartFollowers()
    push(.store(disks.happens(300) ? .adopt : .putBack(right)), in: disks.between(2_000, 15_000))
  }

  /// Services that follow a store learn of another one by its higher numbers; here its operator starts them anew.
  private mutating func restartFollowers() {
    for name in Self.services where name != .configs { kill(name, restartIn: disks.between(20, 1_000)) }
  }

  mutating func run(_ fault: StoreFault) {
    switch fault {
    case .recover:
      // Whoever reads that it wasn't done, or nothing, says it again.
      push(.store(.recoverAgain), in: 10_000)
      storeState.recoveries += 1
      guard let id = try? RequestID("recover\(storeState.recoveries)") else { return }
      say("an operator goes on with the older copy")
      let new = Incarnation(random: seed &+ 10 &+ storeState.recoveries)
      ask(Self.clients[0], id, .configs(.recover(new, of: PutBasis(store: store.intent.store, revision: store.intent.revision))))
    case .adopt: adopt()
    case .recoverAgain: if storeState.isBroken, !storeState.isNewerComing { run(.recover) }
    case .putBack(let right):
      kill(.configs, restartIn: disks.between(20, 1_000))
      if checks?.isStoreWrong == false, store.intent.revision != storeState.backup { storeState.isForked = true }
      // Contents that were put into the wrong one are lost: their labs wait until a person deploys them again.
      if store.blobs.keys.contains(where: { right.blobs[$0] == nil }) { storeState.isForked = true }
      checks?.isForked = storeState.isForked
      checks?.words.lost.formUnion(store.intent.jobs.keys.filter { right.intent.jobs[$0] == nil })
      store = right
      storeState.right = nil
      say("the right store is put back")
      restartFollowers()
      if checks?.isStoreWrong == false { checks?.began(anew: right.intent) }
      checks?.isStoreWrong = false
      checks?.isStoreOld = false
      storeState.isBroken = false
      storeState.isNewerComing = false
    }
  }

  /// Every host is set up anew: what ran there is gone, and what the agent had on disk.
  private mutating func adopt() {
    say("the other deployment's store is the one to go on with")
    storeState.right = nil
    storeState.backups = []
    for host in hosts {
      if host.isOn { losePower(host) }
      host.reinstall()
      checks?.wiped(host)
      push(.powerOn(host), in: disks.between(100, 1_000))
    }
    restartFollowers()
    checks?.isStoreWrong = false
    checks?.began(anew: store.intent)
    bringContents("adopted")
    storeState.isBroken = false
    storeState.isNewerComing = false
  }

  /// What an operator brings again is what a store lacks that goes on in another's place.
  mutating func bringContents(_ occasion: String) {
    storeState.wasGivenContents = true
    for (digest, content) in Self.contents.sorted(by: { $0.key < $1.key }) {
      guard let id = try? RequestID("\(occasion).\(digest.hex.prefix(8))") else { continue }
      ask(Self.clients[0], id, .configs(.putBlob(digest, content)))
    }
  }

  /// The older copy goes on as another incarnation; another one may take its place later.
  mutating func recovered() {
    bringContents("content\(storeState.recoveries)")
    let incarnation = store.intent.store.incarnation
    say("the store goes on as \(incarnation)")
    checks?.isStoreOld = false
    if storeState.isNewerComing { storeState.isForked = true } else { storeState.isBroken = false }
  }

  /// A host has obeyed a store that the present one doesn't name, or more of this one than there is: its operator reads so.
  var needsOperator: Bool {
    hosts.contains { host in
      // An agent goes on with what it knows though its disk is lost.
      guard let cached = processes[.agent(host.name)]?.agent?.machine.assignment ?? host.cached, host.name != absent else { return false }
      let isAhead = cached.store.incarnation == store.intent.store.incarnation && cached.revision > store.intent.revision
      return isAhead || !store.intent.store.succeeds(cached.store)
    }
  }
}
