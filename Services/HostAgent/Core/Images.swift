import Machine
import Model

/// An image that a node needs before its container is made.
struct ImageWish: Sendable, Hashable, Comparable {
  var image: String
  var policy: PullPolicy
  static func < (a: Self, b: Self) -> Bool {
    a.image == b.image ? a.policy.rawValue < b.policy.rawValue : a.image < b.image
  }
}

/// Images that nodes wait for: each is looked for in the engine, and pulled where it lacks; a pull whose nodes are gone is given up.
struct Images: Sendable {
  enum State: Sendable, Hashable {
    /// To be looked for, or being so.
    case sought
    case present
    /// Waits for its pull, since only so many go on at once.
    case queued
    case pulling(UInt64, progress: String)
    case lacking
  }

  struct Entry: Sendable {
    var state: State
    var nodes: Set<NodeKey> = []
    var wasPulled = false
    /// Why the last try failed; empty: none has.
    var fault = ""
    var pause = Backoff(first: 5_000, most: 300_000)
    /// Before it is pulled again, and before it is looked for again: somebody may have brought it.
    var nextPull: Instant = .zero
    var nextLook: Instant = .zero
  }

  private var entries: [ImageWish: Entry] = [:]
  private var wishes: [NodeKey: ImageWish] = [:]
  /// Those that the engine is being asked for.
  private var looks: Set<String> = []
  /// Pulls under way, also of what isn't wanted any more.
  private var pulls: [UInt64: String] = [:]
  private var given: [UInt64] = []
  private var last: UInt64 = 0
  private var jitter = Jitter(seed: 0)

  /// Milliseconds between two looks for an image that lacks.
  private static let interval: UInt64 = 2_000

  func state(for key: NodeKey) -> (wish: ImageWish, entry: Entry)? {
    guard let wish = wishes[key], let entry = entries[wish] else { return nil }
    return (wish, entry)
  }

  var wakeAt: Instant? {
    var first: Instant?
    for (wish, entry) in entries where entry.state == .lacking { first = .earliest(first, Self.due(wish, entry)) }
    return first
  }

  /// What is always pulled needs its registry, whoever brings it.
  private static func due(_ wish: ImageWish, _ entry: Entry) -> Instant { wish.policy == .always ? entry.nextPull : entry.nextLook }

  /// What a node needs from now on; nil: nothing.
  mutating func set(_ wish: ImageWish?, for key: NodeKey) {
    guard wishes[key] != wish else { return }
    if let old = wishes[key] {
      entries[old]?.nodes.remove(key)
      if let entry = entries[old], entry.nodes.isEmpty {
        entries[old] = nil
        if case .pulling(let id, _) = entry.state { given.append(id) }
      }
    }
    wishes[key] = wish
    guard let wish else { return }
    entries[wish, default: Entry(state: wish.policy == .always ? .queued : .sought)].nodes.insert(key)
  }

  /// A start has failed: what was there may be gone.
  mutating func doubt(of key: NodeKey) {
    if let wish = wishes[key], entries[wish]?.state == .present { entries[wish]?.state = .sought }
  }

  /// What is to be done now. Nodes of which something else is to be told are returned too.
  mutating func proceed(at now: Instant) -> (effects: [AgentCore.Effect], nodes: Set<NodeKey>) {
    var effects: [AgentCore.Effect] = given.sorted().map { .dropPull($0) }
    given = []
    var nodes: Set<NodeKey> = []
    for wish in entries.keys.sorted() {
      guard var entry = entries[wish] else { continue }
      let before = entry.state
      if entry.state == .lacking, Self.due(wish, entry) <= now { entry.state = wish.policy == .always ? .queued : .sought }
      if entry.state == .sought, looks.insert(wish.image).inserted { effects.append(.findImage(wish.image)) }
      if entry.state == .queued, pulls.count < AgentCore.pullsAtOnce, !pulls.values.contains(wish.image) {
        last += 1
        pulls[last] = wish.image
        entry.state = .pulling(last, progress: "")
        effects.append(.pull(last, wish.image))
      }
      if entry.state != before { nodes.formUnion(entry.nodes) }
      entries[wish] = entry
    }
    return (effects, nodes)
  }

  /// - Returns: the nodes that wait for it.
  mutating func found(_ image: String, _ result: Result<Bool, LabError>, at now: Instant) -> Set<NodeKey> {
    looks.remove(image)
    return change(image) { wish, entry in
      guard entry.state == .sought else { return }
      switch result {
      case .success(true):
        entry.state = wish.policy == .always && !entry.wasPulled ? .queued : .present
        entry.fault = ""
      case .success(false) where wish.policy != .never && entry.nextPull <= now: entry.state = .queued
      case .success(false):
        entry.state = .lacking
        entry.nextLook = now + Self.interval
        if wish.policy == .never {
          entry.fault =
            "image \(image): isn't on this host, and its image-pull-policy is Never (archetype image load FILE puts it there)"
        }
      case .failure(let error):
        entry.state = .lacking
        entry.nextLook = now + Self.interval
        entry.fault = error.description
      }
    }
  }

  mutating func progressed(_ id: UInt64, _ text: String) -> Set<NodeKey> {
    guard let image = pulls[id] else { return [] }
    return change(image) { _, entry in
      if case .pulling(id, _) = entry.state { entry.state = .pulling(id, progress: text) }
    }
  }

  mutating func pulled(_ id: UInt64, _ error: LabError?, at now: Instant) -> Set<NodeKey> {
    guard let image = pulls.removeValue(forKey: id) else { return [] }
    var jitter = jitter
    defer { self.jitter = jitter }
    return change(image) { _, entry in
      guard let error else {
        // Whoever wanted it has it, by whichever wish it came.
        (entry.state, entry.wasPulled, entry.fault) = (.present, true, "")
        return
      }
      guard case .pulling(id, _) = entry.state else { return }
      (entry.state, entry.fault) = (.lacking, error.description)
      (entry.nextPull, entry.nextLook) = (now + entry.pause.next(&jitter), now + Self.interval)
    }
  }

  private mutating func change(_ image: String, _ body: (ImageWish, inout Entry) -> Void) -> Set<NodeKey> {
    var nodes: Set<NodeKey> = []
    for wish in entries.keys.filter({ $0.image == image }).sorted() {
      guard var entry = entries[wish] else { continue }
      body(wish, &entry)
      entries[wish] = entry
      nodes.formUnion(entry.nodes)
    }
    return nodes
  }
}

extension AgentCore {
  /// Looks for, pulls and gives up what the nodes that were touched need, or don't any more.
  mutating func wishImages(at now: Now) -> [Effect] {
    guard mayAct, foreign == nil, inventory != nil else { return [] }
    for key in work.dirtyNodes { images.set(imageWish(of: key), for: key) }
    let (effects, nodes) = images.proceed(at: now.boot)
    work.markNodes(nodes)
    return effects
  }

  /// A container that is there needs no image: it is started as it is.
  private func imageWish(of key: NodeKey) -> ImageWish? {
    guard let inventory, let node = wanted.nodes[key], node.desired == .running, inventory.processes[key] == nil,
      unlisted.runtimes.isEmpty, runtime(for: node.spec) == Self.imageRuntime
    else { return nil }
    if containers[key] == node.spec.processDigest { return nil }
    return ImageWish(image: node.spec.image, policy: node.spec.container.pull)
  }

  /// More share the host's way to its registries, and each takes longer.
  public static let pullsAtOnce = 2

  /// The one whose nodes are made from images.
  static let imageRuntime = "docker"

  /// What a node that waits for its image is told as; nil: it waits for none.
  func imageObstacle(to node: AssignedNode) -> (Phase, String)? {
    guard let (wish, entry) = images.state(for: node.key) else { return nil }
    switch entry.state {
    case .present: return nil
    // A container that is there may need none.
    case .lacking where containers[node.key] != nil: return nil
    case .lacking: return (.failed, entry.fault)
    case .sought: return entry.fault.isEmpty ? (.preparing, "looking for image \(wish.image)") : (.failed, entry.fault)
    case .queued: return (.preparing, "\(wish.image) is pulled after other images")
    case .pulling(_, let progress): return (.preparing, "pulling \(wish.image)\(progress.isEmpty ? "" : ": \(progress)")")
    }
  }
}
