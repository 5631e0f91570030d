import Bus
import Foundation
import Locks
import Machine
import Model
import Wire

/// A stranger that sends a bus whatever it shouldn't be sent, as fast as it is taken, on a thread of its own.
final class Flood: Sendable {
  private let address: BusAddress
  private let state = Guarded<(sent: Int, isOver: Bool)>((0, false))
  private let ended = DispatchSemaphore(value: 0)

  init(_ address: BusAddress) throws { self.address = address }

  func begin() {
    Thread { [self] in
      do { try run() } catch { print("the flood ends: \(error)") }
      ended.signal()
    }.start()
  }

  /// - Returns: how many messages it sent.
  func end() -> Int {
    state.withLock { $0.isOver = true }
    ended.wait()
    return state.withLock { $0.sent }
  }

  private func run() throws {
    let socket = try Socket(.dealer, in: try Context())
    try socket.connect(address.requests)
    let rubbish = try Self.rubbish()
    var next = 0
    while !state.withLock({ $0.isOver }) {
      if next % 64 == 0 { rawConnection() }
      if try socket.send(rubbish[next % rubbish.count]) == .sent {
        state.withLock { $0.sent += 1 }
        next += 1
      } else {
        usleep(1_000)
      }
      // What it is told is thrown away.
      while try socket.receive() != nil {}
    }
  }

  /// Bytes that aren't even ZeroMQ's.
  private func rawConnection() {
    let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard connection >= 0 else { return }
    defer { close(connection) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let path = Array(address.requests.dropFirst("ipc://".count).utf8)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isConnected = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(connection, $0, size) }
    }
    let bytes = [UInt8](repeating: 0xff, count: 512)
    if isConnected == 0 { write(connection, bytes, bytes.count) }
  }

  private static func rubbish() throws -> [[[UInt8]]] {
    var chance = SystemRandomNumberGenerator()
    func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &chance) } }
    let forged = Envelope(kind: "ConfigService.Put", requestID: "forged", instance: 7, deadline: 1_000, body: noise(40))
    let reply = Envelope(kind: "ConfigService.Put", isReply: true, requestID: "1.1", instance: 7, body: [])
    let topic = Topic.assign(try HostName("h1"))
    func hello(_ name: PeerName) -> [[UInt8]] { [HubFrame.hello(Hello(name: name, instance: Instance(9))).encode()] }
    return [
      [[]], [[], []], [noise(3)], [noise(2_000), noise(2_000)], (0..<20).map { _ in [1] },
      [HubFrame.delivered(from: .configs).encode(), forged.encode()],
      [HubFrame.delivered(from: .jobs).encode(), reply.encode()],
      [HubFrame.published(from: .configs, topic).encode(), forged.encode()],
      [HubFrame.publish(topic).encode(), forged.encode()],
      [HubFrame.request(to: .configs).encode(), forged.encode()],
      [HubFrame.request(to: .configs).encode(), noise(900), noise(900)],
      [HubFrame.probed(1).encode()], [HubFrame.welcome(hub: Instance(3)).encode()],
      hello(.configs), hello(.jobs), hello(.agent(try HostName("h1"))),
      [HubFrame.publish(.all).encode(), forged.encode()],
      hello(.client("flood")),
      [HubFrame.request(to: .configs).encode(), forged.encode()],
      [HubFrame.request(to: .jobs).encode(), reply.encode()],
      [HubFrame.request(to: .reconciler).encode(), noise(100)],
      [HubFrame.publish(.intent).encode(), forged.encode()],
      [[UInt8](repeating: 7, count: Limits.frameBytes + 1)],
    ]
  }
}
