import CZMQ
public import Model

/// libzmq's I/O thread and what its sockets share. Sockets hold it, so that it ends after the last of them.
///
/// It stays with the thread that made it: not Sendable.
public final class Context {
  let raw: UnsafeMutableRawPointer

  public init() throws(LabError) {
    guard let raw = zmq_ctx_new() else { throw LabError(.resourceExhausted, "bus", "no memory for ZeroMQ", cause: Socket.lastError()) }
    self.raw = raw
  }

  /// Waits until what was sent has left, at most as long as the sockets' linger.
  deinit { zmq_ctx_term(raw) }
}
