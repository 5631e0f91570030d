import Arguments
import Model

/// `archetype doctor`: whether this machine can host labs, what it lacks, and what each lack costs. It needs neither bus nor agent and changes nothing.
struct Doctor: Runnable {
  static let entry = Entry(
    Command(
      "doctor", "what this machine lacks to host labs, and what each lack costs",
      options: [
        .value("docker", "SOCKET", "of the engine to look at", standard: "/run/docker.sock"),
        .value("data", "DIR", "the agent's folder", standard: "/var/lib/archetype"),
      ]),
    examples: ["archetype doctor", "archetype doctor --format json"],
    make: { (invocation) throws(LabError) in Doctor(invocation: invocation) })

  let invocation: Invocation

  /// - Returns: 1 where no agent can work here.
  func run() throws(LabError) -> Int32 {
    let data = invocation.arguments.value("data") ?? ""
    let socket = invocation.arguments.value("docker") ?? ""
    let findings = KernelFindings.all() + HostFindings.all(data: data) + EngineFindings.all(socket: socket, data: data)
    if invocation.isJSON {
      Output.json(.array(findings.map(\.json)))
    } else {
      invocation.show(Self.table(findings))
      for finding in findings where finding.state != .good {
        Output.message("\(finding.subject): \(finding.cost) (\(finding.remedy))")
      }
    }
    return findings.contains { $0.state == .unusable } ? ExitCode.failed : ExitCode.done
  }

  private static func table(_ findings: [Finding]) -> Table {
    var table = Table("WHAT", "STATE", "FOUND")
    for finding in findings {
      let tone: Tone =
        switch finding.state {
        case .good: .good
        case .lacking: .pending
        case .unusable: .bad
        }
      table.add(.init(finding.subject), .init(finding.state.rawValue, tone), .init(finding.found))
    }
    return table
  }
}
