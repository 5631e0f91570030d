import Foundation
import Locks
import Support

/// Users who deploy, change and destroy labs of their own and stop, start and restart nodes: each one thing after the other, all side by side.
public struct Workload {
  static let users = 10
  static let hosts = ["h1", "h2"]
  /// How often a user tries again what didn't end as he wished.
  private static let attempts = 4

  struct User: Sendable {
    var lab: WishedLab
    var chance: Seeded
    var files = 0
    var operations = 0
    /// Operations that were tried again, with what their first try said.
    var repeated: [String] = []
    /// Operations that failed as often as they were tried.
    var failed: [String] = []
  }

  public let lab: LossyLab
  var users: [User]
  /// Of the hosts, before these users' first labs.
  let before: [String: HostFacts]

  public init(_ lab: LossyLab, seed: UInt64) throws {
    self.lab = lab
    users = (0..<Self.users).map { User(lab: WishedLab("lab\($0)"), chance: Seeded(seed &* 1_000 &+ UInt64($0))) }
    // What the first lab of a host leaves, such as the folder of all nodes, is no leftover of the others.
    var first = WishedLab("first")
    for _ in 0..<8 { first.change(Self.hosts, &users[0].chance) }
    try lab.bed.deploy(first.topology)
    try lab.bed.destroy(first.name)
    before = try Dictionary(uniqueKeysWithValues: Self.hosts.map { ($0, try HostFacts(lab.bed, $0)) })
  }

  public var operations: Int { users.reduce(0) { $0 + $1.operations } }
  public var repeated: [String] { users.flatMap(\.repeated) }
  public var failed: [String] { users.flatMap(\.failed) }

  /// Each user does so many things, while messages are lost.
  public mutating func run(operations: Int) throws {
    try perform { user, bed in
      for _ in 0..<operations { try Self.step(&user, bed) }
    }
  }

  /// Each user destroys his lab, while messages are lost.
  public mutating func destroyAll() throws {
    try perform { user, bed in
      guard user.lab.exists else { return }
      user.lab = WishedLab(user.lab.name)
      try Self.command(&user, bed, ["destroy", user.lab.name, "--timeout", "60"])
    }
  }

  private mutating func perform(_ body: @escaping @Sendable (inout User, TestLab) throws -> Void) throws {
    try lab.lose()
    let bed = lab.bed
    let all = Guarded(users)
    let errors = Guarded<[String]>([])
    DispatchQueue.concurrentPerform(iterations: users.count) { number in
      var user = all.withLock { $0[number] }
      do { try body(&user, bed) } catch { errors.withLock { $0.append("\(error)") } }
      all.withLock { $0[number] = user }
    }
    users = all.withLock { $0 }
    let seen = errors.withLock { $0 }
    if !seen.isEmpty { throw SupportError(seen.joined(separator: "\n")) }
  }

  private static func step(_ user: inout User, _ bed: TestLab) throws {
    guard user.lab.exists else {
      for _ in 0..<5 { user.lab.change(hosts, &user.chance) }
      return try deploy(&user, bed)
    }
    switch Int.random(in: 0..<12, using: &user.chance) {
    case 0:
      user.lab = WishedLab(user.lab.name)
      try command(&user, bed, ["destroy", user.lab.name, "--timeout", "60"])
    case 1...5:
      user.lab.change(hosts, &user.chance)
      try deploy(&user, bed)
    case 6, 7: try set(&user, bed, "stop", isRunning: false)
    case 8, 9: try set(&user, bed, "start", isRunning: true)
    default: try set(&user, bed, "restart", isRunning: true)
    }
  }

  private static func deploy(_ user: inout User, _ bed: TestLab) throws {
    user.files += 1
    let file = try bed.file("\(user.lab.name)-\(user.files % 4)", user.lab.topology.text)
    let isDetached = Int.random(in: 0..<3, using: &user.chance) == 0
    try command(&user, bed, ["deploy", "-t", file] + (isDetached ? ["--detach"] : ["--timeout", "60"]))
  }

  private static func set(_ user: inout User, _ bed: TestLab, _ verb: String, isRunning: Bool) throws {
    let names = user.lab.nodes.keys.sorted().shuffled(using: &user.chance)
    let chosen = Array(names.prefix(Int.random(in: 1...names.count, using: &user.chance)))
    for name in chosen { user.lab.nodes[name]?.isRunning = isRunning }
    try command(&user, bed, ["node", verb, user.lab.name] + chosen + ["--timeout", "60"])
  }

  private static func command(_ user: inout User, _ bed: TestLab, _ words: [String]) throws {
    user.operations += 1
    var said: [String] = []
    for attempt in 0..<attempts {
      let run = try bed.archetype(words, limit: 150)
      if run.exit == 0 { return }
      // Its first try was done, and the user didn't learn it.
      if words[0] == "destroy", attempt > 0, run.errors.contains("no such lab") { return }
      said.append("\(words.joined(separator: " ")): exit \(run.exit): \(run.errors)")
      if attempt == 0 { user.repeated += said }
    }
    user.failed += said
  }
}
