/// One guard or one truth that a world goes without, to see that a checker finds it. All are planted around the machines, never in them.
public enum PlantedBug: String, Sendable, CaseIterable {
  // What services keep
  /// The config service forgets the requests that it has answered when it starts anew.
  case forgottenRequests
  /// It sends before it stores.
  case sentBeforeStored
  /// A plan without its last cable passes as whole.
  case halfPlanned
  /// A lab that is made again is given the birth of the one before.
  case reusedBirth
  /// A freed VNI is given out again without asking the hosts.
  case earlyClear
  /// A VNI is given to two labs.
  case sharedVNI
  /// A running job's record is dropped.
  case forgottenJob
  /// The end of a job is never stored.
  case lostFinish
  /// The same file again starts nodes anew.
  case raisedSerial
  /// What is told as refused is done all the same.
  case refusedAcceptance
  /// The reconciler forgets which changes it has told.
  case lostSequences
  /// Its clock runs three times too fast.
  case hastyReconciler
  /// After a power cut the log numbers on from what is left of it.
  case reusedNumbers
  /// A recovered store doesn't say whose successor it is.
  case undeclaredSuccessor
  /// It gives out the VNIs of the time that was lost.
  case rewoundVNIs
  /// A cable ends at a management interface, or where another one does.
  case managedLink, doubledLink
  /// A node's management address becomes another one; two labs have one network.
  case movedAddress, sharedSubnet
  /// A node is placed on a host that is to be given nothing.
  case crowdedHost
  /// A node is placed on a host whose agent is too old for it.
  case flatteredHost
  /// What is on a drained host is left there.
  case deafEvacuation
  /// The hub welcomes a second process of a name.
  case doubleAdmission
  /// Of a commit that was cut off a part is there.
  case tornCommit
  /// Two processes share a folder.
  case unlockedFolder
  /// Puts are stored whatever has changed since they were decided.
  case blindPut
  /// The store goes on though a host has seen more of it than it has.
  case hiddenRevision
  /// A backup in the store's place isn't known for one.
  case unmarkedBackup
  /// A lab's cables stay as they were planned for its wiring before.
  case staleWiring
  /// A VNI doesn't rest for hosts that can't be heard.
  case forgottenLost
  /// The reconciler takes what is said in a session that is over.
  case anySession
  /// It calls every lab converged.
  case hastyConvergence
  // What agents are told, and keep
  /// Another deployment's word passes as their own store's.
  case foreignObeyed
  /// They are given another host's assignment.
  case othersAssignment
  /// The assignment isn't synced to disk.
  case unsyncedCache
  /// Nodes' deaths are forgotten when the agent starts anew.
  case forgottenCrashes
  /// Ends of nodes are kept in the agent's memory only.
  case forgottenEnds
  /// What ended while no agent lived is told by nobody.
  case unseenDeaths
  /// A node starts once more after its user has stopped it.
  case replayedStart
  /// It waits for the control plane after a boot.
  case timidBoot
  /// A copied disk's assignment is acted on at once.
  case trustedClone
  /// Another spelling of an interface is another interface.
  case twinnedSpelling
  // What they read, do and report
  /// What is just being started is swept away as nobody's.
  case sweptStart
  /// The tap shows all to everybody.
  case openTap
  /// The first read of an agent whose disk was lost shows nothing.
  case blankAfterWipe
  /// An agent stands still while its engine hangs, or all hosts' engines hang with one.
  case deafWhileHung, hungTogether
  /// Why a lab isn't as it should be is told to nobody.
  case muteReasons
  /// A read that fails passes as an empty host.
  case failedReadIsEmpty
  /// What couldn't be listed passes as empty; all else waits for it.
  case unlistedIsEmpty, engineHoldsAll
  /// Images pass as present that nobody has looked for; a pull goes on for ever once nobody waits for it.
  case assumedImages, endlessPulls
  /// Whatever an agent reads of its host's room, it is told that there is plenty.
  case deafAdmission
  /// Tests of readiness pass that didn't; agents tell other hosts that all that is waited for has come.
  case hastyReadiness, earlyWord
  /// The first read misses an interface.
  case partialInventory
  /// What bears no mark is read as ours.
  case unmarkedTaken
  /// Containers that aren't a lab's are seen by no agent; those that no lab has a place for are taken away.
  case unseenVisitors, sweptVisitors
  /// Nothing is deleted, and nobody says so.
  case leakedTunnel, leakedTap, leakedFolder, leakedSegment
  /// A configuration that was fetched isn't on disk.
  case lostBlob
  /// A node runs with another configuration than its digest says.
  case wrongConfig
  /// With whatever is done a link blinks, or an interface is made anew.
  case blinkingLink, replacedPeer
  /// A start reaches another host too.
  case wanderingStart
  /// Interfaces have another MTU than they should.
  case wrongMTU
  /// A node that lives is reported dead.
  case toldDead
  /// Cables that nothing passes are reported as right.
  case blindReport
  /// Ways between hosts that nothing passes are told as open.
  case blindProbe
  /// Something changes a device now and then.
  case noisyKernel

  /// The invariants that it breaks, by number; any of them may be found first.
  public var breaks: [Int] {
    switch self {
    case .forgottenRequests, .lostSequences, .reusedNumbers, .tornCommit: [24]
    case .managedLink: [11]
    case .doubledLink: [12]
    case .movedAddress, .sharedSubnet: [45]
    case .crowdedHost: [41]
    case .flatteredHost: [51]
    case .deafEvacuation: [42]
    case .muteReasons: [43]
    case .twinnedSpelling: [10]
    case .wrongConfig: [1]
    case .blinkingLink: [31]
    case .replacedPeer: [32]
    case .trustedClone: [39]
    case .unlockedFolder: [24, 35, 39]
    case .blindPut: [25, 36, 38]
    case .hiddenRevision, .unmarkedBackup: [21]
    case .staleWiring: [36]
    case .forgottenLost: [37]
    case .anySession: [19]
    case .hastyConvergence: [9, 36]
    case .sweptStart: [18]
    case .openTap: [44]
    case .timidBoot: [5]
    case .blankAfterWipe: [7, 16]
    case .deafWhileHung: [27]
    case .hungTogether: [28]
    case .sentBeforeStored: [35]
    case .halfPlanned: [36]
    case .reusedBirth: [38]
    case .earlyClear, .rewoundVNIs: [37]
    case .sharedVNI: [13]
    case .forgottenJob: [34]
    case .lostFinish: [8]
    case .raisedSerial: [17]
    case .refusedAcceptance: [25]
    case .hastyReconciler, .wanderingStart, .toldDead: [20]
    case .doubleAdmission: [39]
    case .foreignObeyed, .othersAssignment, .unsyncedCache, .undeclaredSuccessor: [21]
    case .forgottenCrashes: [22]
    case .forgottenEnds, .unseenDeaths: [19]
    case .replayedStart: [23]
    case .failedReadIsEmpty: [16]
    case .unlistedIsEmpty: [5, 16]
    case .engineHoldsAll: [46]
    case .assumedImages, .endlessPulls: [47]
    case .deafAdmission: [48]
    case .hastyReadiness, .earlyWord: [49]
    case .unseenVisitors, .sweptVisitors: [50]
    case .partialInventory: [6]
    case .unmarkedTaken: [15]
    case .leakedTunnel, .leakedTap, .leakedSegment: [14]
    case .leakedFolder: [26]
    case .wrongMTU: [33]
    case .lostBlob: [3]
    case .blindReport, .blindProbe: [9]
    case .noisyKernel: [30]
    }
  }

  /// Makes worlds in which its guard is needed often.
  func sharpen(_ faults: inout Faults) {
    switch self {
    case .lostSequences: (faults.crashAfterCommit, faults.nodeDeath) = (150, 200)
    case .forgottenCrashes:
      faults.crashLoop = 200
      faults.agentCrash = 150
    case .forgottenEnds, .unseenDeaths:
      faults.nodeDeath = 200
      faults.agentCrash = 200
      faults.powerCut = 0
    case .failedReadIsEmpty: (faults.failedRead, faults.agentCrash) = (300, 100)
    case .unlistedIsEmpty: (faults.engineLoss, faults.agentCrash) = (200, 100)
    case .forgottenRequests: faults.crashAfterCommit = 150
    case .tornCommit: faults.fullDisk = 100
    case .reusedNumbers:
      faults.controlCut = 100
      faults.nodeDeath = 100
    case .undeclaredSuccessor:
      faults.restore = 200
      faults.cut = 100
    case .rewoundVNIs:
      faults = Faults()
      (faults.restore, faults.partition, faults.cut) = (500, 120, 60)
    case .foreignObeyed: faults.otherStore = 100
    case .blindProbe: faults.firewall = 300
    case .unmarkedTaken:
      faults.foreign = 200
      faults.agentCrash = 100
    case .trustedClone: faults.rival = 100
    case .unlockedFolder:
      faults.rival = 100
      faults.pause = 100
    case .hiddenRevision, .unmarkedBackup: faults.restore = 200
    case .forgottenLost:
      faults = Faults()
      faults.partition = 30
    case .anySession:
      faults = Faults()
      faults.agentCrash = 300
      faults.nodeDeath = 600
      faults.longestDelay = 300
      faults.duplication = 400
    case .blindPut:
      faults = Faults()
      faults.longestDelay = 1_000
      faults.serviceCrash = 40
      faults.duplication = 200
    case .sentBeforeStored, .halfPlanned, .reusedBirth, .earlyClear, .sharedVNI, .forgottenJob, .lostFinish, .raisedSerial,
      .refusedAcceptance,
      .hastyReconciler, .managedLink, .doubledLink, .crowdedHost, .flatteredHost, .deafEvacuation, .doubleAdmission, .othersAssignment,
      .unsyncedCache,
      .replayedStart, .timidBoot, .sweptStart, .openTap, .blankAfterWipe, .deafWhileHung, .hungTogether, .muteReasons, .partialInventory,
      .leakedTunnel, .leakedTap, .leakedFolder, .lostBlob, .twinnedSpelling, .staleWiring, .hastyConvergence, .wanderingStart, .wrongMTU,
      .toldDead, .blindReport, .noisyKernel, .wrongConfig, .blinkingLink, .replacedPeer, .movedAddress, .sharedSubnet, .leakedSegment,
      .engineHoldsAll, .assumedImages, .endlessPulls, .deafAdmission, .hastyReadiness, .earlyWord, .unseenVisitors,
      .sweptVisitors:
      break
    }
  }

  /// It shows in labs with management networks only.
  var isOfManagement: Bool { self == .movedAddress || self == .sharedSubnet || self == .leakedSegment }

  /// It shows where nodes wait for others only.
  var isOfStages: Bool { self == .hastyReadiness || self == .earlyWord || self == .flatteredHost }

  /// It shows where hosts have engines only.
  var isOfEngines: Bool { [.unlistedIsEmpty, .engineHoldsAll, .assumedImages, .endlessPulls].contains(self) }

  /// It shows where containers come that aren't a lab's.
  var isOfVisitors: Bool { self == .unseenVisitors || self == .sweptVisitors }

  /// Whether a run's problem names one of them.
  public func isFound(in problem: String) -> Bool {
    guard let numbers = problem.split(separator: ":").first(where: { $0.contains(where: \.isNumber) }) else { return false }
    return numbers.split(whereSeparator: { !$0.isNumber }).contains { Int($0).map(breaks.contains) ?? false }
  }
}
