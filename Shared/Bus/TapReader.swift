import CZMQ
public import Model
import Wire

/// What reaches the bus, as its tap shows it: for operators, whose connection is local or whose key is a command line's.
public struct TapReader: ~Copyable {
  private let socket: Socket
  private let monitor: Monitor
  private var poller = Poller()
  private var last: UInt64 = 0
  /// Messages that the tap has shown and nobody here has read: whoever reads too slowly isn't waited for.
  public private(set) var lost: UInt64 = 0

  /// Connects; whether there is a hub is for others to find out.
  public init(address: BusAddress, keys: String?, instance: Instance) throws(LabError) {
    let pair = try Keys.loadPeer(keys, at: address)
    let context = try Context()
    let socket = try Peer.open(.subscriber, address, pair, context)
    try socket.set(ZMQ_RCVHWM, Limits.tapMark)
    let monitor = try Monitor(of: socket, named: "tap.\(instance)", in: context)
    try socket.set(ZMQ_SUBSCRIBE, [])
    try socket.connect(address.tap)
    self.socket = socket
    self.monitor = monitor
  }

  /// What has come, at most `most` messages; waits for the first, at most `timeout` milliseconds.
  ///
  /// - Throws: `UNAUTHENTICATED` where the bus doesn't know the key.
  public mutating func read(most: Int, timeout: UInt64) throws(LabError) -> [TraceRecord] {
    poller.clear()
    poller.add(socket)
    poller.add(monitor.socket)
    try poller.wait(timeout)
    while let happening = try monitor.next() {
      guard case .refused = happening else { continue }
      throw LabError(.unauthenticated, "tap", "the bus doesn't know this key (make one on its machine: archetype keys client NAME)")
    }
    var records: [TraceRecord] = []
    while records.count < most, let message = try socket.receive() {
      guard message.frames.count == 2, let record = try? TraceRecord(decoding: message.frames[1]) else { continue }
      // Another life of the hub counts anew.
      if record.number > last + 1, last > 0 { lost += record.number - last - 1 }
      last = record.number
      records.append(record)
    }
    return records
  }
}
