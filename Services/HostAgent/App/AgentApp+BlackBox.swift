import AgentCore
import Arguments
import Journal
import Locks
import Logging
import Machine
import Model
import Reactor

/// What is read of the host's disk on the disk's own thread.
final class MeasuredDisk: Sendable {
  let space = Guarded<DiskSpace?>(nil)
}

extension BlackBox {
  /// Writes a batch down, has it performed, and notes its end.
  func record(_ batch: Batch, _ perform: () -> [AgentCore.Event]) -> [AgentCore.Event] {
    let number = begin("\(batch.lane)", batch.actions.lazy.map(\.words))
    let events = perform()
    var failed = 0
    for case .performed(_, let failures, _) in events { failed += failures.count }
    end(number, failures: failed)
    return events
  }
}

extension AgentApp {
  static func openBox(_ settings: Settings, _ instance: Instance) throws(LabError) -> BlackBox {
    let box = try BlackBox(folder: settings.data, boot: HostLife.current) {
      let now = Clock.now()
      return (now.wall, now.boot.milliseconds)
    }
    box.add(.began(instance, build: Build.version), waits: false)
    return box
  }

  private static let secondsBetweenSamples = 10

  /// How the host is, and what it lacks; a sample of it goes into the black box now and then.
  mutating func observeHost() -> [AgentCore.Event] {
    let isSample = seconds % Self.secondsBetweenSamples == 1
    if isSample { measureDisk() }
    var load = HostReadings.load(disk.measured.space.withLock { $0 })
    load.nodes = core.inventory?.processes.count ?? 0
    if isSample { box.add(.load(load), waits: false) }
    for remark in box.takeRemarks() { Log.warning("black box", ["remark": remark]) }
    let fault = box.fault
    if fault != told.fault, !fault.isEmpty { Log.error("black box", ["fault": fault]) }
    told.fault = fault
    let pressure = load.pressure == nil ? "its kernel tells no pressure (CONFIG_PSI, psi=1)" : ""
    let lacks = [fault, pressure].filter { !$0.isEmpty }
    defer { told.lacks = lacks }
    return [.load(load)] + (lacks == told.lacks ? [] : [.lacks(lacks)])
  }

  mutating func end(at now: Now) { box.finish() }

  static func postmortem(_ settings: Settings) -> Result<Reply, LabError> {
    do throws(LabError) {
      return .success(.agent(.postmortem(try Postmortem.read(of: settings.host, in: settings.data, at: Clock.now().wall))))
    } catch { return .failure(error) }
  }
}
