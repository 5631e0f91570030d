import Arguments
import Model
import Wire

/// Which messages are shown.
struct TraceFilter {
  static let options: [Command.Option] = [
    .value("lab", "LAB", "only what names this lab"), .value("host", "HOST", "only what is from, for or about this host"),
    .value("peer", "PEER", "only what is from or to this peer, such as jobs or agent/h1"),
    .value("kind", "KIND", "only this kind, or all of a service: JobService.ApplyLab, Fact"),
    .value("trace", "ID", "only one operation, by its trace id or the begin of it"),
  ]

  private let lab: LabName?
  private let host: HostName?
  private let peer: String?
  private let kind: String?
  private let trace: String?

  init(_ arguments: Arguments) throws(LabError) {
    if let text = arguments.value("lab") { lab = try LabName(text) } else { lab = nil }
    if let text = arguments.value("host") { host = try HostName(text) } else { host = nil }
    peer = arguments.value("peer")
    kind = arguments.value("kind")
    trace = arguments.value("trace")
  }

  /// Nothing has to be looked at.
  var takesAll: Bool { lab == nil && host == nil && peer == nil && kind == nil && trace == nil }

  func takes(_ message: TraceMessage) -> Bool {
    if let peer, message.from != peer, message.to != peer { return false }
    if let kind, message.kind != kind, !message.kind.hasPrefix(kind + ".") { return false }
    if let trace, message.trace?.hasPrefix(trace) != true { return false }
    if let host, !isAbout(host, message) { return false }
    if let lab, message.to != "lab.\(lab)", message.body?.names(lab.text) != true { return false }
    return true
  }

  private func isAbout(_ host: HostName, _ message: TraceMessage) -> Bool {
    let places = [message.from, message.to]
    if places.contains("agent/\(host)") || places.contains("assign.\(host)") { return true }
    return message.body?.names(host.text) == true
  }
}

extension Dissection {
  /// Whether a text in it is this name, or begins with it as identities do: `ring/r1`, `ring@7`.
  func names(_ name: String) -> Bool {
    switch self {
    case .message(let fields): fields.contains { $0.value.names(name) }
    case .list(let values): values.contains { $0.names(name) }
    case .text(let text): text == name || text.hasPrefix(name + "/") || text.hasPrefix(name + "@")
    case .number, .truth, .symbol, .bytes: false
    }
  }

  /// The most bytes of a value that are shown.
  private static let mostBytes = 32

  var json: JSON {
    switch self {
    case .message(let fields): .object(fields.map { JSON.Member(key: $0.name, value: $0.value.json) })
    case .list(let values): .array(values.map(\.json))
    case .number(let text): Int(text).map { .integer($0) } ?? UInt64(text).map { .unsigned($0) } ?? .string(text)
    case .truth(let value): .bool(value)
    case .text(let text), .symbol(let text): .string(text)
    case .bytes(let bytes):
      .string(
        bytes.prefix(Self.mostBytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
          + (bytes.count > Self.mostBytes ? "… \(bytes.count) bytes" : ""))
    }
  }
}
