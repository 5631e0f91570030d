import Model

extension StatsSample {
  func table(since before: StatsSample) -> Table {
    var table = Table("NODE", "HOST", "CPU %", "MiB", "LIMIT", "PIDS", "THROTTLED s", "OOM", "RECEIVED", "SENT", "STATE")
    for row in rows {
      guard let usage = row.usage else {
        let state = away[row.host] == nil ? row.phase.rawValue : "host is away"
        table.add([.init("\(row.node)"), .init(row.host.text)] + Array(repeating: .init("-"), count: 8) + [.init(state, .pending)])
        continue
      }
      let resources = usage.resources
      table.add([
        .init("\(row.node)"), .init(row.host.text), .init(row.share(since: before).map(Self.percent) ?? "-"),
        .init("\(resources.memory >> 20)"), .init(resources.memoryLimit.map { "\($0 >> 20)" } ?? "-"),
        .init("\(resources.processes)"), .init(JSON.thousandths(Int(clamping: resources.throttled / 1_000)).text),
        .init("\(resources.memoryKills)", resources.memoryKills == 0 ? .plain : .bad),
        .init(Self.bytes(usage.interfaces.reduce(0) { $0 + $1.received.bytes })),
        .init(Self.bytes(usage.interfaces.reduce(0) { $0 + $1.sent.bytes })), .init(row.phase.rawValue, row.phase.tone),
      ])
    }
    return table
  }

  var interfaceTable: Table {
    var table = Table("NODE", "INTERFACE", "RECEIVED", "PACKETS", "SENT", "PACKETS")
    for row in rows {
      for interface in row.usage?.interfaces ?? [] {
        table.add(
          .init("\(row.node)"), .init(interface.name), .init(Self.bytes(interface.received.bytes)), .init("\(interface.received.packets)"),
          .init(Self.bytes(interface.sent.bytes)), .init("\(interface.sent.packets)"))
      }
    }
    return table
  }

  /// Tenths are enough for people.
  private static func percent(_ thousandths: Int) -> String { "\(thousandths / 1_000).\(thousandths / 100 % 10)" }

  private static func bytes(_ count: UInt64) -> String {
    for (unit, size) in [("GiB", UInt64(1) << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where count >= 10 * size {
      return "\(count / size) \(unit)"
    }
    return "\(count) B"
  }
}

extension StatsSample.Row {
  /// As interface.md has it.
  ///
  /// - Parameter share: in thousandths of a percent.
  func json(share: Int?) -> JSON {
    let usage = usage
    let resources = usage?.resources
    return .members([
      "lab": .string(node.lab.text), "node": .string(node.node.text), "host": .string(host.text), "phase": .string(phase.rawValue),
      "reason": .text(reason), "pid": .optional(resources) { .integer(Int($0.pid)) },
      "cpu": .optional(resources) {
        .members([
          "percent": .optional(share) { .thousandths($0) }, "time": .thousandths(Int(clamping: $0.processor / 1_000)),
          "throttledPeriods": .unsigned($0.throttledPeriods), "throttledTime": .thousandths(Int(clamping: $0.throttled / 1_000)),
        ])
      },
      "memory": .optional(resources) {
        .members(["used": .unsigned($0.memory), "limit": .optional($0.memoryLimit) { .unsigned($0) }, "kills": .unsigned($0.memoryKills)])
      },
      "processes": .optional(resources) {
        .members(["count": .unsigned($0.processes), "limit": .optional($0.processLimit) { .unsigned($0) }])
      },
      "interfaces": .array((usage?.interfaces ?? []).map(\.json)),
    ])
  }
}

extension InterfaceUsage {
  fileprivate var json: JSON {
    .members([
      "ordinal": .integer(Int(ordinal.number)), "name": .string(name), "received": received.json, "sent": sent.json,
    ])
  }
}

extension InterfaceUsage.Traffic {
  fileprivate var json: JSON { .members(["bytes": .unsigned(bytes), "packets": .unsigned(packets)]) }
}
