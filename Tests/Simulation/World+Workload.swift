import Machine
import Model

/// What users do: deploys, changes, destroys and starts of labs with few names, so that the same ones are made again.
extension World {
  mutating func doWork() {
    guard operationsLeft > 0 else { return }
    operationsLeft -= 1
    operations += 1
    guard let id = try? RequestID("op\(operations)"), let name = try? LabName("lab\(workload.below(2))") else { return }
    let request: JobsRequest =
      switch workload.below(10) {
      case 0..<5: .applyLab(lab(name), reconfigure: workload.happens(50))
      case 5..<7: .destroyLab(name)
      case 7: .setNodes(name, .stop, [])
      case 8: .setNodes(name, .start, [])
      default: .setNodes(name, .restart, [])
      }
    say("user asks \(id): \(String(String(describing: request).prefix(200)))")
    driveClient(.ask(id, request))
    push(.work, in: workload.between(50, 4_000))
  }

  private mutating func lab(_ name: LabName) -> LabSpec {
    let count = 1 + workload.below(4)
    let places = hosts.keys.sorted()
    var nodes: [NodeSpec] = []
    for number in 0..<count {
      guard let node = try? NodeName("n\(number)") else { continue }
      let host = workload.happens(600) ? workload.pick(places) : nil
      let exec = workload.happens(200) ? ["true"] : []
      nodes.append(NodeSpec(name: node, kind: "linux", image: workload.happens(100) ? "other" : "alpine", host: host, exec: exec))
    }
    var links: [LinkSpec] = []
    var used: [NodeName: Int] = [:]
    for _ in 0..<workload.below(4) {
      guard let a = workload.pick(nodes)?.name, let b = workload.pick(nodes)?.name, a != b else { continue }
      used[a, default: 0] += 1
      used[b, default: 0] += 1
      guard let one = try? Ordinal(used[a] ?? 1), let other = try? Ordinal(used[b] ?? 1) else { continue }
      links.append(LinkSpec(Endpoint(a, one), Endpoint(b, other)))
    }
    return LabSpec(name: name, nodes: nodes, links: links)
  }
}
