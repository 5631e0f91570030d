import Machine
import Model

/// How a lab stood when all of it was judged last, kept up with what is judged since: an event costs what it touches.
struct Judgement: Sendable {
  /// The version that it is of, and the cables that were planned for it.
  private let lab: Lab
  private let segments: [Segment]
  /// Those that have nodes of it.
  let hosts: [HostName]
  /// Positions in the lab, by name.
  let nodeIndices: [NodeName: Int]
  let linkIndices: [LinkID: Int]
  /// What isn't as desired, by position.
  private(set) var nodes: Set<Int> = []
  private(set) var links: Set<Int> = []
  /// What is, by position.
  private(set) var ready: Set<Int> = []
  private(set) var up: Set<Int> = []
  /// Nodes that should run and have something to say.
  private(set) var warned: Set<Int> = []

  init(of lab: Lab, _ segments: [Segment]) {
    self.lab = lab
    self.segments = segments
    hosts = lab.hosts
    nodeIndices = Dictionary(zip(lab.spec.nodes.map(\.name), 0...), uniquingKeysWith: { first, _ in first })
    linkIndices = Dictionary(zip(lab.spec.links.map(\.id), 0...), uniquingKeysWith: { first, _ in first })
  }

  mutating func note(node index: Int, _ seen: ObservedNode, isAsDesired: Bool, isDesired: Bool) {
    nodes.set(index, !isAsDesired)
    ready.set(index, seen.phase == .ready)
    warned.set(index, isDesired && !seen.reason.isEmpty)
  }

  mutating func note(link index: Int, _ verdict: Verdict) {
    links.set(index, !verdict.isAsDesired)
    up.set(index, verdict.state == .up)
  }

  /// The same of the lab's next version, and in `part` what of it has to be judged anew; nil: all has.
  func carried(to lab: Lab, _ segments: [Segment], _ part: inout Touched) -> Judgement? {
    guard self.lab.key == lab.key else { return nil }
    var next = Judgement(of: lab, segments)
    for (index, spec) in lab.spec.nodes.enumerated() {
      guard let old = nodeIndices[spec.name], self.lab.nodes[old] == lab.nodes[index],
        self.lab.spec.nodes[old].startupConfig == spec.startupConfig
      else {
        part.nodes.insert(spec.name)
        continue
      }
      next.nodes.set(index, nodes.contains(old))
      next.ready.set(index, ready.contains(old))
      next.warned.set(index, warned.contains(old))
    }
    let changed = Self.difference(self.segments, segments)
    for (index, link) in lab.spec.links.enumerated() {
      guard let old = linkIndices[link.id], !changed.contains(link.id) else {
        part.links.insert(link.id)
        continue
      }
      next.links.set(index, links.contains(old))
      next.up.set(index, up.contains(old))
    }
    return next
  }

  /// Links whose segments differ; both lists are sorted by link.
  private static func difference(_ a: [Segment], _ b: [Segment]) -> Set<LinkID> {
    var changed: Set<LinkID> = []
    var (x, y) = (0, 0)
    while x < a.count || y < b.count {
      if x < a.count, y < b.count, a[x].link == b[y].link {
        if a[x] != b[y] { changed.insert(a[x].link) }
        x += 1
        y += 1
      } else if x < a.count, y == b.count || a[x].link < b[y].link {
        changed.insert(a[x].link)
        x += 1
      } else {
        changed.insert(b[y].link)
        y += 1
      }
    }
    return changed
  }
}

extension Set {
  fileprivate mutating func set(_ element: Element, _ isIn: Bool) { if isIn { insert(element) } else { remove(element) } }
}
