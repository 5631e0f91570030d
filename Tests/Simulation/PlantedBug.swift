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
  /// A node is placed on a host that is to be given nothing.
  case crowdedHost
  /// What is on a drained host is left there.
  case deafEvacuation
  /// The hub welcomes a second process of a name.
  case doubleAdmission
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
  // What they read, do and report
  /// A read that fails passes as an empty host.
  case failedReadIsEmpty
  /// The first read misses an interface.
  case partialInventory
  /// What bears no mark is read as ours.
  case unmarkedTaken
  /// Nothing is deleted, and nobody says so.
  case leakedTunnel, leakedTap, leakedFolder
  /// A configuration that was fetched isn't on disk.
  case lostBlob
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
    case .forgottenRequests, .lostSequences, .reusedNumbers: [24]
    case .managedLink: [11]
    case .doubledLink: [12]
    case .crowdedHost: [41]
    case .deafEvacuation: [42]
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
    case .partialInventory: [6]
    case .unmarkedTaken: [15]
    case .leakedTunnel, .leakedTap: [14]
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
    case .lostSequences:
      faults.crashAfterCommit = 150
      faults.nodeDeath = 200
    case .forgottenCrashes:
      faults.crashLoop = 200
      faults.agentCrash = 150
    case .forgottenEnds, .unseenDeaths:
      faults.nodeDeath = 200
      faults.agentCrash = 200
      faults.powerCut = 0
    case .failedReadIsEmpty:
      faults.failedRead = 300
      faults.agentCrash = 100
    case .forgottenRequests: faults.crashAfterCommit = 150
    case .reusedNumbers:
      faults.controlCut = 100
      faults.nodeDeath = 100
    case .undeclaredSuccessor, .rewoundVNIs:
      faults.restore = 200
      faults.cut = 100
    case .foreignObeyed: faults.otherStore = 100
    case .blindProbe: faults.firewall = 300
    case .unmarkedTaken:
      faults.foreign = 200
      faults.agentCrash = 100
    case .managedLink, .doubledLink, .crowdedHost, .deafEvacuation, .sentBeforeStored, .halfPlanned, .reusedBirth, .earlyClear, .sharedVNI,
      .forgottenJob, .lostFinish, .raisedSerial,
      .refusedAcceptance,
      .hastyReconciler, .doubleAdmission, .othersAssignment, .unsyncedCache, .replayedStart, .partialInventory, .leakedTunnel, .leakedTap,
      .leakedFolder, .lostBlob, .wanderingStart, .wrongMTU, .toldDead, .blindReport, .noisyKernel:
      break
    }
  }

  /// Whether a run's problem names one of them.
  public func isFound(in problem: String) -> Bool {
    guard let numbers = problem.split(separator: ":").first(where: { $0.contains(where: \.isNumber) }) else { return false }
    return numbers.split(whereSeparator: { !$0.isNumber }).contains { Int($0).map(breaks.contains) ?? false }
  }
}
