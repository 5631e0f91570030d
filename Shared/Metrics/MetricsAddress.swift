public import Model

/// Where metrics are served: `PORT` of 127.0.0.1, `ADDRESS:PORT`, `[ADDRESS]:PORT`. Others may look only where an address is written out.
public struct MetricsAddress: Sendable, Hashable, CustomStringConvertible {
  public let address: IPAddress
  public let port: UInt16

  /// - Throws: `INVALID_ARGUMENT` for a name, an empty address, or a port that isn't 1 to 65535.
  public init(_ text: String) throws(LabError) {
    let colon = text.lastIndex(of: ":")
    let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
    guard let port = UInt16(digits), port > 0, digits.allSatisfy(\.isNumber) else { throw Self.refused(text) }
    self.port = port
    var host = colon.map { String(text[..<$0]) } ?? "127.0.0.1"
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = String(host.dropFirst().dropLast()) }
    guard let address = try? IPAddress(host), address.isIPv6 == isBracketed else { throw Self.refused(text) }
    self.address = address
  }

  public var description: String { address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)" }

  private static func refused(_ text: String) -> LabError {
    LabError(
      .invalidArgument, "--metrics",
      "'\(text)' is no place for metrics (PORT for this machine only, or ADDRESS:PORT with an address written out, [ADDRESS]:PORT for IPv6)"
    )
  }
}
