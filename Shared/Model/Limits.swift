/// Every general limit, with its reason.
public enum Limits {
  /// A label of DNS, which names of nodes become.
  public static let nameLength = 63
  public static let requestIDLength = 64
  /// Largest chassis in the catalogue has fewer; keeps node ends' ifindex below 2^20.
  public static let interfacesPerNode = 4095
  /// One config service with SQLite was designed for it.
  public static let nodesPerLab = 10_000
  public static let linksPerLab = 40_000
  /// A topology file: the largest lab, written out, takes a seventh of it, and embedded configurations need room too.
  public static let topologyBytes = 16 << 20
  /// A frame of the bus: bounds what one peer can make another hold.
  public static let frameBytes = 1 << 20
  /// What one frame of a longer message carries, so that a hub forwards others between.
  public static let partBytes = 256 << 10
  /// A hub frame that a peer sends: names, or a topic; what is longer isn't one.
  public static let hubFrameBytes = 4 << 10
  /// A longer message is 64 parts at most: half of a peer's high-water mark.
  public static let messageBytes = 64 * partBytes
  /// Labs with the cables that they will have, hosts and jobs: who follows intent gets all of it as one message, and in the rest of that
  /// stand the versions that are held while newer ones are planned.
  public static let intentBytes = messageBytes / 2
  /// Messages queued for one peer before the hub refuses more for it.
  public static let highWaterMark: Int32 = 128
  /// The same for those who read along: more, since they read everything.
  public static let tapMark: Int32 = 4_096
  /// A startup configuration; the largest seen in the field are a few MiB.
  public static let blobBytes = 8 << 20
  /// Of a backup, in one message: four of its parts, so that others come between.
  public static let backupPartBytes = 4 * partBytes
  /// Numbers of a host's changes: nobody makes as many, and what is reckoned with one stays in range.
  public static let sequence: UInt64 = 1 << 62
  /// An agent's changes that the reconciler hasn't acknowledged; with more waiting it reports all anew. And as many ends of nodes: with
  /// more the oldest are lost, which the event log says.
  public static let unacknowledgedChanges = 4096
  /// Actions of one batch that the black box names; a large deploy has thousands, and the rest is counted.
  public static let boxActions = 256
  /// Records of each kind in one postmortem: with all their actions half a message at most.
  public static let postmortemRecords = 400
  /// Lines of each log in one postmortem, and characters of each line.
  public static let postmortemLines = 200
  public static let postmortemLine = 400
  /// Earlier lives that a store names: who recovers it more often has other troubles.
  public static let predecessors = 16
  /// Finished jobs that are kept for `job list`.
  public static let finishedJobs = 200
  /// Remembered results of requests per sender; older ones are beyond any deadline.
  public static let rememberedRequests = 4096
  /// Waits of one node for others: each is looked at whenever it could start, and each is told its host.
  public static let waitsPerNode = 64
  /// Nodes of one answer of what they use: each is a dozen files to read, and with fifty interfaces a few KiB.
  public static let usagePage = 128
  /// Longest that a node may take to be ready, in milliseconds.
  public static let readiness: UInt64 = 86_400_000
  /// Longest deadline that a request may carry, in milliseconds.
  public static let deadline: UInt64 = 600_000
  /// Output of one `exec` that is held until its reader has it; the rest stays in the pipe, and the command waits.
  public static let execOutputBytes = 512 << 10
  /// Questions that a reconciler which has just begun keeps until its hosts have reported, for two seconds at most; more are told to ask again.
  public static let heldQuestions = 256
  /// Snapshots a receiver serves at a time.
  public static let snapshotsAtOnce = 8
  /// Ethernet's least (RFC 791: 68) and the kernel's most.
  public static let mtu = 68...65535
}
