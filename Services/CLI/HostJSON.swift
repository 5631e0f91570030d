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
      "nodes": .integer(nodes), "links": .integer(links), "revision": .unsigned(revision.number), "load": HostLoad.json(load),
      "restraint": .text(restraint?.rawValue ?? ""), "reason": .text(reason), "lacks": .array(lacks.map { .string($0) }),
      "underlay": .string("\(spec.underlay)"),
      "mtu": .integer(spec.underlayMTU), "capacity": .integer(spec.capacity), "runtimes": .array(spec.runtimes.map { .string($0) }),
      "capabilities": .array(spec.capabilities.map { .string($0) }),
    ])
  }
}

extension HostLoad {
  var json: JSON { Self.json(self) }

  /// Its keys are there also while nothing of it is known.
  static func json(_ load: HostLoad?) -> JSON {
    .members([
      "nodes": .optional(load?.nodes, JSON.integer), "load1": .optional(load?.load1, JSON.thousandths),
      "memoryAvailable": .optional(load?.memoryAvailable, JSON.integer), "actions": .optional(load?.actions, JSON.unsigned),
      "memoryTotal": .optional(load?.memoryTotal, JSON.integer), "pids": .optional(load?.pids, JSON.integer),
      "pidLimit": .optional(load?.pidLimit, JSON.integer), "diskAvailable": .optional(load?.diskAvailable, JSON.integer),
      "diskTotal": .optional(load?.diskTotal, JSON.integer),
      "pressure": .optional(load?.pressure) {
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
