import Glibc
import Machine
import Model
import Wire

/// What has lately reached the bus, for who asks afterwards what happened. Of secrets only the length is kept.
///
/// Messages lie one after the other in a ring of bytes: to hold them as they came would have each be forgotten where it has long left the
/// processor's caches, which was a fifth of what the hub does for a message.
struct FlightRecorder {
  /// Whether or not anybody ever asks, this much is held: some minutes of a busy bus.
  private static let size = 4 << 20
  /// Longer ones are noted without what is in them; none of ours is.
  private static let mostEnvelope = Limits.partBytes + 4_096
  /// Of one answer, which has to fit into a frame.
  private static let pageBytes = 256 << 10

  /// Before the bytes of each message: from whom, to whom, frame, envelope. Without a number: the rest of the ring is not used.
  private struct Header {
    var number: UInt64 = 0
    var at: Int64 = 0
    var secretBytes: UInt32 = 0
    var from: UInt32 = 0
    var to: UInt32 = 0
    var frame: UInt32 = 0
    var envelope: UInt32 = 0

    static let size = MemoryLayout<Header>.stride
    var length: Int { Header.size + Int(from) + Int(to) + Int(frame) + Int(envelope) }
  }

  /// What comes every second whether something happens or not, and the question for what is here.
  private let quiet = ["ReconcilerService.Heartbeat", "Fact.Head", "PeerService.Recent", "PeerService.Status"].map { kind in
    // An envelope begins with its kind: field 1, of the wire type of strings.
    [0x0a, UInt8(kind.utf8.count)] + Array(kind.utf8)
  }
  /// A page of memory is the program's once something was written there.
  private var ring = [UInt8](unsafeUninitializedCapacity: size) { _, count in count = size }
  /// Where the oldest message lies, and where the next one will: they only grow, and count modulo `size`.
  private var begin = 0
  private var end = 0
  private var last: UInt64 = 0

  /// - Parameter to: of what the bus itself says.
  mutating func note(_ frame: [UInt8], from: [UInt8], to: [UInt8], _ parcel: Parcel?) {
    var envelope = parcel?.envelope ?? []
    if isQuiet(envelope) { return }
    if envelope.count > Self.mostEnvelope { envelope = [] }
    last += 1
    let header = Header(
      number: last, at: Self.microseconds(), secretBytes: UInt32(parcel?.secret?.count ?? 0), from: UInt32(from.count),
      to: UInt32(to.count),
      frame: UInt32(frame.count), envelope: UInt32(envelope.count))
    // Each lies in one piece.
    let rest = Self.size - end % Self.size
    if rest < header.length {
      makeRoom(rest)
      if rest >= Header.size { write(Header()) }
      end += rest
    }
    makeRoom(header.length)
    write(header)
    var place = end % Self.size + Header.size
    ring.withUnsafeMutableBytes { ring in
      for part in [from, to, frame, envelope] {
        part.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: ring[place...]).copyMemory(from: $0) }
        place += part.count
      }
    }
    end += header.length
  }

  /// The next of those after a number.
  func page(after number: UInt64) -> [TraceRecord] {
    var size = 0
    var records: [TraceRecord] = []
    var place = begin
    while place < end {
      let header = read(place)
      defer { place = next(place, header) }
      guard header.number > number else { continue }
      size += header.length
      if size > Self.pageBytes, !records.isEmpty { break }
      records.append(record(place, header))
    }
    return records
  }

  /// Since 1970.
  static func microseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
  }

  /// Asked of each message, so most are told by the length of their kind.
  private func isQuiet(_ envelope: [UInt8]) -> Bool {
    for kind in quiet where envelope.count >= kind.count && envelope[1] == kind[1] {
      if memcmp(envelope, kind, kind.count) == 0 { return true }
    }
    return false
  }

  /// Forgets what lies in the next bytes.
  private mutating func makeRoom(_ length: Int) {
    while begin < end, end + length - begin > Self.size { begin = next(begin, read(begin)) }
  }

  private mutating func write(_ header: Header) {
    ring.withUnsafeMutableBytes { $0.storeBytes(of: header, toByteOffset: end % Self.size, as: Header.self) }
  }

  /// Where there is no room for a header there is none.
  private func read(_ place: Int) -> Header {
    let offset = place % Self.size
    guard Self.size - offset >= Header.size else { return Header() }
    return ring.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Header.self) }
  }

  private func next(_ place: Int, _ header: Header) -> Int {
    header.number > 0 ? place + header.length : place + Self.size - place % Self.size
  }

  private func record(_ place: Int, _ header: Header) -> TraceRecord {
    var place = place % Self.size + Header.size
    func part(_ length: UInt32) -> ArraySlice<UInt8> {
      defer { place += Int(length) }
      return ring[place..<place + Int(length)]
    }
    return TraceRecord(
      number: header.number, at: header.at, from: String(decoding: part(header.from), as: UTF8.self),
      to: String(decoding: part(header.to), as: UTF8.self), frame: Array(part(header.frame)), envelope: Array(part(header.envelope)),
      secretBytes: Int(header.secretBytes))
  }
}
