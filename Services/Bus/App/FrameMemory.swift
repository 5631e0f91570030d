import Bus
import Machine
import Model
import Wire

/// First frames read and written before. There are few, and each comes again and again: to look one up costs a fraction of its coding.
struct FrameMemory {
  /// More than the pairs of peers that speak with each other on a bus of a hundred hosts; whoever names more costs some coding.
  private static let most = 4_096

  /// Hashed as a whole: as an array it would be byte by byte.
  private struct Bytes: Hashable {
    var bytes: [UInt8]
    func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
  }

  private var read: [Bytes: HubFrame] = [:]
  private var written: [HubFrame: [UInt8]] = [:]
  private var subscriptions: [Topic: [UInt8]] = [:]
  private var peers: [String: PeerName] = [:]
  private var names: [PeerName: [UInt8]] = [:]

  /// Nil: not a frame.
  mutating func frame(_ bytes: [UInt8]) -> HubFrame? {
    guard bytes.count <= Limits.hubFrameBytes else { return nil }
    if let frame = read[Bytes(bytes: bytes)] { return frame }
    guard let frame = try? HubFrame(decoding: bytes) else { return nil }
    if Self.returns(frame) { Self.note(frame, as: Bytes(bytes: bytes), in: &read) }
    return frame
  }

  mutating func bytes(_ frame: HubFrame) -> [UInt8] {
    if let bytes = written[frame] { return bytes }
    let bytes = frame.encode()
    if Self.returns(frame) { Self.note(bytes, as: frame, in: &written) }
    return bytes
  }

  /// What followers of a topic have asked for.
  mutating func subscription(_ topic: Topic) -> [UInt8] {
    if let bytes = subscriptions[topic] { return bytes }
    let bytes = Subscription.topic(topic).bytes
    Self.note(bytes, as: topic, in: &subscriptions)
    return bytes
  }

  /// Of the name that a key is bound to; the gate gives out only names of peers.
  mutating func peer(_ text: String) -> PeerName? {
    if let peer = peers[text] { return peer }
    guard let peer = try? PeerName(text) else { return nil }
    Self.note(peer, as: text, in: &peers)
    return peer
  }

  /// A name as text; empty: there is none.
  mutating func bytes(_ name: PeerName?) -> [UInt8] {
    guard let name else { return [] }
    if let bytes = names[name] { return bytes }
    let bytes = Array(name.description.utf8)
    Self.note(bytes, as: name, in: &names)
    return bytes
  }

  /// The others come once in a connection's life.
  private static func returns(_ frame: HubFrame) -> Bool {
    switch frame {
    case .request, .delivered, .publish, .published: true
    case .hello, .welcome, .helloRequired, .refused, .probe, .probed, .synced, .undelivered: false
    }
  }

  private static func note<Key: Hashable, Value>(_ value: Value, as key: Key, in memory: inout [Key: Value]) {
    if memory.count >= most { memory = [:] }
    memory[key] = value
  }
}
