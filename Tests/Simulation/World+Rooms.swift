import AgentCore
import Model

/// What of a host's is scarce, and what its agent reads then.
enum Room: CaseIterable {
  case plenty, noMemory, noProcesses, thrashing, busyProcessors

  var load: HostLoad {
    var load = HostLoad(
      memoryAvailable: 4_000, memoryTotal: 8_000, pids: 100, pidLimit: 32_768, pressure: HostPressure(cpu: 1_000, memory: 0, io: 0))
    switch self {
    case .plenty: break
    case .noMemory: load.memoryAvailable = 20
    case .noProcesses: load.pids = 32_700
    case .thrashing: load.pressure?.memory = 80_000
    case .busyProcessors: load.pressure?.cpu = 99_000
    }
    return load
  }
}

/// In some worlds hosts run short of what starts need, for a while.
extension World {
  mutating func readRoom(_ process: Process) {
    guard isCrowded, let host = process.host else { return }
    process.room = host.room
    drive(process, .load(settings.bug == .deafAdmission ? Room.plenty.load : host.room.load))
  }

  mutating func changeRoom(of host: SimulatedHost) {
    if host.room != .plenty, rooms.happens(150) { host.room = .plenty }
    guard rooms.happens(faults.shortage), let room = rooms.pick(Room.allCases) else { return }
    say("\(host.name) has \(room)")
    host.room = room
  }

  /// 48: what its host has no room for doesn't start, and on a busy one few nodes at a time do.
  mutating func checkRoom(_ process: Process, _ batch: Batch, on host: SimulatedHost) {
    guard !host.isClone, batch.actions.contains(where: \.isStart) else { return }
    switch process.room {
    case .plenty: break
    case .noMemory, .noProcesses, .thrashing: checks?.fail("48: nodes start on \(host.name), which has \(process.room)")
    case .busyProcessors:
      let starting = checks?.agents[host.name]?.making.values.joined().count { if case .node = $0 { true } else { false } } ?? 0
      if starting > 4 { checks?.fail("48: \(starting) nodes start at once on \(host.name), which has \(process.room)") }
    }
  }
}

extension Action {
  fileprivate var isStart: Bool {
    if case .start = self { true } else { false }
  }
}
