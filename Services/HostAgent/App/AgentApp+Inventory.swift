import AgentCore
import Glibc
import Logging
import Model
import Reactor
import Runtime

/// Reads what the host has of a deployment.
extension AgentApp {
  mutating func readInventory(_ deployment: Deployment) throws(LabError) {
    if runtime == nil { runtime = try Self.makeRuntime(deployment, settings) }
    guard let runtime else { return }
    let kernel = kernel
    let disk = disk
    // Tried until it works: a failed read is never an empty host.
    let isTaken = kernelWorker.submit {
      while true {
        do {
          var inventory = try kernel.read(deployment)
          var ended: [FoundEnd] = []
          let apart = try runtime.suspects()
          for name in runtime.names where apart[name] == nil {
            let list = RuntimeList(try runtime.list(name))
            inventory.processes.merge(list.processes) { first, _ in first }
            inventory.folders.formUnion(list.folders)
            ended += list.ended
          }
          // What is to be started may be more than the host has room for.
          return [.load(HostReadings.load(disk.measured.space.withLock { $0 })), .inventory(inventory, ended: ended, unlisted: apart)]
        } catch {
          Log.error("host can't be read", ["error": "\(error)"])
          sleep(1)
        }
      }
    }
    if !isTaken { throw LabError(.resourceExhausted, "agent", "too much is under way") }
  }

  /// What one runtime has, on a thread of its own: whom it asks may be away, or hang.
  func list(_ name: String) -> [AgentCore.Event] {
    guard let runtime else { return [] }
    let isTaken = engineWorkers.submit {
      do throws(LabError) { return [.listed(name, .success(RuntimeList(try runtime.list(name))))] } catch {
        return [.listed(name, .failure(error))]
      }
    }
    return isTaken ? [] : [.listed(name, .failure(Self.tooMuch))]
  }
}

extension RuntimeList {
  fileprivate init(_ found: (nodes: [RunningNode], folders: [NodeKey])) {
    self.init(folders: Set(found.folders))
    for node in found.nodes {
      switch node.state {
      case .running: processes[node.key] = node.process
      case .exited(let exit, let reason, let isTold):
        let end = ProcessEnd(pid: node.pid, exit: exit, reason: reason)
        ended.append(FoundEnd(key: node.key, process: node.process, end: end, isTold: isTold))
      }
    }
  }
}
