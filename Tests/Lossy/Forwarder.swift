import Bus
import CZMQ
import Foundation
import Machine
import Model
import Support
import Wire

/// Messages between peers and a hub. Each peer's connection has one of its own to the hub, which knows the peer by it.
///
/// `FOLDER/losses` says what is lost, `FOLDER/tally` is told what was; what peers follow is passed on whole and in order, as the streams
/// below ZeroMQ do.
struct Forwarder: ~Copyable {
  private final class Connection {
    let socket: Socket
    var isClient = false
    var lastUse: Double

    init(_ socket: consuming Socket, _ now: Double) {
      self.socket = socket
      lastUse = now
    }
  }

  private enum Way: Hashable {
    case toHub([UInt8])
    case toPeer([UInt8])
    case toFollowers
  }

  private struct Letter {
    var due: Double
    var number: Int
    var way: Way
    var frames: [[UInt8]]
  }

  /// A command line that has said nothing for this long has ended; services are never forgotten, as the hub would go on to think them there.
  private static let patience = 30.0
  private static let pause = 0.1

  private let context: Context
  private let requests: Socket
  private let followers: Socket
  private let facts: Socket
  private let folder: String
  private var connections: [[UInt8]: Connection] = [:]
  private var waiting: [Letter] = []
  private var losses = Losses()
  private var tally = Tally()
  private var chance: Seeded
  private var number = 0
  private var last: [Way: Int] = [:]
  private var nextLook = 0.0
  private var poller = Poller()

  init(_ addresses: [BusAddress], keys: String?, folder: String, seed: UInt64) throws {
    let context = try Context()
    let requests = try Socket(.router, in: context)
    let followers = try Socket(.publisher, in: context)
    let facts = try Socket(.subscriber, in: context)
    for address in addresses {
      if case .folder(let folder) = address { try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    }
    try requests.setUp()
    try followers.setUp()
    try facts.setUp()
    try requests.set(ZMQ_ROUTER_MANDATORY, 1)
    for address in addresses {
      if case .tcp = address, let keys {
        let pair = try Keys.loadHub(keys).own
        try requests.set(ZMQ_CURVE_SERVER, 1)
        try requests.set(ZMQ_CURVE_SECRETKEY, pair.secretKey)
        try followers.set(ZMQ_CURVE_SERVER, 1)
        try followers.set(ZMQ_CURVE_SECRETKEY, pair.secretKey)
      }
      try followers.bind(address.events)
      try requests.bind(address.requests)
    }
    try facts.connect(try BusAddress("ipc://\(folder)/hub").events)
    self.context = context
    self.requests = requests
    self.followers = followers
    self.facts = facts
    self.folder = folder
    chance = Seeded(seed)
  }

  /// Waits for messages or until one is due, and passes on.
  mutating func round() throws {
    poller.clear()
    poller.add(requests)
    poller.add(followers)
    poller.add(facts)
    for connection in connections.values { poller.add(connection.socket) }
    let due = min(waiting.first?.due ?? .infinity, nextLook) - moment()
    try poller.wait(UInt64(max(0, (due * 1e3).rounded(.up))))
    try receive()
    try sendDue()
    if nextLook <= moment() { try look() }
  }

  private mutating func receive() throws {
    while let message = try followers.receive() {
      guard let frame = message.frames.first, let first = frame.first else { continue }
      try facts.set(first == 1 ? ZMQ_SUBSCRIBE : ZMQ_UNSUBSCRIBE, Array(frame.dropFirst()))
    }
    while let message = try requests.receive() {
      guard message.frames.count > 1 else { continue }
      let peer = message.frames[0]
      let connection = try connections[peer] ?? connect(peer)
      connection.lastUse = moment()
      if case .hello(let hello)? = try? HubFrame(decoding: message.frames[1]), case .client = hello.name { connection.isClient = true }
      pass(.toHub(peer), Array(message.frames.dropFirst()))
    }
    for (peer, connection) in connections {
      while let message = try connection.socket.receive() { pass(.toPeer(peer), message.frames) }
    }
    while let message = try facts.receive() { pass(.toFollowers, message.frames) }
  }

  private mutating func connect(_ peer: [UInt8]) throws -> Connection {
    let socket = try Socket(.dealer, in: context)
    try socket.setUp()
    try socket.connect(try BusAddress("ipc://\(folder)/hub").requests)
    let connection = Connection(socket, moment())
    connections[peer] = connection
    return connection
  }

  private mutating func pass(_ way: Way, _ frames: [[UInt8]]) {
    number += 1
    let copies = losses.copies(&chance)
    tally.passed += 1
    if copies.isEmpty { tally.dropped += 1 }
    if copies.count > 1 { tally.doubled += 1 }
    for delay in copies {
      if delay > 0 { tally.delayed += 1 }
      let letter = Letter(due: moment() + delay, number: number, way: way, frames: frames)
      // Those that are due at once leave in the order of coming.
      waiting.insert(letter, at: waiting.firstIndex { $0.due > letter.due } ?? waiting.count)
    }
  }

  private mutating func sendDue() throws {
    while let letter = waiting.first, letter.due <= moment() {
      waiting.removeFirst()
      if letter.number < last[letter.way] ?? 0 { tally.overtaken += 1 }
      last[letter.way] = max(letter.number, last[letter.way] ?? 0)
      if try send(letter) != .sent { tally.undelivered += 1 }
    }
  }

  private mutating func send(_ letter: Letter) throws -> Socket.SendResult {
    switch letter.way {
    case .toFollowers: return try followers.send(letter.frames)
    case .toHub(let peer): return try connections[peer]?.socket.send(letter.frames) ?? .unroutable
    case .toPeer(let peer):
      let result = try requests.send([peer] + letter.frames)
      // The hub learns it by the next message that can't be handed on.
      if result == .unroutable { forget(peer) }
      return result
    }
  }

  private mutating func forget(_ peer: [UInt8]) {
    connections[peer] = nil
    last[.toHub(peer)] = nil
    last[.toPeer(peer)] = nil
  }

  private mutating func look() throws {
    let now = moment()
    nextLook = now + Self.pause
    losses = Losses(file: folder + "/losses")
    let left = waiting.isEmpty ? "all" : "some"
    let numbers = "\(losses.drop) \(losses.double) \(losses.delay) \(losses.most)"
    try "\(numbers)\n\(left)\n\(tally.text)\n".write(toFile: folder + "/tally", atomically: true, encoding: .utf8)
    for (peer, connection) in connections where connection.isClient && connection.lastUse + Self.patience < now { forget(peer) }
  }
}
