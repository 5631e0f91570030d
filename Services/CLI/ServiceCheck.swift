import Model

/// Whether the services understand all that a lab needs: older ones would pass over the rest, and store and run another lab than its file says.
struct ServiceCheck {
  /// Those that a lab's spec passes through before it is stored.
  private static let services: [PeerName] = [.jobs, .configs]

  private let lab: LabName
  private let needs: Set<Capability>

  init(_ spec: LabSpec) {
    lab = spec.name
    needs = Set(spec.needs.values.joined())
  }

  /// - Throws: `FAILED_PRECONDITION` for a service that doesn't; whatever keeps one from answering.
  func run(_ connection: Connection, deadline: UInt64 = 10_000) throws(LabError) {
    // Most labs need nothing that is new.
    if needs.isEmpty { return }
    for service in Self.services { try check(service, try connection.status(service, deadline: deadline, patience: 2_000)) }
  }

  private func check(_ service: PeerName, _ status: PeerStatus) throws(LabError) {
    let lacking = needs.filter { !status.capabilities.contains($0.rawValue) }
    guard lacking.isEmpty else {
      throw LabError(
        .failedPrecondition, "\(service)",
        "is older and doesn't know \(lacking.words), which lab \(lab) needs (upgrade archetype-\(service); archetype status shows versions)"
      )
    }
  }
}
