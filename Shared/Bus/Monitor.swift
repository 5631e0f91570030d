import CZMQ
import Model

/// Tells of a socket's one connection: made, lost, refused.
struct Monitor: ~Copyable {
  enum Happening { case up, down, refused }

  let socket: Socket

  init(of watched: borrowing Socket, named name: String, in context: Context) throws(LabError) {
    let endpoint = "inproc://\(name)"
    let events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
    guard zmq_socket_monitor(watched.raw, endpoint, events) == 0 else {
      throw LabError(.internalError, "bus", "can't watch a socket", cause: Socket.lastError())
    }
    let listener = try Socket(.pair, in: context)
    try listener.connect(endpoint)
    socket = listener
  }

  func next() throws(LabError) -> Happening? {
    while let message = try socket.receive() {
      // libzmq: a 16-bit event and a 32-bit value in the machine's order, then the endpoint.
      guard let frame = message.frames.first, frame.count >= 2 else { continue }
      switch Int32(frame.withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) }) {
      case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: return .up
      case ZMQ_EVENT_DISCONNECTED: return .down
      case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: return .refused
      default: continue
      }
    }
    return nil
  }
}
