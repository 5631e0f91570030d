import AgentCore
import Machine
import Model

/// The invariants that a simulated world can show; what is told of a broken one begins with its number. Each checker keeps what it needs of
/// the past and is fed only what a step did; those of intent, of agents, of hosts and of what is told are in files of their own.
struct Checks {
  /// The first invariant that was broken.
  private(set) var violation: String?
  /// Counts what could make an unfinished world finished.
  private(set) var changes: UInt64 = 0
  var time: UInt64 = 0
  /// Agents may stand still: what they do may rest on what was true seconds before.
  var isBlurred = false
  /// The store's disk isn't the one that its users know: what it says is no promise to them.
  var isStoreWrong = false
  /// Two stores of one incarnation took changes: what they numbered alike, nobody can tell apart (37, 38).
  var isForked = false
  /// An older copy is in the store's place, until its operator says which one is right.
  var isStoreOld = false
  /// VNIs that it has given out until then, and to which labs: hosts that have seen more may still use them for other cables (37).
  var givenTwice: [VNI: Set<LabKey>] = [:]

  var intent = IntentHistory()
  var agents: [HostName: AgentHistory] = [:]
  var nodes = NodeHistory()
  var wire = WireHistory()
  var words = WordHistory()

  mutating func fail(_ text: String) { if violation == nil { violation = text } }
  mutating func note() { changes += 1 }

  /// The store goes on from an older state: what isn't in that was lost by whoever put it there.
  mutating func began(anew intent: Intent) {
    self.intent = IntentHistory(intent, after: self.intent)
    words.begin(anew: intent)
    nodes.untold = [:]
    words.lost = self.intent.jobs.filter { intent.jobs[$0] == nil }
    note()
  }
}
