/// How bad this world is; drawn by seed, so that each run stresses other things.
public struct Faults: Sendable {
  /// In thousandths of messages.
  var loss: UInt64 = 0
  var duplication: UInt64 = 0
  var longestDelay: UInt64 = 5
  /// In thousandths of chances, each 200 ms.
  var serviceCrash: UInt64 = 0
  var hubCrash: UInt64 = 0
  var agentCrash: UInt64 = 0
  var powerCut: UInt64 = 0
  /// All services and the hub at once, and what their disks hadn't synced.
  var controlCut: UInt64 = 0
  var nodeDeath: UInt64 = 0
  var interfaceFlap: UInt64 = 0
  var deviceLoss: UInt64 = 0
  var sandboxLoss: UInt64 = 0
  var clientCrash: UInt64 = 0
  /// SIGSTOP of a process or of the hub for a while.
  var pause: UInt64 = 0
  /// One way, or both, between a process and the hub.
  var cut: UInt64 = 0
  /// Several hosts cut off at once.
  var partition: UInt64 = 0
  /// Devices of others come and go: their VNIs and names are taken.
  var foreign: UInt64 = 0
  /// A second process of a name.
  var rival: UInt64 = 0
  /// The store is replaced by an older backup, or by another deployment's.
  var restore: UInt64 = 0
  var otherStore: UInt64 = 0
  /// A node whose process ends soon after each start.
  var crashLoop: UInt64 = 0
  /// A host's firewall drops tunnels, or lets them in again.
  var firewall: UInt64 = 0
  /// In thousandths of actions: refused; or done though it was reported as failed.
  var actionFailure: UInt64 = 0
  var ambiguity: UInt64 = 0
  /// In thousandths of reads of a host: it fails, and is tried again.
  var failedRead: UInt64 = 0
  /// In thousandths of a dead agent's batches: they go on after its death.
  var lateAction: UInt64 = 0
  /// In thousandths of commits: the process dies between its commit and its sends, or the disk is full and nothing is committed.
  var crashAfterCommit: UInt64 = 0
  var fullDisk: UInt64 = 0
  /// In thousandths of an agent's writes: its disk is full.
  var hostDiskFull: UInt64 = 0
  /// In thousandths of chances, each 200 ms: a content on a host's disk is damaged (and of reads of one by the store: it fails); clocks on the wall are set.
  var blobLoss: UInt64 = 0
  /// In thousandths of chances, each 200 ms: what an agent keeps on disk is damaged, or its disk is another one.
  var diskLoss: UInt64 = 0
  var clockStep: UInt64 = 0
  /// In thousandths of batches of starts: a node's process ends before the batch does.
  var earlyExit: UInt64 = 0
  /// In thousandths of chances, each 200 ms, and five times that when a host gets power: its engine doesn't answer for a while. Only where
  /// hosts have one.
  var engineLoss: UInt64 = 0
  /// In thousandths of chances, each 200 ms: a host runs short of memory, processes or processors. Only where readings are told.
  var shortage: UInt64 = 0
  /// In thousandths of chances, each 200 ms: a container that isn't a lab's comes to a host, or goes.
  var visits: UInt64 = 0
  /// In thousandths of pulls: the registry is away or has no such image.
  var pullFailure: UInt64 = 0
  /// Clocks differ from the world's by at most this many thousandths.
  var drift: UInt64 = 0

  static let none = Faults()

  init() {}

  /// Each kind is missing in about a third of the worlds: one fault often hides another.
  init(_ chance: inout Chance) {
    func draw(_ most: UInt64) -> UInt64 { chance.happens(650) ? chance.below(most) : 0 }
    loss = draw(120)
    duplication = draw(150)
    longestDelay = 1 + draw(300)
    serviceCrash = draw(80)
    hubCrash = draw(30)
    agentCrash = draw(80)
    powerCut = draw(30)
    nodeDeath = draw(100)
    interfaceFlap = draw(100)
    deviceLoss = draw(40)
    sandboxLoss = draw(20)
    clientCrash = draw(20)
    pause = draw(30)
    cut = draw(40)
    partition = draw(15)
    foreign = draw(60)
    rival = draw(20)
    restore = chance.happens(120) ? 20 : 0
    otherStore = chance.happens(150) ? 20 : 0
    crashLoop = chance.happens(200) ? 10 : 0
    actionFailure = draw(100)
    ambiguity = draw(60)
    failedRead = draw(300)
    lateAction = draw(800)
    crashAfterCommit = draw(30)
    fullDisk = draw(10)
    drift = draw(20)
    controlCut = draw(15)
    firewall = draw(30)
    hostDiskFull = draw(300)
    blobLoss = draw(40)
    diskLoss = draw(15)
    clockStep = draw(20)
    earlyExit = draw(200)
  }
}

extension Faults {
  /// Every kind by its name, for the minimiser.
  static var kinds: [(name: String, path: any WritableKeyPath<Faults, UInt64> & Sendable)] {
    [
      ("loss", \.loss), ("duplication", \.duplication), ("delay", \.longestDelay), ("service crash", \.serviceCrash),
      ("hub crash", \.hubCrash), ("agent crash", \.agentCrash), ("power cut", \.powerCut), ("control power cut", \.controlCut),
      ("node death", \.nodeDeath),
      ("interface flap", \.interfaceFlap), ("device loss", \.deviceLoss), ("sandbox loss", \.sandboxLoss),
      ("client crash", \.clientCrash), ("pause", \.pause), ("cut", \.cut), ("partition", \.partition), ("foreign", \.foreign),
      ("rival", \.rival), ("restore", \.restore), ("other store", \.otherStore), ("crash loop", \.crashLoop),
      ("action failure", \.actionFailure), ("ambiguity", \.ambiguity), ("failed read", \.failedRead), ("late action", \.lateAction),
      ("crash after commit", \.crashAfterCommit), ("full disk", \.fullDisk), ("drift", \.drift), ("firewall", \.firewall),
      ("host disk full", \.hostDiskFull), ("blob loss", \.blobLoss), ("disk loss", \.diskLoss), ("clock step", \.clockStep),
      ("early exit", \.earlyExit), ("engine loss", \.engineLoss), ("pull failure", \.pullFailure), ("shortage", \.shortage),
    ]
  }
}
