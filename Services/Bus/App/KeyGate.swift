import Bus
import Glibc
import Logging
import Model

/// Lets known keys in and gives each its name (ZeroMQ RFC 27, ZAP). libzmq asks for every TCP connection and doesn't wait for us.
final class KeyGate {
  /// How often the folder is looked at, in milliseconds.
  static let pause: UInt64 = 1_000

  let socket: Socket
  private let folder: String
  private(set) var keys: HubKeys
  private var seen: [Int]
  private var refusals = RateLimit(most: 10, in: 10_000)

  init(folder: String, in context: Context) throws(LabError) {
    let keys = try Keys.loadHub(folder)
    let socket = try Socket(.reply, in: context)
    try socket.bind("inproc://zeromq.zap.01")
    self.folder = folder
    self.keys = keys
    self.socket = socket
    seen = Self.stamp(folder)
  }

  func answer(at now: UInt64) throws(LabError) {
    while let request = try socket.receive() {
      // Version, request id, domain, address, identity, mechanism, credentials.
      let frames = request.frames
      guard frames.count >= 2 else { continue }
      var name: PeerName?
      if frames.count >= 7, frames[5] == Array("CURVE".utf8), let key = Keys.text(frames[6]) { name = self.name(key) }
      if name == nil, let withheld = refusals.take(at: now) {
        let address = frames.count > 3 ? String(decoding: frames[3], as: UTF8.self) : ""
        Log.warning("unknown key refused", ["address": address, "withheld": withheld])
      }
      let status = name == nil ? ["400", "unknown key"] : ["200", "OK"]
      _ = try socket.send([frames[0], frames[1]] + status.map { Array($0.utf8) } + [Array((name?.description ?? "").utf8), []])
    }
  }

  /// The name that a key is bound to, while it is good.
  private func name(_ key: String) -> PeerName? {
    guard let known = keys.known[key], known.expiresAt.map({ Self.seconds() < $0 }) ?? true else { return nil }
    return known.name
  }

  /// Takes a new host's key from the holder of a one-time key.
  func enroll(_ publicKey: String, by name: PeerName?) throws(LabError) {
    try Keys.enroll(publicKey, by: keys.known.values.first { $0.name == name }, at: Self.seconds(), in: folder)
    _ = reload(force: true)
  }

  /// Of keys of command lines that aren't admins'.
  var roles: [PeerName: Role] {
    Dictionary(keys.known.values.compactMap { $0.role == .admin ? nil : ($0.name, $0.role) }) { min($0, $1) }
  }

  /// Since 1970.
  private static func seconds() -> Int64 { Int64(time(nil)) }

  enum Change { case none, more, less }

  /// Looks whether the folder has changed. `less`: a key that was good is no more, and its connections must end.
  func reload(force: Bool) -> Change {
    let stamp = Self.stamp(folder)
    guard force || stamp != seen else { return .none }
    seen = stamp
    do throws(LabError) {
      let fresh = try Keys.loadHub(folder)
      // Who holds a one-time key can do nothing more with its connection.
      let isLess =
        fresh.own.publicKey != keys.own.publicKey || keys.known.contains { $0.value.enrolls == nil && fresh.known[$0.key] != $0.value }
      Log.notice("keys read", ["peers": fresh.known.count])
      keys = fresh
      return isLess ? .less : .more
    } catch {
      // Half-written or wrong: what was good stays good.
      Log.error("keys can't be read, the old ones stay", ["error": error])
      return .none
    }
  }

  private static func stamp(_ folder: String) -> [Int] {
    ["\(folder)/peers", "\(folder)/hub.key"].flatMap { path -> [Int] in
      var status = stat()
      guard stat(path, &status) == 0 else { return [0, 0] }
      return [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
    }
  }
}
