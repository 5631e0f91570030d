import CLinux
import Glibc
import Model

/// A started process that has not yet said that it serves (sd_notify(3)).
struct Starting {
  let subject: String
  let process: LiveProcess
  /// Bound in the machine's own network namespace, where an abstract name meets nobody else's; nil if the program says nothing.
  let notices: OpenFile?
  let log: String
  /// Whether it can reach the bus, as it must to serve.
  let reachesBus: Bool

  /// Milliseconds in which a program that can't serve yet for want of a bus shows that it can't even run.
  private static let trial: Int64 = 300
  /// What a failed start shows of its log.
  private static let tail = 1500

  /// A socket for `NOTIFY_SOCKET` in a machine.
  static func listen(in machine: Machine, for subject: String) throws(LabError) -> (socket: OpenFile, name: String) {
    let socket = try machine.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    // Of two callers that start one name after the other, the first may still wait.
    let name = "@archetype-testbed/\(subject)/\(getpid())/\(socket.number)"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = [UInt8(0)] + name.utf8.dropFirst()
    guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
      throw LabError(.internalError, subject, "the name is too long for a socket")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.number, $0, length) }
    }
    guard bound == 0 else { throw systemError(subject, "a socket for its notice of readiness can't be bound") }
    return (socket, name)
  }

  /// Returns when the process serves; where it can't reach the bus, when it runs.
  /// - Parameter limit: milliseconds.
  func waitUntilServing(limit: Int64) throws(LabError) {
    guard let notices else { return }
    let deadline = Starting.now() + (reachesBus ? limit : Starting.trial)
    while true {
      var entries = [
        pollfd(fd: notices.number, events: Int16(POLLIN), revents: 0),
        pollfd(fd: process.descriptor.number, events: Int16(POLLIN), revents: 0),
      ]
      let left = deadline - Starting.now()
      guard left > 0 else {
        guard reachesBus else { return }
        let message = "runs, but has not said within \(limit / 1000) s that it serves (read \(log))"
        throw LabError(.deadlineExceeded, subject, message, cause: lastWords())
      }
      if poll(&entries, 2, Int32(left)) < 0, errno != EINTR { throw systemError(subject, "can't be waited for") }
      if entries[0].revents != 0, receive(from: notices).contains("READY=1") { return }
      if entries[0].revents == 0, entries[1].revents != 0 {
        throw LabError(.unavailable, subject, "ended before it served (read \(log))", cause: lastWords())
      }
    }
  }

  /// Milliseconds since boot.
  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  private func receive(from socket: OpenFile) -> [Substring] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let got = recv(socket.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    guard got > 0 else { return [] }
    return String(decoding: buffer[0..<got], as: UTF8.self).split(separator: "\n")
  }

  private func lastWords() -> String {
    let text = Files.read(log, last: Starting.tail) ?? ""
    return text.isEmpty ? "its log is empty" : "its log ends with:\n" + text
  }
}
