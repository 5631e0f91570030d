public import Model

/// Where a bus is: a folder of sockets for the local operator, or three TCP ports, always with keys.
public enum BusAddress: Sendable, Hashable, CustomStringConvertible {
  case folder(String)
  /// `host` as ZeroMQ takes it, IPv6 in brackets; requests on `port`, events and tap on the next two.
  case tcp(host: String, port: UInt16)

  public static let standard = BusAddress.folder("/run/archetype")
  /// A Unix socket's path ends within 107 bytes (unix(7)); `/requests` is the longest name in the folder.
  private static let longestFolder = 107 - "/requests".utf8.count

  /// - Throws: `INVALID_ARGUMENT` for anything but `ipc://FOLDER` and `tcp://HOST:PORT`.
  public init(_ text: String) throws(LabError) {
    if text.hasPrefix("ipc:///") {
      var folder = String(text.dropFirst(6))
      while folder.count > 1 && folder.hasSuffix("/") { folder.removeLast() }
      guard folder.utf8.count <= Self.longestFolder else {
        throw LabError(.invalidArgument, text, "the folder's path is longer than \(Self.longestFolder) bytes (a Unix socket's limit)")
      }
      self = .folder(folder)
    } else if text.hasPrefix("tcp://"), let colon = text.dropFirst(6).lastIndex(of: ":") {
      let host = text.dropFirst(6)[..<colon]
      guard !host.isEmpty, let port = UInt16(text[text.index(after: colon)...]), port > 0, port <= UInt16.max - 2,
        host.contains(":") == (host.first == "[" && host.last == "]")
      else { throw Self.malformed(text) }
      self = .tcp(host: String(host), port: port)
    } else {
      throw Self.malformed(text)
    }
  }

  private static func malformed(_ text: String) -> LabError {
    LabError(.invalidArgument, text, "not a bus address (ipc:///FOLDER or tcp://HOST:PORT, an IPv6 address in brackets)")
  }

  public var requests: String { endpoint("requests", 0) }
  public var events: String { endpoint("events", 1) }
  public var tap: String { endpoint("tap", 2) }

  private func endpoint(_ name: String, _ offset: UInt16) -> String {
    switch self {
    case .folder(let folder): "ipc://\(folder)/\(name)"
    case .tcp(let host, let port): "tcp://\(host):\(port + offset)"
    }
  }

  public var description: String {
    switch self {
    case .folder(let folder): "ipc://\(folder)"
    case .tcp(let host, let port): "tcp://\(host):\(port)"
    }
  }
}
