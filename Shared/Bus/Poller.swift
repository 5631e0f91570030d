import CZMQ
import Glibc
public import Model

/// What one round of a loop waits for: filled anew each round, so that nothing in it outlives a socket.
public struct Poller: ~Copyable {
  private var items: [zmq_pollitem_t] = []

  public init() {}

  public mutating func clear() { items.removeAll(keepingCapacity: true) }

  /// - Returns: its number, for `isReady`.
  @discardableResult public mutating func add(_ socket: borrowing Socket, alsoWritable: Bool = false) -> Int {
    let events = ZMQ_POLLIN | (alsoWritable ? ZMQ_POLLOUT : 0)
    items.append(zmq_pollitem_t(socket: socket.raw, fd: 0, events: Int16(events), revents: 0))
    return items.count - 1
  }

  @discardableResult public mutating func add(descriptor: Int32) -> Int {
    items.append(zmq_pollitem_t(socket: nil, fd: descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
    return items.count - 1
  }

  /// Waits at most `milliseconds`; nil: until something comes.
  public mutating func wait(_ milliseconds: UInt64?) throws(LabError) {
    let timeout = milliseconds.map { Int(min($0, 3_600_000)) } ?? -1
    if zmq_poll(&items, Int32(items.count), timeout) >= 0 { return }
    guard zmq_errno() == EINTR else { throw LabError(.internalError, "bus", "can't wait", cause: Socket.lastError()) }
    for index in items.indices { items[index].revents = 0 }
  }

  public func isReady(_ index: Int) -> Bool { items[index].revents != 0 }
}
