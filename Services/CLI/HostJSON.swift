import Model

extension HostState {
  var tone: Tone {
    switch self {
    case .online: .good
    case .lost: .bad
    case .drained: .pending
    }
  }
}

extension HostStatus {
  var json: JSON {
    .members([
      "name": .string(name.text), "state": .string(state.rawValue), "session": .optional(session) { .string("\($0)") },
      "nodes": .integer(nodes), "links": .integer(links), "revision": .unsigned(revision.number), "load": (load ?? HostLoad()).json,
      "restraint": .text(restraint?.rawValue ?? ""), "reason": .text(reason), "lacks": .array(lacks.map { .string($0) }),
      "underlay": .string("\(spec.underlay)"),
      "mtu": .integer(spec.underlayMTU), "capacity": .integer(spec.capacity), "runtimes": .array(spec.runtimes.map { .string($0) }),
      "capabilities": .array(spec.capabilities.map { .string($0) }),
    ])
  }
}

extension HostLoad {
  var json: JSON {
    .members([
      "nodes": .integer(nodes), "load1": .thousandths(load1), "memoryAvailable": .integer(memoryAvailable), "actions": .unsigned(actions),
      "memoryTotal": .integer(memoryTotal), "pids": .integer(pids), "pidLimit": .integer(pidLimit),
      "diskAvailable": .integer(diskAvailable), "diskTotal": .integer(diskTotal),
      "pressure": .optional(pressure) {
        .members(["cpu": .thousandths($0.cpu), "memory": .thousandths($0.memory), "io": .thousandths($0.io)])
      },
    ])
  }

  /// In one line.
  var words: String {
    var words = [
      "load \(JSON.thousandths(load1).text)", "memory \(memoryAvailable) of \(memoryTotal) MiB free", "\(pids) of \(pidLimit) pids",
      "disk \(diskAvailable) of \(diskTotal) MiB free",
    ]
    if let pressure {
      words.append(
        "pressure cpu \(Self.percent(pressure.cpu)), memory \(Self.percent(pressure.memory)), io \(Self.percent(pressure.io))")
    }
    return words.joined(separator: ", ")
  }

  private static func percent(_ thousandths: Int) -> String { "\((thousandths + 500) / 1_000) %" }
}
