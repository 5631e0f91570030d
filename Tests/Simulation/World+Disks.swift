import AgentCore
import Machine
import Model

/// What agents keep on their hosts' disks: written by rename and synced before it counts.
extension World {
  private static let full = LabError(.resourceExhausted, "disk", "can't write it: no space left on device")

  mutating func save(_ assignment: Assignment, of process: Process, on host: SimulatedHost) {
    if disks.happens(faults.hostDiskFull) {
      say("\(host.name)'s disk is full")
      return push(.agent(process, .assignmentSaved(Self.full)), in: machines.between(1, 20))
    }
    // Who dies before it is synced has left it there, or not.
    if disks.happens(500), settings.bug != .unsyncedCache { host.write(assignment, isSynced: false) }
    push(.saved(process, assignment), in: machines.between(1, 20))
  }

  mutating func saved(_ process: Process, _ assignment: Assignment) {
    guard let host = process.host else { return }
    if settings.bug != .unsyncedCache || !machines.happens(300) { host.write(assignment, isSynced: true) }
    checks?.adopted(assignment, by: host, store.intent)
    drive(process, .assignmentSaved(nil))
  }

  mutating func save(_ digest: BlobDigest, of process: Process, on host: SimulatedHost) {
    if disks.happens(faults.hostDiskFull) { return push(.agent(process, .blobSaved(digest, Self.full)), in: machines.between(1, 20)) }
    if disks.happens(500), settings.bug != .lostBlob { host.blobs.insert(digest) }
    push(.savedBlob(process, digest), in: machines.between(1, 20))
  }

  mutating func savedBlob(_ process: Process, _ digest: BlobDigest) {
    if settings.bug != .lostBlob { process.host?.blobs.insert(digest) }
    drive(process, .blobSaved(digest, nil))
  }

  /// A content on a host's disk is damaged, or somebody removes it; who needs it finds out.
  mutating func loseBlob(on host: SimulatedHost) {
    guard let digest = machines.pick(host.blobs.sorted()) else { return }
    say("\(host.name)'s copy of \(digest) is damaged")
    host.blobs.remove(digest)
  }
}
