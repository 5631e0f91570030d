import AgentCore
import Kernel
import Machine
import Model
import Reactor

/// What nodes take of the host: from the kernel's files and its fabric, so that an engine that hangs holds up nobody who asks.
extension AgentApp {
  func measure(_ nodes: [MeasuredNode], last: NodeID?, for address: Incoming.Address) -> [AgentCore.Event] {
    guard let runtime else { return [.answer(address, .failure(Self.tooMuch))] }
    let kernel = kernel
    let isTaken = execWorkers.submit {
      do throws(KernelError) {
        let traffic = try kernel.traffic(of: nodes)
        let measured = nodes.map { node in
          NodeUsage(
            node: NodeID(node.key.lab.name, node.key.name), at: Clock.now().boot.milliseconds,
            resources: runtime.usage(node.key, pid: node.pid), interfaces: traffic[node.key] ?? [])
        }
        return [.answer(address, .success(.agent(.usage(UsagePage(nodes: measured, last: last)))))]
      } catch { return [.answer(address, .failure(error.labError("fabric")))] }
    }
    return isTaken ? [] : [.answer(address, .failure(Self.tooMuch))]
  }
}
