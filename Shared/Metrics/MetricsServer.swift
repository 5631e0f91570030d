import CMicroHTTPD
import Glibc
import Locks
public import Machine
public import Model

/// Serves what its owner last showed of itself, on a thread of its own: `/metrics`, `/live` and `/ready`. Who asks waits for that thread only,
/// never for the owner, and the owner never for who asks.
public struct MetricsServer: ~Copyable {
  /// Milliseconds between two looks at the owner.
  private static let pause: UInt64 = 1_000
  /// A scraper has one connection, and so has each health check. One that dawdles is cut off for the next above this number: however slowly it
  /// asks or reads, it keeps nobody out.
  private static let mostOpen = 16
  /// Beside those, some that are cut off and not cleared away yet. libmicrohttpd knows no limit of a connection's whole time.
  private static let limits = cmicrohttpd_limits(connections: 2 * UInt32(mostOpen), seconds: 5, memory: 16 << 10)

  private let shared: Shared
  private let daemon: OpaquePointer?
  /// When `show` is due again; nil: nobody is served.
  public private(set) var wakeAt: Instant?

  /// - Parameters:
  ///   - address: nil: nobody is served.
  ///   - name: of the program: a peer's on the bus, or `network`.
  /// - Throws: `UNAVAILABLE` where the address can't be listened at.
  public init(_ address: MetricsAddress?, of name: String) throws(LabError) {
    let shared = Shared(name: name)
    self.shared = shared
    daemon = try address.map { address throws(LabError) in try Self.serve(shared, at: address) }
    wakeAt = address == nil ? nil : .zero
  }

  // Waits for the thread, so nobody asks for `shared` afterwards.
  deinit { if let daemon { MHD_stop_daemon(daemon) } }

  /// Whether `show` is due.
  public func isDue(at now: Now) -> Bool { wakeAt.map { $0 <= now.boot } ?? false }

  /// From now on this is what is told.
  public mutating func show(_ status: ProgramStatus, at now: Now) {
    wakeAt = now.boot + Self.pause
    shared.put(status)
  }

  private static func serve(_ shared: Shared, at address: MetricsAddress) throws(LabError) -> OpaquePointer {
    let listener = try listen(at: address)
    let daemon = cmicrohttpd_start(
      listener, limits,
      { context, connection, path, method, _, _, _, _ in
        guard let context, let connection, let path, let method else { return .NO }
        let shared = Unmanaged<Shared>.fromOpaque(context).takeUnretainedValue()
        return MetricsServer.send(shared.answer(String(cString: method), String(cString: path)), on: connection)
      }, nil,
      { context, connection, _, what in
        guard let context, let connection else { return }
        let shared = Unmanaged<Shared>.fromOpaque(context).takeUnretainedValue()
        let socket = cmicrohttpd_socket(connection)
        if what == .CONNECTION_NOTIFY_STARTED { shared.open(socket, most: MetricsServer.mostOpen) } else { shared.close(socket) }
      }, Unmanaged.passUnretained(shared).toOpaque())
    if let daemon { return daemon }
    let cause = String(cString: strerror(errno))
    close(listener)
    throw LabError(.internalError, "--metrics \(address)", "can't be served", cause: cause)
  }

  private static func send(_ answer: MetricsAnswer, on connection: OpaquePointer) -> MHD_Result {
    var bytes = Array(answer.body.utf8)
    guard let response = MHD_create_response_from_buffer(bytes.count, &bytes, .RESPMEM_MUST_COPY) else { return .NO }
    defer { MHD_destroy_response(response) }
    MHD_add_response_header(response, "Content-Type", MetricsText.contentType)
    if answer.code == 405 { MHD_add_response_header(response, "Allow", "GET, HEAD") }
    return MHD_queue_response(connection, answer.code, response)
  }

  private static func listen(at place: MetricsAddress) throws(LabError) -> Int32 {
    let family = place.address.isIPv6 ? AF_INET6 : AF_INET
    let listener = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var isListening = false
    if listener >= 0 {
      var yes: Int32 = 1
      // Connections that have ended don't keep a service from starting again.
      setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
      isListening = bind(listener, to: place) == 0 && Glibc.listen(listener, Int32(limits.connections)) == 0
    }
    guard isListening else {
      let cause = String(cString: strerror(errno))
      if listener >= 0 { close(listener) }
      throw LabError(
        .unavailable, "--metrics \(place)", "can't be listened at (each service of a machine needs a port of its own)", cause: cause)
    }
    return listener
  }

  private static func bind(_ listener: Int32, to place: MetricsAddress) -> Int32 {
    if place.address.isIPv6 {
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = place.port.bigEndian
      withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: place.address.bytes) }
      return bind(listener, name)
    }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = place.port.bigEndian
    withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: place.address.bytes) }
    return bind(listener, name)
  }

  private static func bind(_ listener: Int32, _ name: some Any) -> Int32 {
    withUnsafeBytes(of: name) { bytes in
      bytes.bindMemory(to: sockaddr.self).baseAddress.map { Glibc.bind(listener, $0, socklen_t(bytes.count)) } ?? -1
    }
  }

  /// What both threads see.
  private final class Shared: Sendable {
    private struct Seen {
      var status: ProgramStatus
      var at: timespec
    }

    private let name: String
    private let last = Guarded<Seen?>(nil)
    /// Sockets of connections, the oldest first.
    private let connections = Guarded<[Int32]>([])

    init(name: String) { self.name = name }

    func put(_ status: ProgramStatus) { last.withLock { $0 = Seen(status: status, at: Self.now()) } }

    func answer(_ method: String, _ path: String) -> MetricsAnswer {
      let seen = last.withLock { $0 }
      return MetricsAnswer(method, path, seen?.status, of: name, age: seen.map { Self.now().tv_sec - $0.at.tv_sec } ?? 0)
    }

    /// Called before it is served.
    func open(_ connection: Int32, most: Int) {
      connections.withLock {
        if $0.count >= most { shutdown($0.removeFirst(), Int32(SHUT_RDWR)) }
        $0.append(connection)
      }
    }

    /// Called before its number is given to another.
    func close(_ connection: Int32) { connections.withLock { $0.removeAll { $0 == connection } } }

    private static func now() -> timespec {
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      return now
    }
  }
}
