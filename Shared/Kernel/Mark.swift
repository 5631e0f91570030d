public import Model

/// Whose and what a device of the fabric is: the text in its `ifalias`, enough to rebuild everything after the loss of all else.
///
/// Readable wherever it fits into the kernel's 255 bytes:
/// `ar1 t DEPLOYMENT HOST LAB@BORN/NODE@BORN:ORDINAL` for a tap, `ar1 v DEPLOYMENT HOST LAB@BORN NEAR:ORDINAL FAR:ORDINAL` for a tunnel,
/// `ar1 p DEPLOYMENT HOST` for the probe tunnel, `ar1 b DEPLOYMENT HOST LAB@BORN` for a management network's bridge and `ar1 g …` for its gate, `ar1 n …`
/// with a digest and a count for its rules in the host's own namespace.
/// A tap that was made with addresses has their digest as one more word. With very long names the same text is written in base 255 behind `ar1!`.
public struct Mark: Sendable, Hashable {
  public enum Subject: Sendable, Hashable {
    /// A node's interface, whatever its link.
    ///
    /// `addressing` is `Addressing.digest`.
    case tap(NodeKey, Ordinal, addressing: UInt64 = 0)
    /// This host's end of a link; `near` is the endpoint here.
    case tunnel(LabKey, near: Endpoint, far: Endpoint)
    /// The host's probe tunnel.
    case probe
    /// The bridge of a lab's management network here.
    case bridge(LabKey)
    /// The host's way to it.
    case gate(LabKey)
    /// Rules for it in the host's own namespace: their digest, and how many they are.
    case rules(LabKey, UInt64, count: Int)
  }

  public var deployment: Deployment
  public var host: HostName
  public var subject: Subject

  public init(deployment: Deployment, host: HostName, subject: Subject) {
    self.deployment = deployment
    self.host = host
    self.subject = subject
  }

  /// What goes into `ifalias`: 255 bytes at most, none zero.
  public var alias: [UInt8] {
    let readable = Array("\(Self.prefix) \(text)".utf8)
    if readable.count <= LinkLimits.aliasBytes { return readable }
    return Array("\(Self.prefix)!".utf8) + CompactText.encode(Array(text.utf8))
  }

  /// nil for anything that `alias` did not write: a foreign device.
  public init?(alias: [UInt8]) {
    let prefix = Array(Self.prefix.utf8)
    guard alias.count > prefix.count + 1, alias.count <= LinkLimits.aliasBytes, alias.starts(with: prefix) else { return nil }
    let rest = alias[(prefix.count + 1)...]
    switch alias[prefix.count] {
    case UInt8(ascii: " "): self.init(text: String(decoding: rest, as: UTF8.self))
    case UInt8(ascii: "!"):
      guard let text = CompactText.decode(Array(rest)) else { return nil }
      self.init(text: String(decoding: text, as: UTF8.self))
    default: return nil
    }
    guard self.alias == alias else { return nil }
  }

  /// Names the form: another one gets another number, and this version's devices are read as before.
  private static let prefix = "ar1"

  private var text: String {
    switch subject {
    case .tap(let node, let ordinal, 0): "t \(deployment) \(host) \(node):\(ordinal)"
    case .tap(let node, let ordinal, let addressing):
      "t \(deployment) \(host) \(node):\(ordinal) \(String(addressing, radix: 36))"
    case .tunnel(let lab, let near, let far): "v \(deployment) \(host) \(lab) \(near) \(far)"
    case .probe: "p \(deployment) \(host)"
    case .bridge(let lab): "b \(deployment) \(host) \(lab)"
    case .gate(let lab): "g \(deployment) \(host) \(lab)"
    case .rules(let lab, let digest, let count): "n \(deployment) \(host) \(lab) \(String(digest, radix: 36)) \(count)"
    }
  }

  private init?(text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard words.count >= 3, let deployment = try? Deployment(words[1]), let host = try? HostName(words[2]) else { return nil }
    let subject: Subject
    switch (words[0], words.count) {
    case ("t", 4), ("t", 5):
      let parts = words[3].split(separator: "/").map(String.init)
      guard parts.count == 2, let lab = LabKey(mark: parts[0]), let (node, ordinal) = halves(parts[1], ":"),
        let (name, born) = named(node), let name = try? NodeName(name), let ordinal = Ordinal(mark: ordinal)
      else { return nil }
      let addressing = words.count == 5 ? UInt64(words[4], radix: 36) : 0
      guard let addressing else { return nil }
      subject = .tap(NodeKey(lab, name, born: born), ordinal, addressing: addressing)
    case ("v", 6):
      guard let lab = LabKey(mark: words[3]), let near = Endpoint(mark: words[4]), let far = Endpoint(mark: words[5]) else { return nil }
      subject = .tunnel(lab, near: near, far: far)
    case ("p", 3): subject = .probe
    case ("b", 4), ("g", 4):
      guard let lab = LabKey(mark: words[3]) else { return nil }
      subject = words[0] == "b" ? .bridge(lab) : .gate(lab)
    case ("n", 6):
      guard let lab = LabKey(mark: words[3]), let digest = UInt64(words[4], radix: 36), let count = Int(words[5]) else { return nil }
      subject = .rules(lab, digest, count: count)
    default: return nil
    }
    self.init(deployment: deployment, host: host, subject: subject)
  }
}

/// Names of devices in the fabric: a letter and 13 base32 characters of a hash of the identity (dataplane.md, rule 12).
public enum DeviceName {
  public static func tap(_ node: NodeKey, _ ordinal: Ordinal, in deployment: Deployment) -> String {
    "t" + base32(StableHash.of("\(deployment) \(node):\(ordinal)"))
  }

  public static func tunnel(_ link: LinkID, of lab: LabKey, in deployment: Deployment) -> String {
    "v" + base32(StableHash.of("\(deployment) \(lab) \(link)"))
  }

  public static func bridge(of lab: LabKey, in deployment: Deployment) -> String { "b" + base32(StableHash.of("\(deployment) \(lab)")) }

  /// The fabric's end of a gate.
  public static func gate(of lab: LabKey, in deployment: Deployment) -> String { "g" + base32(StableHash.of("\(deployment) \(lab)")) }

  /// The host's end of a gate, in the host's own namespace.
  public static func hostGate(of lab: LabKey, in deployment: Deployment) -> String { "ar" + base32(StableHash.of("\(deployment) \(lab)")) }

  public static func probe(in deployment: Deployment) -> String { "p" + base32(StableHash.of("\(deployment)")) }

  /// The fabric's end for a container.
  static func external(_ words: String) -> String { "x" + base32(StableHash.of("external \(words)")) }

  /// The container's end of it while it is in the host's own namespace.
  static func hostExternal(_ words: String) -> String { "ax" + base32(StableHash.of("external \(words)")) }

  private static func base32(_ hash: UInt64) -> String {
    let digits = Array("abcdefghijklmnopqrstuvwxyz234567")
    return String((0..<13).map { digits[Int(hash >> (5 * UInt64($0)) & 31)] })
  }
}

private func halves(_ text: String, _ separator: Character) -> (String, String)? {
  let parts = text.split(separator: separator, omittingEmptySubsequences: false)
  return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
}

private func named(_ text: String) -> (String, Revision)? {
  guard let (name, born) = halves(text, "@"), let number = UInt64(born) else { return nil }
  return (name, Revision(number))
}

extension LabKey {
  fileprivate init?(mark text: String) {
    guard let (name, born) = named(text), let name = try? LabName(name) else { return nil }
    self.init(name, born: born)
  }
}

extension Ordinal {
  fileprivate init?(mark text: String) {
    guard let number = Int(text), let ordinal = try? Ordinal(number) else { return nil }
    self = ordinal
  }
}

extension Endpoint {
  fileprivate init?(mark text: String) {
    guard let (node, ordinal) = halves(text, ":"), let node = try? NodeName(node), let ordinal = Ordinal(mark: ordinal) else { return nil }
    self.init(node, ordinal)
  }
}
