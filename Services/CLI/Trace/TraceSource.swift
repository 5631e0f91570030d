import Arguments
import Bus
import Glibc
import Model
import Reactor
import Wire

/// Where messages come from: the tap as they pass, what the bus remembers, or a recording.
enum TraceSource {
  static let options: [Command.Option] = [
    .value("replay", "FILE", "what a recording holds"),
    .flag("recent", "what the bus remembers of the last minutes"),
  ]

  case live(Connection.Place)
  case recent(Connection.Place)
  case recording(String)

  init(_ invocation: Invocation, standard: (Connection.Place) -> TraceSource) throws(LabError) {
    let replay = invocation.arguments.value("replay")
    guard replay == nil || !invocation.arguments.flag("recent") else {
      throw LabError(.invalidArgument, "--recent", "is of the bus, --replay of a file (give one of them)")
    }
    if let replay {
      self = .recording(replay)
    } else {
      let place = try invocation.bus()
      self = invocation.arguments.flag("recent") ? .recent(place) : standard(place)
    }
  }

  var isLive: Bool { if case .live = self { true } else { false } }

  /// Hands on each message until there are no more, or `body` has had enough; live ones until Ctrl-C.
  ///
  /// - Parameter body: also called without a message, at least every second while nothing comes.
  /// - Returns: how many have passed unread.
  func each(_ body: (TraceRecord?) throws(LabError) -> Bool) throws(LabError) -> UInt64 {
    switch self {
    case .recent(let place):
      for record in try place.connect().recent() { if try !body(record) { break } }
      return 0
    case .recording(let path):
      let recording = try TraceRecording(reading: path)
      while let record = try recording.next() { if try !body(record) { break } }
      return 0
    case .live(let place): return try follow(place, body)
    }
  }

  private func follow(_ place: Connection.Place, _ body: (TraceRecord?) throws(LabError) -> Bool) throws(LabError) -> UInt64 {
    // Says at once where there is no bus, and which key is wrong.
    _ = try place.connect()
    Interruption.hold(SIGINT)
    var reader = try TapReader(address: place.address, keys: place.keys, instance: Clock.makeInstance())
    while !Interruption.isPending(SIGINT) {
      let records = try reader.read(most: 1_024, timeout: 200)
      if records.isEmpty, try !body(nil) { break }
      for record in records { if try !body(record) { return reader.lost } }
    }
    return reader.lost
  }
}

/// A file of messages: a line that says what it is, then each with its length before it (4 bytes, the highest first).
final class TraceRecording {
  private static let heading = Array("archetype trace 1\n".utf8)
  private let path: String
  private let file: UnsafeMutablePointer<FILE>

  init(writing path: String) throws(LabError) {
    file = try Self.open(path, "wxe")
    self.path = path
    try put(Self.heading)
  }

  init(reading path: String) throws(LabError) {
    file = try Self.open(path, "re")
    self.path = path
    guard get(Self.heading.count) == Self.heading else {
      throw LabError(.invalidArgument, path, "is no recording (make one with archetype trace --record FILE)")
    }
  }

  deinit { fclose(file) }

  private static func open(_ path: String, _ mode: String) throws(LabError) -> UnsafeMutablePointer<FILE> {
    if let file = fopen(path, mode) { return file }
    let code: ErrorCode = errno == ENOENT ? .notFound : errno == EEXIST ? .alreadyExists : .failedPrecondition
    throw LabError(code, path, "can't be opened", cause: String(cString: strerror(errno)))
  }

  func write(_ record: TraceRecord) throws(LabError) {
    let bytes = record.encode()
    try put((0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes)
  }

  func flush() throws(LabError) {
    if fflush(file) != 0 { throw failure() }
  }

  private func put(_ bytes: [UInt8]) throws(LabError) {
    if fwrite(bytes, 1, bytes.count, file) != bytes.count { throw failure() }
  }

  private func failure() -> LabError { LabError(.failedPrecondition, path, "can't be written", cause: String(cString: strerror(errno))) }

  /// nil: the end, also where a message was written in part.
  func next() throws(LabError) -> TraceRecord? {
    let head = get(4)
    guard head.count == 4 else { return nil }
    let length = head.reduce(0) { $0 << 8 | Int($1) }
    guard length <= 2 * Limits.frameBytes else {
      throw LabError(.invalidArgument, path, "holds a message of \(length) bytes (it is damaged)")
    }
    let bytes = get(length)
    guard bytes.count == length else { return nil }
    do throws(LabError) { return try TraceRecord(decoding: bytes) } catch {
      throw LabError(.invalidArgument, path, "is damaged", cause: error.description)
    }
  }

  private func get(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, read in read = fread(buffer.baseAddress, 1, count, file) }
  }
}
