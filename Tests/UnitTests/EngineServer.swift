import Foundation
import Locks

/// What stands in for an engine that misbehaves: a server at a unix socket whose answers a test writes.
final class EngineServer: Sendable {
  enum Answer: Sendable {
    case json(Int, String)
    /// Nothing, until the test says `go`.
    case silence
    /// The head of a stream, these pieces, and then an end after `go`.
    case stream([String])
    case bytes(String)
  }

  private struct State {
    var underWay = 0
    var most = 0
    var isOpen = false
  }

  let path: String
  private let listener: Int32
  private let state = Guarded(State())
  private let answer: @Sendable (_ request: String) -> Answer

  init(_ answer: @escaping @Sendable (_ request: String) -> Answer) throws {
    path = "/tmp/archetype-engine-\(UUID().uuidString.prefix(8))"
    self.answer = answer
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    guard bound == 0, listen(listener, 64) == 0 else { throw CocoaError(.fileWriteUnknown) }
    let door = listener
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(door, nil, nil)
        if connection < 0 { return }
        let server = self
        Thread.detachNewThread { server?.serve(connection) }
      }
    }
  }

  deinit {
    unlink(path)
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// The most requests that were under way at a time.
  var most: Int { state.withLock { $0.most } }
  var underWay: Int { state.withLock { $0.underWay } }

  /// Silent answers and streams end, and later ones are good.
  func go() { state.withLock { $0.isOpen = true } }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      while !text.contains("\r\n\r\n") {
        let count = read(connection, &buffer, buffer.count)
        if count <= 0 { return }
        text += String(decoding: buffer[0..<count], as: UTF8.self)
      }
      let request = text.prefix { $0 != "\r\n" }
      state.withLock { state in
        state.underWay += 1
        state.most = max(state.most, state.underWay)
      }
      let goesOn = reply(connection, String(request))
      state.withLock { $0.underWay -= 1 }
      if !goesOn { return }
      text = ""
    }
  }

  private func reply(_ connection: Int32, _ request: String) -> Bool {
    switch answer(request) {
    case .json(let status, let body): return put(connection, Self.head(status, body) + body)
    case .bytes(let bytes):
      _ = put(connection, bytes)
      return false
    case .silence:
      while !state.withLock({ $0.isOpen }) { usleep(2_000) }
      return put(connection, Self.head(200, "{}") + "{}")
    case .stream(let pieces):
      _ = put(connection, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
      for piece in pieces { _ = put(connection, piece) }
      while !state.withLock({ $0.isOpen }) { usleep(2_000) }
      return false
    }
  }

  private static func head(_ status: Int, _ body: String) -> String {
    "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
  }

  private func put(_ connection: Int32, _ text: String) -> Bool {
    text.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) } == text.utf8.count
  }
}
