public import Model

/// What runs nodes on a host.
///
/// Every call is *ensure*: what is so already is success. Calls block, with a bound on their time, and are made from worker threads, also
/// several at once; `drain`, `takeFound` and `eventDescriptor` are for the reactor's.
public protocol NodeRuntime: Sendable {
  /// As topologies and hosts name it.
  var name: String { get }

  /// Readable when `drain` or `takeFound` has something. It belongs to the runtime.
  var eventDescriptor: Int32 { get }

  /// All nodes of this deployment and host that were started since the host's boot and not removed, sorted by key.
  /// Those that run are watched from now on: this is also how a restarted agent takes its nodes back.
  /// - Throws: where the host couldn't be read; then nothing is known, which is not "no nodes".
  func list() throws(LabError) -> [RunningNode]

  /// Nodes that may run in it, as the host's own files tell, where `list` asks somebody who may be away; nil: it asks nobody.
  /// - Throws: where they couldn't be read.
  func suspects() throws(LabError) -> Set<NodeKey>?

  /// Everything that has a folder here, also stopped nodes that left only their disk; sorted.
  func foldersOnDisk() throws(LabError) -> [NodeKey]

  /// Starts each node that doesn't run, and watches it. One outcome per node, in order. A node that runs already is a success with what
  /// runs. `UNKNOWN`: what happened can't be known, list again.
  func start(_ nodes: [NodeStart]) -> [Result<RunningNode, LabError>]

  /// Nodes that have ended since the last call; doesn't wait.
  func drain() -> [NodeExit]

  /// Nodes that others have started since the last call; doesn't wait.
  func takeFound() -> [RunningNode]

  /// Whether something of the node is here, as far as it is known without waiting.
  func knows(_ key: NodeKey) -> Bool

  /// A descriptor of the network namespace in which a node runs, for whose pin was lost; the caller closes it. nil where it doesn't run.
  func sandbox(of key: NodeKey) throws(LabError) -> Int32?

  /// Asks the nodes to end (SIGTERM to their command), and ends them after `grace` milliseconds. They have ended when it returns success.
  /// - Parameter grace: at most `Limits.deadline`.
  func stop(_ keys: [NodeKey], grace: UInt64) -> [Result<Void, LabError>]

  /// Ends nodes at once.
  func kill(_ keys: [NodeKey]) -> [Result<Void, LabError>]

  /// Ends nodes and removes all that there is of them: folders, control groups, back-off.
  func remove(_ keys: [NodeKey]) -> [Result<Void, LabError>]

  /// Starts a command in a running node.
  func exec(_ key: NodeKey, _ command: ExecCommand) throws(LabError) -> ExecProcess

  /// At most `limit` bytes of what the node's command printed, from `offset` on.
  func logs(_ key: NodeKey, offset: UInt64, limit: Int) throws(LabError) -> LogPart

  /// What a running node has printed since its start, at most the last `limit` bytes.
  func output(_ key: NodeKey, limit: Int) throws(LabError) -> [UInt8]

  /// What a running node takes of the host, by its control groups: from the kernel's own files, so that no engine is waited for.
  /// - Parameter pid: of its first process.
  func usage(_ key: NodeKey, pid: Int32) -> ResourceUsage

  /// Notes how far the commands of its stages have come for the start that runs; forgotten at the next.
  /// - Parameters:
  ///   - ended: the last stage whose commands have ended; nil: no others follow.
  ///   - warning: which of them failed, and how; empty: none.
  func mark(_ key: NodeKey, ended: Stage?, warning: String) throws(LabError)

  /// Notes that the test of the node's readiness has passed, until its next start. Nothing where it has begun another life.
  func markPassed(_ key: NodeKey, pid: Int32) throws(LabError)

  /// Notes that somebody knows of a node's end, until its next start. Nothing where it has begun another life.
  func markEndTold(_ key: NodeKey, pid: Int32)

  /// Keeps what is known of a node's crashes until the host's next boot or `remove`.
  func saveBackoff(_ key: NodeKey, _ bytes: [UInt8]) throws(LabError)
  /// What `saveBackoff` kept, or nil.
  func loadBackoff(_ key: NodeKey) -> [UInt8]?
}
