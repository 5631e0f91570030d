import Machine
import Model

/// `archetype-simulate --recording FILE --service NAME`.
struct ReplayCommand {
  static let services = ["reconciler", "jobs", "links", "configs"]
  private static let longestLine = 200

  var path: String
  var service: String

  /// Prints what was decided beside what was sent. 0: all of it is the same; 1: something differs.
  ///
  /// - Throws: `FAILED_PRECONDITION` where no life of the service begins in the recording.
  func run() throws(LabError) -> Int32 {
    let name = try PeerName(service)
    let recorded = try RecordedService(name, reading: path)
    let isSame: Bool
    switch name {
    case .reconciler: isSame = try replay(ReplayedReconciler.self, recorded)
    case .jobs: isSame = try replay(ReplayedJobs.self, recorded)
    case .links: isSame = try replay(ReplayedLinks.self, recorded)
    case .configs: isSame = try replay(ReplayedConfigs.self, recorded)
    case .bus, .agent, .client:
      throw LabError(.invalidArgument, "--service", "'\(service)' can't be replayed (\(Self.services.joined(separator: ", ")) can)")
    }
    if recorded.withSecrets > 0 {
      print("\(recorded.withSecrets) messages had secrets, which are in no recording: they were taken as empty")
    }
    for (kind, count) in recorded.unread.sorted(by: { $0.key < $1.key }) {
      print("\(count) of \(kind) can't be replayed without their secrets")
    }
    return isSame ? 0 : 1
  }

  private func replay<Service: Replayed>(_ type: Service.Type, _ recorded: RecordedService) throws(LabError) -> Bool {
    let messages = recorded.messages
    var isSame = true
    var lives = 0
    var last: Instance?
    for place in messages.indices {
      guard case .hello(let instance) = messages[place].what, instance != last else { continue }
      last = instance
      let end = messages[(place + 1)...].firstIndex { if case .hello(let other) = $0.what { other != instance } else { false } }
      guard let (service, begin) = Self.begin(type, instance, messages[(place + 1)..<(end ?? messages.count)]) else { continue }
      lives += 1
      var replay = Replay(service, at: messages[place].at)
      replay.run(messages[begin..<(end ?? messages.count)])
      if !show(replay, instance) { isSame = false }
    }
    guard lives > 0 else {
      throw LabError(
        .failedPrecondition, path, "no life of \(service) begins in this recording (start it anew while archetype trace --record runs)")
    }
    return isSame
  }

  /// Most begin with their first message, some with one that says what they had on disk.
  private static func begin<Service: Replayed>(
    _ type: Service.Type, _ instance: Instance, _ life: ArraySlice<Recorded>
  ) -> (Service, Int)? {
    if let service = Service(instance: instance, from: life) { return (service, life.startIndex) }
    for place in life.indices {
      if let service = Service(instance: instance, from: life[place...]) { return (service, place + 1) }
    }
    return nil
  }

  private func show<Service: Replayed>(_ replay: Replay<Service>, _ instance: Instance) -> Bool {
    print("\(service), instance \(instance):")
    let lines = replay.result
    for line in lines { print("  \(line.state.rawValue) \(line.said.text.prefix(Self.longestLine))") }
    let counts = Dictionary(grouping: lines, by: \.state).mapValues(\.count)
    if let first = lines.first(where: { $0.state != .equal }) {
      print("first difference, \(first.state == .onlySent ? "sent and not decided" : "decided and not sent"): \(first.said.text)")
    }
    print(
      "\(replay.events) events, \(counts[.equal] ?? 0) decisions as sent, \(counts[.onlyDecided] ?? 0) only decided, "
        + "\(counts[.onlySent] ?? 0) only sent")
    return lines.allSatisfy { $0.state == .equal }
  }
}
