import Machine
import Model

extension AgentCore {
  mutating func answer(_ incoming: Incoming, at now: Now) -> [Effect] {
    guard case .agent(let request) = incoming.request else {
      return refuse(incoming.from, LabError(.unimplemented, "agent/\(spec.name)", "an agent doesn't answer this request"))
    }
    // Agents tell each other of cables; who runs commands here is an operator.
    let isOperator = if case .client = incoming.from.peer { true } else { false }
    switch request {
    case .farEnds(let ends): return hear(ends, from: incoming.from, at: now)
    case .greet:
      guard incoming.from.peer == .reconciler else {
        return refuse(incoming.from, LabError(.permissionDenied, "\(incoming.from.peer)", "is not the reconciler"))
      }
      mustRegister()
      return [.bus(.reply(incoming.from, .success(.agent(.greeted))))]
    case _ where !isOperator:
      return refuse(incoming.from, LabError(.permissionDenied, "\(incoming.from.peer)", "may not run commands or read output here"))
    case .postmortem, .execRead, .execWrite, .execResize, .execKill, .images: return [.serve(incoming.from, nil, request)]
    case .exec(let exec): return once(incoming.from) { core in core.serve(request, for: exec.node, mustRun: true, incoming.from) }
    case .imageTask: return once(incoming.from) { _ in [.serve(incoming.from, nil, request)] }
    case .usage(let query): return measure(query, for: incoming.from)
    case .logs(let node, _, _): return serve(request, for: node, mustRun: false, incoming.from)
    }
  }

  /// At most once for each request.
  private mutating func once(_ address: Incoming.Address, _ begin: (AgentCore) -> [Effect]) -> [Effect] {
    switch execs[address] {
    case .underWay?: return []
    case .ended(let result)?: return [.bus(.reply(address, result))]
    case nil: break
    }
    let effects = begin(self)
    if case .serve? = effects.first { execs.begin(address) }
    return effects
  }

  private func serve(_ request: AgentRequest, for node: NodeID, mustRun: Bool, _ address: Incoming.Address) -> [Effect] {
    guard let key = wanted.keys[node], let wish = wanted.nodes[key] else {
      return refuse(address, LabError(.notFound, "\(node)", "is not on host \(spec.name)"))
    }
    if mustRun, let blindness = blindness(about: key) { return refuse(address, LabError(.unavailable, "\(node)", blindness)) }
    if mustRun, inventory?.processes[key] == nil {
      return refuse(address, LabError(.failedPrecondition, "\(node)", "does not run ('archetype inspect \(node.lab)' says why)"))
    }
    return [.serve(address, wish, request)]
  }

  /// Of nodes whose processes are known; the app reads what they take.
  private func measure(_ query: UsageQuery, for address: Incoming.Address) -> [Effect] {
    guard let inventory else { return refuse(address, LabError(.unavailable, "host \(spec.name)", "has not been read yet (try again)")) }
    let names = Set(query.nodes)
    var running: [(id: NodeID, node: MeasuredNode)] = []
    for (id, key) in wanted.keys where query.lab ?? id.lab == id.lab && (names.isEmpty || names.contains(id.node)) {
      guard let process = inventory.processes[key], let node = wanted.nodes[key], query.after.map({ $0 < id }) ?? true else { continue }
      running.append((id, MeasuredNode(key: key, kind: node.spec.kind, pid: process.pid)))
    }
    running.sort { $0.id < $1.id }
    let page = running.prefix(Limits.usagePage)
    return [.measure(address, page.map(\.node), last: page.count < running.count ? page.last?.id : nil)]
  }

  func refuse(_ address: Incoming.Address, _ error: LabError) -> [Effect] { [.bus(.reply(address, .failure(error)))] }
}
