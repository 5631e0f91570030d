import AgentCore
import Kinds
import Model

/// What a host's engine has, and what is known without it.
extension SimulatedHost {
  /// What a read of the kernel and of the namespace runtime shows, and which nodes the engine may run.
  var own: (inventory: Inventory, ended: [FoundEnd], unlisted: [String: Set<NodeKey>]) {
    let ends = ended.values.sorted { $0.key < $1.key }
    guard runtimes.contains(Kind.dockerRuntime) else { return (truth, ends, [:]) }
    var inventory = truth
    inventory.processes = truth.processes.filter { containers[$0.key] == nil }
    inventory.folders.subtract(containers.keys)
    return (inventory, ends.filter { containers[$0.key] == nil }, [Kind.dockerRuntime: Set(containers.keys).intersection(crashes.keys)])
  }

  /// What the engine's list shows.
  var listed: RuntimeList {
    RuntimeList(
      processes: truth.processes.filter { containers[$0.key] != nil }, folders: Set(containers.keys),
      ended: ended.values.filter { containers[$0.key] != nil }.sorted { $0.key < $1.key })
  }

  /// It runs in the engine here.
  func needsEngine(_ node: NodeSpec) -> Bool {
    runtimes.first { node.runtimes.isEmpty || node.runtimes.contains($0) } == Kind.dockerRuntime
  }

  /// No container can be made of it.
  func lacksImage(of node: AssignedNode) -> Bool {
    needsEngine(node.spec) && containers[node.key] != node.spec.processDigest && !images.contains(node.spec.image)
  }
}
