internal import Model

/// `ports:` of a node: `[HOST-ADDRESS:]HOST-PORT:PORT[/udp]`, also ranges of the same length, as Docker writes them.
struct PortText {
  /// Of one line; more are a mistake.
  private static let most = 256

  let ports: [PublishedPort]

  /// - Throws: `INVALID_ARGUMENT` with the text and what is wrong with it.
  init(_ text: String) throws(LabError) {
    var rest = Substring(text)
    var transport = PublishedPort.Transport.tcp
    if let slash = rest.lastIndex(of: "/") {
      let name = rest[rest.index(after: slash)...]
      guard let found = PublishedPort.Transport(rawValue: name.lowercased()) else {
        throw Self.wrong(text, "'\(name)' is not a transport (tcp or udp)")
      }
      transport = found
      rest = rest[..<slash]
    }
    guard let last = rest.lastIndex(of: ":") else { throw Self.wrong(text, "needs the host's port too (such as 8080:\(rest))") }
    let inner = try Self.range(rest[rest.index(after: last)...], text)
    rest = rest[..<last]
    var address: IPAddress?
    if let colon = rest.lastIndex(of: ":") {
      var host = rest[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      do throws(LabError) { address = try IPAddress(String(host)) } catch {
        throw Self.wrong(text, "'\(host)' is not an address of the host")
      }
      rest = rest[rest.index(after: colon)...]
    }
    let outer = try Self.range(rest, text)
    guard outer.count == inner.count else { throw Self.wrong(text, "has ranges of different lengths") }
    guard outer.count <= Self.most else { throw Self.wrong(text, "has more than \(Self.most) ports") }
    // Every address is what no address says.
    let isAny = address.map { $0.bytes.allSatisfy { $0 == 0 } } ?? true
    ports = zip(outer, inner).map { PublishedPort(address: isAny ? nil : address, port: $0, nodePort: $1, transport: transport) }
  }

  private static func range(_ text: Substring, _ whole: String) throws(LabError) -> ClosedRange<UInt16> {
    let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = UInt16(ends[0]), let last = ends.count == 1 ? first : UInt16(ends[1]), first > 0, first <= last else {
      throw wrong(whole, "'\(text)' is not a port, 1 to 65535, or a range of them")
    }
    return first...last
  }

  private static func wrong(_ text: String, _ why: String) -> LabError { LabError(.invalidArgument, "port \(text)", why) }
}
