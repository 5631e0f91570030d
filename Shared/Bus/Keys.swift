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

/// What the hub needs: its own pair, and which name each known key is bound to.
public struct HubKeys: Sendable {
  public var own: KeyPair
  public var names: [String: PeerName]
}

/// CURVE keys as files. The hub's folder holds `hub.key` and, one file a peer, `peers/NAME.pub` (`/` in a name is written `@`, which no
/// name contains). A peer's folder holds `peer.key` and `hub.pub`. Each file is lines of a word, a space and a value: `name`, `public`
/// and, in a `.key`, `secret`. Folders have mode 0700, files 0600. A key made again replaces the one before.
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
  public static func makePeer(name: PeerName, hubFolder: String, peerFolder: String) throws(LabError) {
    let hub = try readHubPair(hubFolder)
    let pair = makePair(named: "\(name)")
    try Folder.make(peerFolder)
    try Folder.make("\(hubFolder)/peers")
    try write(KeyPair(name: "hub", publicKey: hub.publicKey, secretKey: ""), to: "\(peerFolder)/hub.pub", withSecret: false)
    try write(pair, to: "\(peerFolder)/peer.key", withSecret: true)
    try write(pair, to: "\(hubFolder)/peers/\(fileName(name)).pub", withSecret: false)
  }

  /// - Throws: `FAILED_PRECONDITION` with the command that makes what is missing.
  public static func loadHub(_ folder: String) throws(LabError) -> HubKeys {
    let own = try readHubPair(folder)
    let files = try Folder.list("\(folder)/peers").filter { $0.hasSuffix(".pub") }
    guard files.count <= mostPeers else {
      throw LabError(.resourceExhausted, folder, "holds keys of more than \(mostPeers) peers (remove those of peers that are gone)")
    }
    var names: [String: PeerName] = [:]
    for file in files.sorted() {
      let path = "\(folder)/peers/\(file)"
      let pair = try read(path)
      let name = try PeerName(pair.name)
      guard "\(fileName(name)).pub" == file else {
        throw LabError(.failedPrecondition, path, "is for \(name) (a peer's key is in the file of its name: make it again)")
      }
      if let other = names.updateValue(name, forKey: pair.publicKey) {
        throw LabError(.failedPrecondition, path, "holds the key of \(other) too (make one of them again: archetype keys host)")
      }
    }
    return HubKeys(own: own, names: names)
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

  private static func readHubPair(_ folder: String) throws(LabError) -> KeyPair {
    guard Folder.holds("\(folder)/hub.key") else {
      throw LabError(.failedPrecondition, folder, "has no hub.key (make it: archetype keys init --keys \(folder))")
    }
    let pair = try read("\(folder)/hub.key")
    guard !pair.secretKey.isEmpty else { throw LabError(.failedPrecondition, "\(folder)/hub.key", "has no line 'secret KEY'") }
    return pair
  }

  private static func makePair(named name: String) -> KeyPair {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 82) { memory in
      // 40 characters of Z85 and a NUL for each half; not empty, so it has a base.
      let open = memory.baseAddress!
      zmq_curve_keypair(open, open + 41)
      return KeyPair(name: name, publicKey: String(cString: open), secretKey: String(cString: open + 41))
    }
  }

  static func fileName(_ name: PeerName) -> String { String(name.description.map { $0 == "/" ? "@" : $0 }) }

  private static func write(_ pair: KeyPair, to path: String, withSecret: Bool) throws(LabError) {
    var text = "name \(pair.name)\npublic \(pair.publicKey)\n"
    if withSecret { text += "secret \(pair.secretKey)\n" }
    try Folder.replace(path, with: text)
  }

  private static func read(_ path: String) throws(LabError) -> KeyPair {
    var pair = KeyPair(name: "", publicKey: "", secretKey: "")
    for line in try Folder.read(path).split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      switch parts[0] {
      case "name": pair.name = String(parts[1])
      case "public": pair.publicKey = String(parts[1])
      case "secret": pair.secretKey = String(parts[1])
      default: continue
      }
    }
    var bytes = [UInt8](repeating: 0, count: 32)
    for key in [pair.publicKey, pair.secretKey.isEmpty ? pair.publicKey : pair.secretKey]
    where key.utf8.count != 40 || zmq_z85_decode(&bytes, key) == nil {
      throw LabError(.failedPrecondition, path, "is no key file (lines 'name NAME' and 'public KEY'; make it again: archetype keys)")
    }
    return pair
  }

  /// The text of a key that arrived as 32 bytes.
  public static func text(_ key: [UInt8]) -> String? {
    guard key.count == 32 else { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { memory in
      zmq_z85_encode(memory.baseAddress, key, key.count) == nil ? nil : memory.baseAddress.map { String(cString: $0) }
    }
  }
}
