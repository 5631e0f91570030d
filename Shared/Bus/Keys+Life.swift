import CZMQ
import Files
import Glibc
public import Model

/// A key that the hub knows, for a list.
public struct ListedKey: Sendable {
  public var key: KnownKey
  public var publicKey: String
  /// Seconds since 1970.
  public var madeAt: Int64
  /// Its holder has another one too, which this one is to replace.
  public var isNext: Bool
}

/// Keys after they were made: listed, changed, withdrawn. The hub looks into its folder every second.
extension Keys {
  /// Sorted by name.
  public static func list(_ folder: String) throws(LabError) -> [ListedKey] {
    _ = try readHubPair(folder)
    var listed: [ListedKey] = []
    for file in try Folder.list("\(folder)/peers").filter({ $0.hasSuffix(".pub") }).sorted() {
      let path = "\(folder)/peers/\(file)"
      let (pair, key) = try readKnown(path)
      var status = stat()
      stat(path, &status)
      listed.append(
        ListedKey(
          key: key, publicKey: pair.publicKey, madeAt: Int64(status.st_mtim.tv_sec), isNext: file == fileName(key.name, isNext: true)))
    }
    return listed
  }

  /// From the next second on none of the peer's keys is good, and connections that it has are ended.
  ///
  /// - Throws: `NOT_FOUND` where it has none.
  public static func revoke(_ name: PeerName, in folder: String) throws(LabError) {
    let paths = [false, true].map { path(of: name, in: folder, isNext: $0) }.filter { Folder.holds($0) }
    if paths.isEmpty { throw unknown(name, folder) }
    for path in paths { try Folder.remove(path) }
  }

  /// The peer uses its next key: the one before is withdrawn.
  ///
  /// - Throws: `NOT_FOUND` where it has no next one.
  public static func finishRotation(of name: PeerName, in folder: String) throws(LabError) {
    let next = path(of: name, in: folder, isNext: true)
    guard Folder.holds(next) else {
      throw LabError(.notFound, "\(name)", "has no next key in \(folder) (archetype keys rotate \(name) makes one)")
    }
    try Folder.replace(path(of: name, in: folder, isNext: false), with: try Folder.read(next))
    try Folder.remove(next)
  }

  /// Makes the hub's next pair, unless there is one; nobody uses it until `finishRotationOfHub`.
  ///
  /// - Parameter out: gets its public half, `hub.pub`, which every peer needs by then.
  public static func rotateHub(in folder: String, out: String) throws(LabError) {
    _ = try readHubPair(folder)
    let path = nextHub(folder)
    if !Folder.holds(path) { try write(makePair(named: "hub"), to: path, withSecret: true) }
    try Folder.make(out)
    try writeHub(try read(path).publicKey, to: out)
  }

  /// The hub uses its next pair. Folders of peers that lie in its own are given the public half too: they may be copied later.
  ///
  /// - Throws: `NOT_FOUND` where it has none.
  public static func finishRotationOfHub(in folder: String) throws(LabError) {
    let path = nextHub(folder)
    guard Folder.holds(path) else {
      throw LabError(.notFound, "bus", "has no next key in \(folder) (archetype keys rotate bus makes one)")
    }
    let publicKey = try read(path).publicKey
    var peers = [folder]
    for kind in ["clients", "hosts", "next"] { peers += try Folder.list("\(folder)/\(kind)").map { "\(folder)/\(kind)/\($0)" } }
    for peer in peers where Folder.holds("\(peer)/hub.pub") { try writeHub(publicKey, to: peer) }
    // Last, so that what was interrupted can be said again.
    try Folder.replace("\(folder)/hub.key", with: try Folder.read(path))
    try Folder.remove(path)
  }

  private static func nextHub(_ folder: String) -> String { "\(folder)/hub+next.key" }

  private static func unknown(_ name: PeerName, _ folder: String) -> LabError {
    LabError(.notFound, "\(name)", "has no key in \(folder) (archetype keys list shows who has)")
  }

  /// What a known key is good for; of a peer with two keys they are the same.
  ///
  /// - Throws: `NOT_FOUND`.
  public static func known(_ name: PeerName, in folder: String) throws(LabError) -> KnownKey {
    let path = path(of: name, in: folder, isNext: false)
    guard Folder.holds(path) else { throw unknown(name, folder) }
    return try readKnown(path).key
  }
}

/// What a new host is given to hand in a key of its own, once: as text `HOST@ADDRESS#KEYS`.
public struct EnrolToken: Sendable {
  public var host: HostName
  public var address: BusAddress
  /// The one-time pair, and the hub's public key.
  public var keys: PeerKeys

  /// The name that its key is bound to.
  private static func name(_ host: HostName) -> PeerName { .client("enroll.\(host)") }

  /// Makes one, which the hub takes until it is used or its time is over. Another for the same host makes the one before invalid.
  ///
  /// - Parameter expiresAt: seconds since 1970.
  public init(for host: HostName, at address: BusAddress, until expiresAt: Int64, hubFolder: String) throws(LabError) {
    let hub = try Keys.readHubPair(hubFolder)
    let name = Self.name(host)
    let pair = Keys.makePair(named: "\(name)")
    try Folder.make("\(hubFolder)/peers")
    let key = KnownKey(name: name, role: .newcomer, expiresAt: expiresAt, enrolls: host)
    try Keys.write(pair, key, to: Keys.path(of: name, in: hubFolder, isNext: false))
    (self.host, self.address, keys) = (host, address, PeerKeys(own: pair, hub: hub.publicKey))
  }

  /// - Throws: `INVALID_ARGUMENT` for what isn't one.
  public init(_ text: String) throws(LabError) {
    let wrong = LabError(.invalidArgument, "token", "isn't one (take it whole, in quotes, as archetype host enroll printed it)")
    let halves = text.split(separator: "#", omittingEmptySubsequences: false)
    guard halves.count == 2, let place = halves[0].firstIndex(of: "@"), halves[1].utf8.count == 128,
      let bytes = Self.bytes(halves[1].utf8), let secret = Keys.text(Array(bytes[..<32])), let hub = Keys.text(Array(bytes[32...])),
      let own = Keys.publicHalf(of: secret)
    else { throw wrong }
    host = try HostName(String(halves[0][..<place]))
    address = try BusAddress(String(halves[0][halves[0].index(after: place)...]))
    keys = PeerKeys(own: KeyPair(name: "\(Self.name(host))", publicKey: own, secretKey: secret), hub: hub)
  }

  public var text: String {
    let digits = [keys.own.secretKey, keys.hub].flatMap { Keys.bytes($0) }.map { byte in
      let text = String(byte, radix: 16)
      return byte < 16 ? "0" + text : text
    }
    return "\(host)@\(address)#\(digits.joined())"
  }

  private static func bytes(_ digits: Substring.UTF8View) -> [UInt8]? {
    let text = Array(digits)
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: text.count, by: 2) {
      guard let byte = UInt8(String(decoding: text[place..<place + 2], as: UTF8.self), radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}

extension Keys {
  /// Takes the key that a new host hands in, whose one-time key is good no more.
  ///
  /// - Throws: `PERMISSION_DENIED` for another than a one-time key, or one whose time is over; `ALREADY_EXISTS` where the host has a key.
  public static func enroll(_ publicKey: String, by token: KnownKey?, at now: Int64, in folder: String) throws(LabError) {
    guard let token, let host = token.enrolls else {
      throw LabError(.permissionDenied, "bus", "takes a host's key only from the holder of a one-time key (archetype host enroll)")
    }
    guard token.expiresAt.map({ now < $0 }) ?? true else {
      throw LabError(.permissionDenied, "host \(host)", "its token is too old (archetype host enroll makes another)")
    }
    guard bytes(publicKey).count == 32 else { throw LabError(.invalidArgument, "host \(host)", "what it hands in is no key") }
    let name = PeerName.agent(host)
    let path = path(of: name, in: folder, isNext: false)
    // Who holds the host's key goes on; another that has the token doesn't take its place.
    if Folder.holds(path) {
      throw LabError(.alreadyExists, "host \(host)", "has a key already (archetype keys revoke \(name) takes it away)")
    }
    try write(KeyPair(name: "\(name)", publicKey: publicKey, secretKey: ""), KnownKey(name: name), to: path)
    try Folder.remove(self.path(of: token.name, in: folder, isNext: false))
  }

  /// A key's 32 bytes; none: it is no key.
  static func bytes(_ text: String) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    return text.utf8.count == 40 && zmq_z85_decode(&bytes, text) != nil ? bytes : []
  }

  static func publicHalf(of secret: String) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 41) { memory in
      zmq_curve_public(memory.baseAddress, secret) == 0 ? memory.baseAddress.map { String(cString: $0) } : nil
    }
  }
}
