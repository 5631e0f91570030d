import Glibc
import Model

/// Builds the body of a request to the spawner; `Services/Init/request.c` reads it.
struct RequestBody {
  private(set) var bytes: [UInt8] = []

  init(group: String) {
    bytes.reserveCapacity(1024)
    add("g", group)
  }

  private mutating func add(_ tag: Unicode.Scalar, _ value: some Collection<UInt8>) {
    bytes.append(UInt8(ascii: tag))
    append(UInt32(value.count))
    bytes.append(contentsOf: value)
    bytes.append(0)
  }

  private mutating func add(_ tag: Unicode.Scalar, _ text: String) { add(tag, text.utf8) }

  private mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private func number(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

  mutating func command(_ arguments: [String], _ environment: [EnvironmentVariable], folder: String, account: Account) {
    for argument in arguments { add("a", argument) }
    for variable in environment { add("e", "\(variable.name)=\(variable.value)") }
    if !folder.isEmpty { add("w", folder) }
    if account != .root { add("u", number(account.user) + number(account.group)) }
  }

  mutating func identity(hostName: String, hidden: String) {
    add("h", hostName)
    add("o", "127.0.0.1\tlocalhost\n127.0.1.1\t\(hostName)\n::1\tlocalhost ip6-localhost ip6-loopback\n")
    add("x", hidden)
  }

  mutating func folders(run: String, disk: String, log: String) {
    add("k", disk)
    add("r", run)
    add("l", log)
  }

  mutating func record(_ record: NodeRecord) { add("s", record.text) }

  mutating func interfaces(_ names: [String], wait: UInt32) {
    for name in names { add("i", name) }
    add("t", number(wait))
  }

  mutating func limits(processes: UInt64, memory: UInt64?) {
    add("p", number(processes))
    if let memory { add("m", number(memory)) }
  }

  mutating func file(_ file: NodeStart.File, _ account: Account) {
    add("f", number(file.mode) + number(account.user) + number(account.group) + Array(file.path.utf8) + [0] + file.bytes)
  }

  mutating func bind(_ bind: NodeStart.Bind) { add("b", [bind.readOnly ? 1 : 0] + Array(bind.target.utf8)) }

  mutating func setting(_ setting: Setting) {
    // As sysctl(8): in a name with slashes a dot is part of it, as in the name of a device.
    let path = setting.name.contains("/") ? setting.name : String(setting.name.map { $0 == "." ? "/" : $0 })
    add("y", Array("/proc/sys/\(path)".utf8) + [0] + Array(setting.value.utf8))
  }
}

/// A user and a group by number.
struct Account: Sendable, Hashable {
  var user: UInt32
  var group: UInt32
  static let root = Account(user: 0, group: 0)

  /// - Parameter text: `NAME`, `NAME:GROUP` or numbers, by the host's lists, which the nodes share; empty: root.
  static func named(_ text: String, subject: String) throws(LabError) -> Account {
    if text.isEmpty { return .root }
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    var account = Account.root
    if let number = UInt32(parts[0]) {
      account.user = number
    } else {
      var entry = passwd()
      guard lookUp(passwd.self, { getpwnam_r(parts[0], &entry, $0, $1, $2) }) else { throw unknown(parts[0], subject) }
      account = Account(user: entry.pw_uid, group: entry.pw_gid)
    }
    guard parts.count == 2 else { return account }
    if let number = UInt32(parts[1]) {
      account.group = number
    } else {
      var entry = Glibc.group()
      guard lookUp(Glibc.group.self, { getgrnam_r(parts[1], &entry, $0, $1, $2) }) else { throw unknown(parts[1], subject) }
      account.group = entry.gr_gid
    }
    return account
  }

  private static func unknown(_ name: String, _ subject: String) -> LabError {
    LabError(.failedPrecondition, subject, "no user or group \(name) on this host (install the package that brings it)")
  }

  private static func lookUp<Entry>(
    _: Entry.Type, _ call: (UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<Entry>?>) -> Int32
  ) -> Bool {
    // Longest line of /etc/group that is tried.
    var buffer = [CChar](repeating: 0, count: 64 << 10)
    var found: UnsafeMutablePointer<Entry>?
    let code = buffer.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { call($0, buffer.count, &found) } ?? ENOMEM
    }
    return code == 0 && found != nil
  }
}
