import Glibc
import Model
import Runtime

/// The machine's Docker engine, as an agent would find it.
enum EngineFindings {
  static func all(socket: String, data: String) -> [Finding] {
    guard access(socket, F_OK) == 0 else {
      return [
        .lacking("engine", "no \(socket)", cost: "no containers as nodes", remedy: "apt-get install docker.io, or --docker SOCKET")
      ]
    }
    let report: EngineReport
    do throws(LabError) { report = try EngineReport(socket: socket, dataFolder: data) } catch {
      return [.lacking("engine", "\(error)", cost: "no containers as nodes until it answers", remedy: "see its log")]
    }
    return [.good("engine", report.version), runtime(report), liveRestore(report)]
  }

  private static func runtime(_ report: EngineReport) -> Finding {
    let subject = "runtime archetype"
    if report.knowsRuntime { return .good(subject, "known to the engine") }
    if let obstacle = report.obstacle {
      return .lacking(
        subject, "\(obstacle)", cost: "pause containers hold the sandboxes: twice as many containers", remedy: "mend \(report.settings)")
    }
    return access(report.settings, F_OK) != 0 || access(report.settings, W_OK) == 0
      ? .good(subject, "the agent enters it into \(report.settings) with its first container")
      : .lacking(
        subject, "\(report.settings) can't be written", cost: "pause containers hold the sandboxes: twice as many containers",
        remedy: "let the agent write it")
  }

  private static func liveRestore(_ report: EngineReport) -> Finding {
    report.keepsContainers
      ? .good("live-restore", "on")
      : .lacking(
        "live-restore", "off", cost: "an engine that is killed takes its containers along, and they start again",
        remedy: "\"live-restore\": true in \(report.settings), then systemctl reload docker")
  }
}
