import Files

/// TCP ports of a network namespace on which somebody listens, as the kernel tells them (proc_net_tcp).
public struct ListeningPorts {
  private let ports: Set<UInt16>

  /// A table of 100,000 connections.
  private static let most = 16 << 20
  /// TCP_LISTEN of the kernel's tcp_states.h.
  private static let listening: Substring = "0A"

  /// - Parameter path: of the table; what can't be read has no ports.
  public init(of path: String) {
    self.init(String(decoding: (try? File.read(path, most: Self.most)) ?? [], as: UTF8.self))
  }

  public init(_ table: String) {
    ports = Set(
      table.split(separator: "\n").dropFirst().compactMap { line in
        let fields = line.split(separator: " ")
        guard fields.count > 3, fields[3] == Self.listening, let colon = fields[1].lastIndex(of: ":") else { return nil }
        return UInt16(fields[1][fields[1].index(after: colon)...], radix: 16)
      })
  }

  public func contains(_ port: UInt16) -> Bool { ports.contains(port) }
}
