import CZMQ
import Glibc
public import Model

/// One ZeroMQ socket, closed with its owner. Nothing it does blocks.
public struct Socket: ~Copyable {
  public enum Kind { case dealer, router, publisher, subscriber, reply, pair }

  public enum SendResult: Sendable { case sent, full, unroutable }

  /// A whole message, and the name that the key of its sender is bound to (CURVE's `User-Id`).
  public struct Received {
    public var frames: [[UInt8]]
    public var userID: String?
    /// More frames than any message of ours has; those beyond are gone.
    public var isOverlong: Bool
  }

  /// A message on a router has a routing id before our three frames; twice that is none of ours.
  private static let mostFrames = 8
  /// How long what was sent may take to leave when the socket closes; less than the second in which a service ends.
  private static let lingerMilliseconds: Int32 = 300

  let raw: UnsafeMutableRawPointer
  private let context: Context

  public init(_ kind: Kind, in context: Context) throws(LabError) {
    raw = try Self.open(kind, context)
    self.context = context
  }

  private static func open(_ kind: Kind, _ context: Context) throws(LabError) -> UnsafeMutableRawPointer {
    let type =
      switch kind {
      case .dealer: ZMQ_DEALER
      case .router: ZMQ_ROUTER
      case .publisher: ZMQ_XPUB
      case .subscriber: ZMQ_SUB
      case .reply: ZMQ_REP
      case .pair: ZMQ_PAIR
      }
    guard let raw = zmq_socket(context.raw, type) else {
      throw LabError(.resourceExhausted, "bus", "can't make a socket", cause: lastError())
    }
    var linger = lingerMilliseconds
    zmq_setsockopt(raw, ZMQ_LINGER, &linger, 4)
    return raw
  }

  deinit { zmq_close(raw) }

  /// What every socket between machines has: bounded queues and frames, heartbeats, IPv6.
  ///
  /// Heartbeats find a peer that is gone without a word (power cut, cut cable) within 5 s.
  public func setUp() throws(LabError) {
    try set(ZMQ_SNDHWM, Limits.highWaterMark)
    try set(ZMQ_RCVHWM, Limits.highWaterMark)
    try set(ZMQ_HEARTBEAT_IVL, 2_000)
    try set(ZMQ_HEARTBEAT_TIMEOUT, 3_000)
    try set(ZMQ_HEARTBEAT_TTL, 5_000)
    try set(ZMQ_HANDSHAKE_IVL, 5_000)
    try set(ZMQ_CONNECT_TIMEOUT, 2_000)
    try set(ZMQ_RECONNECT_IVL, 20)
    try set(ZMQ_RECONNECT_IVL_MAX, 500)
    try set(ZMQ_IPV6, 1)
    var most = Int64(Limits.frameBytes)
    try check(zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, &most, 8))
  }

  public func set(_ option: Int32, _ value: Int32) throws(LabError) {
    var value = value
    try check(zmq_setsockopt(raw, option, &value, 4))
  }

  public func set(_ option: Int32, _ text: String) throws(LabError) {
    try check(zmq_setsockopt(raw, option, text, text.utf8.count))
  }

  public func set(_ option: Int32, _ bytes: [UInt8]) throws(LabError) {
    try check(zmq_setsockopt(raw, option, bytes, bytes.count))
  }

  /// Readable when there may be something new. Sending, receiving and settings take that word too: who waits for this descriptor has to
  /// have found the socket empty after all else that it did with it (zmq_getsockopt(3), ZMQ_FD).
  public var descriptor: Int32 {
    get throws(LabError) {
      var number: Int32 = -1
      var size = MemoryLayout.size(ofValue: number)
      try check(zmq_getsockopt(raw, ZMQ_FD, &number, &size))
      return number
    }
  }

  public func bind(_ endpoint: String) throws(LabError) {
    guard zmq_bind(raw, endpoint) == 0 else {
      let cause = Self.lastError()
      throw LabError(.unavailable, endpoint, "can't listen there (is the address this machine's, and free?)", cause: cause)
    }
  }

  public func connect(_ endpoint: String) throws(LabError) {
    guard zmq_connect(raw, endpoint) == 0 else {
      throw LabError(.invalidArgument, endpoint, "can't connect there", cause: Self.lastError())
    }
  }

  /// Sends all frames of one message or none.
  public func send(_ frames: [[UInt8]]) throws(LabError) -> SendResult {
    for (index, frame) in frames.enumerated() {
      let flags = ZMQ_DONTWAIT | (index < frames.count - 1 ? ZMQ_SNDMORE : 0)
      while zmq_send(raw, frame, frame.count, flags) < 0 {
        switch zmq_errno() {
        case EINTR: continue
        // Only a message's first frame can be refused: its later ones go where that went.
        case EAGAIN: return .full
        case EHOSTUNREACH: return .unroutable
        default: throw LabError(.internalError, "bus", "can't send", cause: Self.lastError())
        }
      }
    }
    return .sent
  }

  /// The next message; nil when there is none now.
  ///
  /// - Parameter isKeyed: whether `userID` is asked for; nobody's is known where no connection has a key.
  public func receive(isKeyed: Bool = false) throws(LabError) -> Received? {
    var received = Received(frames: [], userID: nil, isOverlong: false)
    received.frames.reserveCapacity(4)
    var message = zmq_msg_t()
    zmq_msg_init(&message)
    defer { zmq_msg_close(&message) }
    while true {
      if zmq_msg_recv(&message, raw, ZMQ_DONTWAIT) < 0 {
        switch zmq_errno() {
        case EINTR: continue
        case EAGAIN: return nil
        default: throw LabError(.internalError, "bus", "can't receive", cause: Self.lastError())
        }
      }
      if received.frames.count < Self.mostFrames {
        received.frames.append([UInt8](UnsafeRawBufferPointer(start: zmq_msg_data(&message), count: zmq_msg_size(&message))))
      } else {
        received.isOverlong = true
      }
      if zmq_msg_more(&message) == 0 {
        if isKeyed, let name = zmq_msg_gets(&message, "User-Id") { received.userID = String(cString: name) }
        return received
      }
    }
  }

  private func check(_ result: Int32) throws(LabError) {
    if result != 0 { throw LabError(.internalError, "bus", "a socket refuses a setting", cause: Self.lastError()) }
  }

  static func lastError() -> String { String(cString: zmq_strerror(zmq_errno())) }
}
