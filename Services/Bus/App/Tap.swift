import Machine
import Model
import Wire

/// What the tap has still to show, and to how many.
///
/// Messages are shown some at a time: to wake a follower for each would take more of a processor than all else that the hub does with it.
struct Tap {
  /// From the first message that waits until it is shown, in milliseconds.
  private static let pause: UInt64 = 10
  /// So many are shown at once: more would hold up what comes meanwhile.
  private static let mostWaiting = 64
  /// What waiting messages may hold.
  private static let mostBytes = 256 << 10

  private struct Entry {
    var number: UInt64
    var at: Int64
    var from: [UInt8]
    var to: [UInt8]
    var frame: [UInt8]
    var parcel: Parcel?
  }

  private var waiting: [Entry] = []
  private var bytes = 0
  private var number: UInt64 = 0
  private(set) var followers = 0
  private var denied = 0
  /// When what waits is to be shown; nil: nothing waits.
  private(set) var wakeAt: Instant?

  var isFollowed: Bool { followers > 0 }
  var isFull: Bool { waiting.count >= Self.mostWaiting || bytes >= Self.mostBytes }

  mutating func join(isAllowed: Bool) {
    if isAllowed { followers += 1 } else { denied += 1 }
  }

  /// libzmq doesn't say who: one who was denied, as long as there are such.
  mutating func leave() {
    if denied > 0 { denied -= 1 } else { followers = max(0, followers - 1) }
  }

  /// - Parameter to: of what the bus itself says.
  mutating func note(_ frame: [UInt8], from: [UInt8], to: [UInt8], _ parcel: Parcel?, _ now: Now) {
    number += 1
    waiting.append(Entry(number: number, at: FlightRecorder.microseconds(), from: from, to: to, frame: frame, parcel: parcel))
    bytes += parcel?.envelope.count ?? 0
    if wakeAt == nil { wakeAt = now.boot + Self.pause }
  }

  /// Messages as followers read them: `[sender][trace record]`.
  mutating func take() -> [[[UInt8]]] {
    defer {
      waiting.removeAll(keepingCapacity: true)
      bytes = 0
      wakeAt = nil
    }
    return waiting.map { entry in
      let record = TraceRecord(
        number: entry.number, at: entry.at, from: String(decoding: entry.from, as: UTF8.self),
        to: String(decoding: entry.to, as: UTF8.self), frame: entry.frame, envelope: entry.parcel?.envelope ?? [],
        secretBytes: entry.parcel?.secret?.count ?? 0, secretDigest: entry.parcel?.digest ?? "")
      return [entry.from, record.encode()]
    }
  }
}
