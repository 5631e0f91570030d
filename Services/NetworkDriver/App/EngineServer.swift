import CMicroHTTPD
import Glibc
import Model

/// HTTP on a unix socket for an engine, by libmicrohttpd: whole requests in, whole answers out, one after the other.
final class EngineServer {
  typealias Reply = (isDone: Bool, body: [UInt8])
  typealias Answer = (_ path: String, _ body: [UInt8]) -> Reply

  /// An engine's longest request is a network's options; they are the user's words.
  private static let mostBytes = 64 << 10
  private static let limits = cmicrohttpd_limits(connections: 64, seconds: 10, memory: 32 << 10)

  private let answer: Answer
  private var daemon: OpaquePointer?

  /// - Parameter listener: a listening socket, which it takes over.
  init(_ listener: Int32, answer: @escaping Answer) throws(LabError) {
    self.answer = answer
    daemon = cmicrohttpd_start(
      listener, Self.limits,
      { context, connection, path, method, _, bytes, count, request in
        guard let context, let connection, let path, let count, let request else { return .NO }
        let server = Unmanaged<EngineServer>.fromOpaque(context).takeUnretainedValue()
        return server.take(connection, String(cString: path), bytes, count, request)
      },
      { _, _, request, _ in
        guard let body = request?.pointee else { return }
        Unmanaged<Body>.fromOpaque(body).release()
      }, nil, Unmanaged.passUnretained(self).toOpaque())
    if daemon == nil { throw LabError(.internalError, "network driver", "can't serve its socket", cause: String(cString: strerror(errno))) }
  }

  deinit { if let daemon { MHD_stop_daemon(daemon) } }

  /// Of a request under way; it belongs to libmicrohttpd's word for the request until that is completed.
  private final class Body { var bytes: [UInt8] = [] }

  /// Called for the head, for each part of the body, and at the end of it.
  private func take(
    _ connection: OpaquePointer, _ path: String, _ part: UnsafePointer<CChar>?, _ count: UnsafeMutablePointer<Int>,
    _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  ) -> MHD_Result {
    guard let place = request.pointee else {
      request.pointee = Unmanaged.passRetained(Body()).toOpaque()
      return .YES
    }
    let body = Unmanaged<Body>.fromOpaque(place).takeUnretainedValue()
    guard count.pointee > 0 else {
      let (isDone, words) = answer(path, body.bytes)
      return reply(connection, isDone, words)
    }
    // Nobody who sends that much waits for a word.
    guard body.bytes.count + count.pointee <= Self.mostBytes else { return .NO }
    body.bytes += UnsafeRawBufferPointer(start: part, count: count.pointee)
    count.pointee = 0
    return .YES
  }

  private func reply(_ connection: OpaquePointer, _ isDone: Bool, _ words: [UInt8]) -> MHD_Result {
    var words = words
    guard let response = MHD_create_response_from_buffer(words.count, &words, .RESPMEM_MUST_COPY) else { return .NO }
    defer { MHD_destroy_response(response) }
    MHD_add_response_header(response, "Content-Type", "application/vnd.docker.plugins.v1.2+json")
    // One that is kept and runs out between two requests costs the engine the second.
    MHD_add_response_header(response, "Connection", "close")
    return MHD_queue_response(connection, isDone ? 200 : 500, response)
  }
}
