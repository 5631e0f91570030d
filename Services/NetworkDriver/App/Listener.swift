import CSystemd
import Glibc
import Model

/// The socket at which an engine finds its driver: systemd's, which is there before the engine and outlives this program, or one of its own.
struct Listener {
  let descriptor: Int32
  /// Where it was made; nil: it is systemd's.
  private let path: String?

  private static let waiting: Int32 = 64

  /// - Parameter path: taken where systemd gives no socket; what a dead process left there is replaced.
  init(_ path: String) throws(LabError) {
    if sd_listen_fds(1) == 1 {
      // SD_LISTEN_FDS_START, a macro with a cast.
      descriptor = 3
      self.path = nil
      return
    }
    descriptor = try Self.listen(at: path)
    self.path = path
  }

  /// Nobody is to wait at a socket that nobody serves.
  func remove() { if let path { unlink(path) } }

  private static func listen(at path: String) throws(LabError) -> Int32 {
    func refusal(_ what: String) -> LabError {
      LabError(.failedPrecondition, path, what, cause: String(cString: strerror(errno)))
    }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    var made = ""
    for part in folder.split(separator: "/") {
      made += "/\(part)"
      guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw refusal("its folder can't be made") }
    }
    if let other = try? connected(to: path) {
      close(other)
      throw LabError(.alreadyExists, path, "is served by another process (stop that one first)")
    }
    // Made under another name and moved: it never is there without being served.
    let fresh = path + ".new"
    unlink(fresh)
    let socket = try socket(refusal)
    var address = try address(fresh)
    guard bind(socket, &address) == 0, chmod(fresh, 0o600) == 0, Glibc.listen(socket, waiting) == 0, rename(fresh, path) == 0 else {
      throw refusal("can't be made")
    }
    return socket
  }

  private static func connected(to path: String) throws(LabError) -> Int32 {
    let socket = try socket { LabError(.internalError, path, $0) }
    var address = try address(path)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    guard result == 0 else {
      close(socket)
      throw LabError(.unavailable, path, "nobody answers")
    }
    return socket
  }

  private static func socket(_ refusal: (String) -> LabError) throws(LabError) -> Int32 {
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard socket >= 0 else { throw refusal("a socket can't be made") }
    return socket
  }

  private static func bind(_ socket: Int32, _ address: inout sockaddr_un) -> Int32 {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  private static func address(_ path: String) throws(LabError) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw LabError(.invalidArgument, path, "is too long for a socket (at most 107 bytes)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return address
  }
}
