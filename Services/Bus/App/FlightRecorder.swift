import Glibc
import Machine
import Model
import Wire

/// What has lately reached the bus, for who asks afterwards what happened. Of secrets only the length is kept.
struct FlightRecorder {
  /// Whether or not anybody ever asks, this much is held: some minutes of a busy bus.
  private static let mostBytes = 4 << 20
  /// What a message costs beside its bytes.
  private static let overhead = 128
  /// Longer ones are noted without what is in them; none of ours is.
  private static let mostEnvelope = Limits.partBytes + 4_096
  /// Of one answer, which has to fit into a frame.
  private static let pageBytes = 256 << 10
  /// What comes every second whether something happens or not, and the question for what is here.
  private static let quiet = ["ReconcilerService.Heartbeat", "Fact.Head", "PeerService.Recent", "PeerService.Status"].map { kind in
    // An envelope begins with its kind: field 1, of the wire type of strings.
    [0x0a, UInt8(kind.utf8.count)] + Array(kind.utf8)
  }

  /// Asked of each message, so most are told by the length of their kind.
  private static func isQuiet(_ envelope: [UInt8]) -> Bool {
    envelope.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress, bytes.count > 2 else { return false }
      return quiet.contains { $0[1] == bytes[1] && $0.count <= bytes.count && memcmp($0, start, $0.count) == 0 }
    }
  }

  private struct Entry {
    var number: UInt64
    var at: Int64
    var from: PeerName?
    var to: PeerName?
    var frame: HubFrame
    var envelope: [UInt8]
    var secretBytes: Int

    var size: Int { envelope.count + FlightRecorder.overhead }
    var record: TraceRecord {
      TraceRecord(
        number: number, at: at, from: from?.description ?? "", to: to?.description ?? "", frame: frame.encode(), envelope: envelope,
        secretBytes: secretBytes)
    }
  }

  private var entries: [Entry] = []
  /// Those before it are forgotten.
  private var first = 0
  private var bytes = 0
  private var last: UInt64 = 0

  /// - Parameter to: of what the bus itself says.
  mutating func note(_ frame: HubFrame, from: PeerName?, to: PeerName? = nil, _ parcel: Parcel?) {
    let envelope = parcel?.envelope ?? []
    if Self.isQuiet(envelope) { return }
    last += 1
    let entry = Entry(
      number: last, at: Self.microseconds(), from: from, to: to, frame: frame,
      envelope: envelope.count > Self.mostEnvelope ? [] : envelope, secretBytes: parcel?.secret?.count ?? 0)
    entries.append(entry)
    bytes += entry.size
    while bytes > Self.mostBytes {
      bytes -= entries[first].size
      entries[first].envelope = []
      first += 1
    }
    // Now and then, so that each is moved once on the whole.
    if first > 1_024, first > entries.count / 2 {
      entries.removeFirst(first)
      first = 0
    }
  }

  /// The next of those after a number.
  func page(after number: UInt64) -> [TraceRecord] {
    guard let oldest = entries[first...].first?.number, number < last else { return [] }
    let begin = first + Int(number >= oldest ? number - oldest + 1 : 0)
    var size = 0
    var records: [TraceRecord] = []
    for entry in entries[begin...] {
      size += entry.size
      if size > Self.pageBytes, !records.isEmpty { break }
      records.append(entry.record)
    }
    return records
  }

  /// Since 1970.
  static func microseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
  }
}
