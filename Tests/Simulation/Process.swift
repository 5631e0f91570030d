import AgentCore
import ConfigCore
import HubCore
import JobCore
import LinkCore
import Machine
import Model
import ReconcilerCore

/// One process of the world: a machine, its place on the bus, and its life.
struct SimulatedProcess {
  enum Core {
    case configs(ConfigCore)
    case jobs(JobCore)
    case links(LinkCore)
    case reconciler(ReconcilerCore)
    case agent(AgentCore)
    case client(Client)
  }

  var core: Core
  let instance: Instance
  let routing: RoutingID
  /// The hub that admitted it.
  var hub: Instance?
  var isHelloUnderWay = false
  var topics: Set<Topic> = []
  /// When its next wake is due; later wakes of the queue are stale.
  var wake: UInt64?

  var wakeAt: Instant? {
    switch core {
    case .configs(let core): core.wakeAt
    case .jobs(let core): core.wakeAt
    case .links(let core): core.wakeAt
    case .reconciler(let core): core.wakeAt
    case .agent(let core): core.wakeAt
    case .client(let core): core.wakeAt
    }
  }
}
