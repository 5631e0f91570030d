import Machine
import Model

extension ConfigCore {
  /// How often the heads of the streams are repeated, in milliseconds: a lost message is found within it.
  static let headInterval: UInt64 = 1_000
  /// How long content without a reference is kept, in milliseconds: a deploy puts its blobs before its lab.
  static let blobGrace: UInt64 = 3_600_000
  private static let sweepInterval: UInt64 = 60_000

  mutating func tick(at now: Now) -> [Effect] {
    var effects: [Effect] = []
    if nextHead <= now.boot {
      nextHead = now.boot + Self.headInterval
      effects.append(.measureDisk)
      effects.append(head(.intent, intent.revision))
      effects += intent.assigned.sorted { $0.key < $1.key }.map { head(.assign($0.key), $0.value) }
    }
    if nextSweep <= now.boot {
      nextSweep = now.boot + Self.sweepInterval
      effects += sweep(at: now)
    }
    return effects
  }

  func head(_ topic: Topic, _ number: Revision) -> Effect {
    .bus(.publish(Publication(topic: topic, number: number.number, previous: number.number, fact: .head)))
  }

  /// Drops content that no lab has named for the length of the grace.
  private mutating func sweep(at now: Now) -> [Effect] {
    var named: Set<BlobDigest> = []
    for lab in Array(intent.labs.values) + intent.projections.values.map(\.lab) {
      for node in lab.spec.nodes {
        if let config = node.startupConfig { named.insert(config) }
        for file in node.files { named.insert(file.content) }
      }
    }
    var effects: [Effect] = []
    for digest in blobs.sorted() {
      if named.contains(digest) {
        idleBlobs[digest] = nil
      } else if let since = idleBlobs[digest] {
        guard now.boot.since(since) >= Self.blobGrace else { continue }
        blobs.remove(digest)
        idleBlobs[digest] = nil
        effects.append(.store(.dropBlob(digest)))
      } else {
        idleBlobs[digest] = now.boot
      }
    }
    return effects
  }
}
