import Glibc
public import Machine
public import Model

/// The command line's end of the bus: one question at a time, and the facts of topics that it follows.
public struct BlockingClient: ~Copyable {
  /// How long the first connection may take. A hub answers in milliseconds, over a slow path in hundreds; one that was killed is
  /// there again within a second or so.
  public static let connectTimeout: UInt64 = 2_000
  /// The same, where somebody has taken the connection of a Unix socket: on a machine that stands still, a hub stands with it.
  private static let answerTimeout: UInt64 = 15_000
  /// Facts kept while a question is under way; older ones are dropped, which their numbers show.
  private static let mostKept = 10_000

  private var peer: Peer
  private let address: BusAddress
  private var poller = Poller()
  private var facts: [Publication] = []
  private var answers: [RequestID: Result<Reply, LabError>] = [:]
  /// Of several questions that are under way.
  private var awaited: Set<RequestID> = []
  private var jitter: Jitter
  private let instance: Instance
  private let clock: @Sendable () -> Now

  /// Connects, or says why not.
  ///
  /// - Parameters:
  ///   - name: nil: a name of this process, `cli/…`; with keys one that begins with the key's.
  ///   - keys: the folder of `peer.key`; needed for TCP.
  public init(
    address: BusAddress, keys: String?, name: PeerName? = nil, instance: Instance, build: String, clock: @escaping @Sendable () -> Now
  ) throws(LabError) {
    try self.init(
      address: address, pair: try Keys.loadPeer(keys, at: address), name: name, instance: instance, build: build, clock: clock)
  }

  /// With keys that are in no folder.
  public init(
    address: BusAddress, pair: PeerKeys?, name: PeerName? = nil, instance: Instance, build: String, clock: @escaping @Sendable () -> Now
  ) throws(LabError) {
    // Where no bus ever was, none is coming back.
    if case .folder(let folder) = address, access(folder, F_OK) != 0 { throw Self.unreachable(address, String(cString: strerror(errno))) }
    let own = if let name { name } else { try Self.makeName(instance, pair) }
    let context = try Context()
    var peer = try Peer(name: own, instance: instance, address: address, keys: pair, build: build, context: context)
    var poller = Poller()
    let begin = clock().boot
    while !peer.isConnected {
      let now = clock()
      let past = now.boot.since(begin)
      if past >= Self.connectTimeout {
        if let why = Self.whyDeaf(address) { throw Self.unreachable(address, why) }
        if past >= Self.patience(at: address) { throw Self.unreachable(address, Self.silence(of: address)) }
      }
      poller.clear()
      peer.poll(with: &poller)
      try poller.wait(50)
      for case .refused(let error) in try peer.receive(most: 64, at: clock()) { throw error }
      try peer.flush(at: clock())
    }
    self.peer = peer
    self.address = address
    self.instance = instance
    self.clock = clock
    jitter = Jitter(seed: instance.number)
  }

  private static func patience(at address: BusAddress) -> UInt64 {
    if case .folder = address { answerTimeout } else { connectTimeout }
  }

  /// A bus that has another key than the one known here can't be told from none.
  private static func silence(of address: BusAddress) -> String {
    if case .tcp = address { "nothing answers, or nothing that has the key in hub.pub" } else { "nothing answers" }
  }

  /// What ZeroMQ doesn't tell: why nobody takes a connection to a Unix socket. Nil when somebody does, and for TCP.
  private static func whyDeaf(_ address: BusAddress) -> String? {
    guard case .folder(let folder) = address else { return nil }
    let path = "\(folder)/requests"
    let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard probe >= 0 else { return nil }
    defer { close(probe) }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    // BusAddress bounds the length.
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let result = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(probe, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
    return result == 0 ? nil : String(cString: strerror(errno))
  }

  /// Who asks by the local folder: the bus takes its word for it, as for everything else.
  private static var user: String? {
    if let name = getenv("SUDO_USER") { return String(cString: name) }
    return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
  }

  private static func makeName(_ instance: Instance, _ keys: PeerKeys?) throws(LabError) -> PeerName {
    if let keys, let bound = try? PeerName(keys.own.name) {
      if case .client(let held) = bound { return try PeerName("cli/\(held).\(instance)") }
      return bound
    }
    return user.flatMap { try? PeerName("cli/\($0).\(instance)") } ?? .client("\(instance)")
  }

  private static func unreachable(_ address: BusAddress, _ why: String) -> LabError {
    LabError(.unavailable, "bus", "can't be reached at \(address): \(why) (start archetype-bus, or give its address with --bus)")
  }

  public var name: PeerName { peer.name }

  /// Asks and waits. The same request id is repeated until there is an answer.
  ///
  /// - Parameters:
  ///   - deadline: milliseconds until `DEADLINE_EXCEEDED`.
  ///   - patience: how long an absent service or bus may be away (it may be starting again) before its `UNAVAILABLE` is thrown.
  public mutating func call(
    _ request: Request, to service: PeerName, id: RequestID, deadline: UInt64 = 10_000, patience: UInt64 = 3_000
  ) throws(LabError) -> Reply {
    let begin = clock().boot
    let end = begin + deadline
    var backoff = Backoff(first: 200, most: 2_000)
    var due = begin
    var last: LabError?
    let trace = Trace.fresh()
    while true {
      let now = clock()
      guard now.boot < end else {
        throw last ?? LabError(.deadlineExceeded, "\(service)", "no answer within \(deadline) ms (try again: nothing is done twice)")
      }
      if due <= now.boot {
        due = now.boot + backoff.next(&jitter)
        let outgoing = Outgoing(to: service, id: id, request: request, deadline: end.since(now.boot))
        try peer.send(.send(outgoing), trace: trace, at: now)
      }
      try round(until: min(due, end))
      switch answers.removeValue(forKey: id) {
      case .success(let reply)?: return reply
      case .failure(let error)?:
        let isOver = error.code == .unavailable && clock().boot.since(begin) >= min(patience, deadline)
        guard error.isTransient, !isOver else { throw error }
        last = error
        // Another repetition soon, not at once.
        due = max(clock().boot + 100, min(due, clock().boot + 500))
      case nil: continue
      }
    }
  }

  /// Asks several at once and waits until each has answered, or its bus that it isn't there.
  ///
  /// - Parameter deadline: milliseconds until those that haven't are `DEADLINE_EXCEEDED`.
  /// - Returns: by position.
  public mutating func callEach(
    _ questions: [(service: PeerName, request: Request, id: RequestID)], deadline: UInt64
  ) throws(LabError) -> [Result<Reply, LabError>] {
    let end = clock().boot + deadline
    var backoff = Backoff(first: 500, most: 2_000)
    var due = clock().boot
    var results = [Result<Reply, LabError>?](repeating: nil, count: questions.count)
    awaited = Set(questions.map(\.id))
    defer { awaited = [] }
    let trace = Trace.fresh()
    while results.contains(where: { $0 == nil }), clock().boot < end {
      let now = clock()
      if due <= now.boot {
        due = now.boot + backoff.next(&jitter)
        for (place, question) in questions.enumerated() where results[place] == nil {
          let outgoing = Outgoing(to: question.service, id: question.id, request: question.request, deadline: end.since(now.boot))
          try peer.send(.send(outgoing), trace: trace, at: now)
        }
      }
      try round(until: min(due, end))
      for (place, question) in questions.enumerated() where results[place] == nil {
        results[place] = answers.removeValue(forKey: question.id)
      }
    }
    return zip(questions, results).map { question, result in
      result ?? .failure(LabError(.deadlineExceeded, "\(question.service)", "no answer within \(deadline) ms"))
    }
  }

  /// Follows a topic; facts that are published after it returns will be there.
  public mutating func subscribe(_ topic: Topic, timeout: UInt64 = 2_000) throws(LabError) {
    let end = clock().boot + timeout
    try peer.send(.subscribe(topic), trace: .fresh(), at: clock())
    try peer.flush(at: clock())
    while !peer.isConnected {
      guard clock().boot < end else { throw Self.unreachable(address, "it doesn't confirm what to follow") }
      try round(until: end)
    }
  }

  /// The next fact; nil when none came within `timeout` milliseconds.
  public mutating func next(timeout: UInt64) throws(LabError) -> Publication? {
    let end = clock().boot + timeout
    while true {
      if !facts.isEmpty { return facts.removeFirst() }
      guard clock().boot < end else { return nil }
      try round(until: end)
    }
  }

  private mutating func round(until end: Instant) throws(LabError) {
    try peer.flush(at: clock())
    poller.clear()
    peer.poll(with: &poller)
    let wake = [end, peer.wakeAt].compactMap(\.self).min() ?? end
    try poller.wait(wake.since(clock().boot))
    for event in try peer.receive(most: 256, at: clock()) {
      switch event {
      case .bus(.reply(let id, let result), _): answers[id] = result
      case .bus(.published(let publication), _):
        if facts.count >= Self.mostKept { facts.removeFirst() }
        facts.append(publication)
      case .bus(.request(let incoming), _):
        let error = LabError(.unimplemented, "\(peer.name)", "a command line answers no requests")
        try peer.send(.reply(incoming.from, .failure(error)), trace: .fresh(), at: clock())
      case .refused(let error): throw error
      case .bus(.connected, _), .bus(.disconnected, _), .complaint: continue
      }
    }
    // What nobody waits for any more.
    if answers.count > 64 { answers = answers.filter { awaited.contains($0.key) } }
    try peer.flush(at: clock())
  }
}
