import CZMQ
import Glibc
public import Model

/// A CURVE key pair of a named peer or of the hub, in Z85 text (ZeroMQ RFC 32).
public struct KeyPair: Sendable {
  public var name: String
  public var publicKey: String
  public var secretKey: String
}

/// What a peer needs to reach a hub by TCP.
public struct PeerKeys: Sendable {
  public var own: KeyPair
  public var hub: String
}

/// What a key that the hub knows is good for.
public struct KnownKey: Sendable, Hashable {
  public var name: PeerName
  /// Of a command line's; services and agents have their own rights.
  public var role = Role.admin
  /// Seconds since 1970; nil: for ever.
  public var expiresAt: Int64?
  /// The host for which it may hand in a key, once; nil: it is no one-time key.
  public var enrolls: HostName?

  public init(name: PeerName, role: Role = .admin, expiresAt: Int64? = nil, enrolls: HostName? = nil) {
    self.name = name
    self.role = role
    self.expiresAt = expiresAt
    self.enrolls = enrolls
  }
}

/// What the hub needs: its own pair, and what each known key is good for, by its public half.
public struct HubKeys: Sendable {
  public var own: KeyPair
  public var known: [String: KnownKey]
}

/// CURVE keys as files. The hub's folder holds `hub.key` and, one file a peer, `peers/NAME.pub` (`/` in a name is written `@`, which no
/// name contains), beside these while a key is changed `hub+next.key` and `peers/NAME+next.pub`. A peer's folder holds `peer.key` and `hub.pub`.
/// Each file is lines of a word, a space and a value: `name`, `public`, in a `.key` `secret`, and of a peer where it isn't the usual `role`,
/// `expires` and `enrolls`. Folders have mode 0700, files 0600. A key made again replaces the one before.
public enum Keys {
  /// Generous for a hundred hosts; bounds what a wrong folder makes a hub read.
  private static let mostPeers = 10_000

  /// Makes the hub's pair, unless it has one: all peers know it.
  public static func makeHub(_ folder: String) throws(LabError) {
    try Folder.make(folder)
    try Folder.make("\(folder)/peers")
    if Folder.holds("\(folder)/hub.key") {
      _ = try read("\(folder)/hub.key")
      return
    }
    try write(makePair(named: "hub"), to: "\(folder)/hub.key", withSecret: true)
  }

  /// Makes a peer's pair: all of it into the peer's folder with the hub's public key, the public half into the hub's.
  ///
  /// - Parameters:
  ///   - role: of a command line.
  ///   - isNext: the key that it has stays good until `finishRotation`.
  public static func makePeer(name: PeerName, role: Role = .admin, hubFolder: String, peerFolder: String, isNext: Bool = false)
    throws(LabError)
  {
    let hub = try readHubPair(hubFolder)
    let pair = makePair(named: "\(name)")
    try writePeer(pair, hub: hub.publicKey, to: peerFolder)
    try Folder.make("\(hubFolder)/peers")
    try write(pair, KnownKey(name: name, role: role), to: path(of: name, in: hubFolder, isNext: isNext))
  }

  /// What a peer needs, into its folder.
  public static func writePeer(_ pair: KeyPair, hub: String, to folder: String) throws(LabError) {
    try Folder.make(folder)
    try writeHub(hub, to: folder)
    try write(pair, to: "\(folder)/peer.key", withSecret: true)
  }

  /// The hub's public half, into a peer's folder.
  static func writeHub(_ publicKey: String, to folder: String) throws(LabError) {
    try write(KeyPair(name: "hub", publicKey: publicKey, secretKey: ""), to: "\(folder)/hub.pub")
  }

  /// - Throws: `FAILED_PRECONDITION` with the command that makes what is missing.
  public static func loadHub(_ folder: String) throws(LabError) -> HubKeys {
    let own = try readHubPair(folder)
    let files = try Folder.list("\(folder)/peers").filter { $0.hasSuffix(".pub") }
    guard files.count <= mostPeers else {
      throw LabError(.resourceExhausted, folder, "holds keys of more than \(mostPeers) peers (remove those of peers that are gone)")
    }
    var known: [String: KnownKey] = [:]
    for file in files.sorted() {
      let (pair, key) = try readKnown("\(folder)/peers/\(file)")
      if let other = known.updateValue(key, forKey: pair.publicKey) {
        let what = "holds the key of \(other.name) too (make one of them again: archetype keys host)"
        throw LabError(.failedPrecondition, "\(folder)/peers/\(file)", what)
      }
    }
    return HubKeys(own: own, known: known)
  }

  /// A peer's public half, and what it is good for.
  static func readKnown(_ path: String) throws(LabError) -> (pair: KeyPair, key: KnownKey) {
    let (pair, words) = try readAll(path)
    var key = KnownKey(name: try PeerName(pair.name))
    guard [false, true].contains(where: { path.hasSuffix("/" + fileName(key.name, isNext: $0)) }) else {
      throw LabError(.failedPrecondition, path, "is for \(key.name) (a peer's key is in the file of its name: make it again)")
    }
    if let word = words["role"] {
      guard let role = Role(rawValue: word) else {
        throw LabError(.failedPrecondition, path, "has the role '\(word)', which isn't one (viewer, operator or admin)")
      }
      key.role = role
    }
    if let word = words["expires"] {
      guard let number = Int64(word) else {
        throw LabError(.failedPrecondition, path, "has a line 'expires' that isn't a number of seconds")
      }
      key.expiresAt = number
    }
    key.enrolls = try words["enrolls"].map { text throws(LabError) in try HostName(text) }
    return (pair, key)
  }

  /// What a peer at this address needs; nil: nothing, or no folder was named.
  public static func loadPeer(_ folder: String?, at address: BusAddress) throws(LabError) -> PeerKeys? {
    guard case .tcp = address, let folder else { return nil }
    return try loadPeer(folder)
  }

  public static func loadPeer(_ folder: String) throws(LabError) -> PeerKeys {
    guard Folder.holds("\(folder)/peer.key") else {
      throw LabError(.failedPrecondition, folder, "has no peer.key (make one on the bus's machine: archetype keys host NAME)")
    }
    let own = try read("\(folder)/peer.key")
    guard !own.secretKey.isEmpty else { throw LabError(.failedPrecondition, "\(folder)/peer.key", "has no line 'secret KEY'") }
    return PeerKeys(own: own, hub: try read("\(folder)/hub.pub").publicKey)
  }

  static func readHubPair(_ folder: String) throws(LabError) -> KeyPair {
    guard Folder.holds("\(folder)/hub.key") else {
      throw LabError(.failedPrecondition, folder, "has no hub.key (make it: archetype keys init --keys \(folder))")
    }
    let pair = try read("\(folder)/hub.key")
    guard !pair.secretKey.isEmpty else { throw LabError(.failedPrecondition, "\(folder)/hub.key", "has no line 'secret KEY'") }
    return pair
  }

  public static func makePair(named name: String) -> KeyPair {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 82) { memory in
      // 40 characters of Z85 and a NUL for each half; not empty, so it has a base.
      let open = memory.baseAddress!
      zmq_curve_keypair(open, open + 41)
      return KeyPair(name: name, publicKey: String(cString: open), secretKey: String(cString: open + 41))
    }
  }

  static func fileName(_ name: PeerName, isNext: Bool = false) -> String {
    String(name.description.map { $0 == "/" ? "@" : $0 }) + (isNext ? "+next.pub" : ".pub")
  }

  static func path(of name: PeerName, in folder: String, isNext: Bool) -> String { "\(folder)/peers/\(fileName(name, isNext: isNext))" }

  static func write(_ pair: KeyPair, to path: String, withSecret: Bool = false) throws(LabError) {
    var text = "name \(pair.name)\npublic \(pair.publicKey)\n"
    if withSecret { text += "secret \(pair.secretKey)\n" }
    try Folder.replace(path, with: text)
  }

  /// The public half for the hub.
  static func write(_ pair: KeyPair, _ key: KnownKey, to path: String) throws(LabError) {
    var text = "name \(key.name)\npublic \(pair.publicKey)\n"
    if key.role != .admin { text += "role \(key.role.rawValue)\n" }
    if let seconds = key.expiresAt { text += "expires \(seconds)\n" }
    if let host = key.enrolls { text += "enrolls \(host)\n" }
    try Folder.replace(path, with: text)
  }

  static func read(_ path: String) throws(LabError) -> KeyPair { try readAll(path).pair }

  private static func readAll(_ path: String) throws(LabError) -> (pair: KeyPair, words: [String: String]) {
    var words: [String: String] = [:]
    for line in try Folder.read(path).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      if parts.count == 2 { words[String(parts[0])] = String(parts[1]) }
    }
    let pair = KeyPair(name: words["name"] ?? "", publicKey: words["public"] ?? "", secretKey: words["secret"] ?? "")
    var bytes = [UInt8](repeating: 0, count: 32)
    for key in [pair.publicKey, pair.secretKey.isEmpty ? pair.publicKey : pair.secretKey]
    where key.utf8.count != 40 || zmq_z85_decode(&bytes, key) == nil {
      throw LabError(.failedPrecondition, path, "is no key file (lines 'name NAME' and 'public KEY'; make it again: archetype keys)")
    }
    return (pair, words)
  }

  /// The text of a key that arrived as 32 bytes.
  public static func text(_ key: [UInt8]) -> String? {
    guard key.count == 32 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { memory in
      zmq_z85_encode(memory.baseAddress, key, key.count) == nil ? nil : memory.baseAddress.map { String(cString: $0) }
    }
  }
}
