import Bus
import CZMQ
import Glibc
import Model

/// The hub's three sockets, bound to all its addresses.
struct HubSockets: ~Copyable {
  let requests: Socket
  let events: Socket
  let tap: Socket

  /// - Parameter keys: needed where an address is TCP.
  init(_ addresses: [BusAddress], keys: HubKeys?, in context: Context) throws(LabError) {
    let requests = try Socket(.router, in: context)
    let events = try Socket(.publisher, in: context)
    let tap = try Socket(.publisher, in: context)
    try requests.setUp()
    try events.setUp()
    try tap.setUp()
    try tap.set(ZMQ_SNDHWM, Limits.tapMark)
    // Sending to a peer that is gone or doesn't read fails, and says so.
    try requests.set(ZMQ_ROUTER_MANDATORY, 1)
    // Who may follow what is decided here, not by libzmq.
    try events.set(ZMQ_XPUB_MANUAL, 1)
    try tap.set(ZMQ_XPUB_MANUAL, 1)

    // Settings count for what is bound after them: folders first, without keys.
    let mask = umask(0o007)
    for case .folder(let folder) in addresses { try Self.bind(requests, events, tap, .folder(folder)) }
    umask(mask)
    for case .tcp(let host, let port) in addresses {
      guard let keys else { continue }
      try Self.secure(requests, keys)
      try Self.secure(events, keys)
      try Self.secure(tap, keys)
      try Self.bind(requests, events, tap, .tcp(host: host, port: port))
    }
    self.requests = requests
    self.events = events
    self.tap = tap
  }

  private static func bind(
    _ requests: borrowing Socket, _ events: borrowing Socket, _ tap: borrowing Socket, _ address: BusAddress
  ) throws(LabError) {
    try events.bind(address.events)
    try tap.bind(address.tap)
    // Last: who finds this one finds all.
    try requests.bind(address.requests)
  }

  private static func secure(_ socket: borrowing Socket, _ keys: HubKeys) throws(LabError) {
    try socket.set(ZMQ_CURVE_SERVER, 1)
    try socket.set(ZMQ_CURVE_SECRETKEY, keys.own.secretKey)
    // A domain makes libzmq ask the gate.
    try socket.set(ZMQ_ZAP_DOMAIN, "archetype")
  }
}
