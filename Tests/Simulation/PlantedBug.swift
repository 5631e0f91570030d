import AgentCore
import Machine
import Model

/// One guard or one truth that a world goes without, to see that a checker finds it. All are planted around the machines, never in them.
public enum PlantedBug: String, Sendable, CaseIterable {
  case forgottenRequests, lostSequences, forgottenCrashes, sentBeforeStored, unsyncedCache, failedReadIsEmpty
}

struct Planted {
  var bug: PlantedBug?
}

extension World {
  mutating func corrupt(_ request: Request, from process: Process) -> Request? { request }
  mutating func corrupt(_ result: Result<Reply, LabError>, to peer: PeerName, from process: Process) -> Result<Reply, LabError> { result }
  mutating func corrupt(_ action: Action, on host: SimulatedHost) -> Action? { action }
  mutating func corrupt(_ inventory: Inventory, of host: SimulatedHost) -> Inventory { inventory }
  mutating func spoil(_ host: SimulatedHost) {}
}
