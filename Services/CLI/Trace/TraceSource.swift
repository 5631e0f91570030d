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

  /// Between two looks at what has come, in microseconds: who is woken for each message takes a processor from those whom it watches.
  private static let pause: UInt32 = 10_000
  /// Messages of one look; the bus keeps four times as many for who is slow.
  private static let mostOfLook = 1_024

  private func follow(_ place: Connection.Place, _ body: (TraceRecord?) throws(LabError) -> Bool) throws(LabError) -> UInt64 {
    // Says at once where there is no bus, which key is wrong, and who mustn't follow.
    try place.connect().checkTap()
    Interruption.hold(SIGINT)
    var reader = try TapReader(address: place.address, keys: place.keys, instance: Clock.makeInstance())
    while !Interruption.isPending(SIGINT) {
      let records = try reader.read(most: Self.mostOfLook, timeout: 200)
      if records.isEmpty, try !body(nil) { break }
      for record in records { if try !body(record) { return reader.lost } }
      if !records.isEmpty, records.count < Self.mostOfLook { usleep(Self.pause) }
    }
    return reader.lost
  }
}
