import AgentCore
import Machine
import Model

/// What has ever been meant.
struct IntentHistory {
  var store: StoreIdentity?
  /// Where each node has ever been meant to be (20).
  var places: [NodeKey: Set<HostName>] = [:]
  /// Where each lab's nodes are meant to be now (41).
  var placements: [LabName: [NodeName: HostName]] = [:]
  /// Who uses each VNI now (13).
  var owners: [VNI: LabName] = [:]
  var vnis: [LabName: [VNI]] = [:]
  /// Labs and nodes that are gone never come back under their keys (38).
  var current: [LabName: (key: LabKey, nodes: Set<NodeKey>)] = [:]
  /// The newest version of each lab (45).
  var addressed: [LabName: Lab] = [:]
  var goneLabs: Set<LabKey> = []
  var goneNodes: Set<NodeKey> = []
  /// What each host was assigned at each revision (21).
  var assignments: [HostName: [Revision: Assignment]] = [:]
  /// Generations of each lab that were ever projected whole (36).
  var whole: [LabKey: Set<UInt64>] = [:]
  /// Jobs that were ever known; those that a backup doesn't have were lost knowingly.
  var jobs: Set<JobID> = []
  /// Jobs under way, with the version of their lab that they made.
  var running: [JobID: Revision] = [:]

  init() {}

  /// Of a new incarnation; what hosts may still have of the one before stays known.
  init(_ intent: Intent, after old: IntentHistory) {
    store = intent.store
    places = old.places
    whole = old.whole
    jobs = old.jobs
    for (name, lab) in intent.labs {
      current[name] = (lab.key, Set(lab.nodes.indices.map { lab.key(at: $0) }))
      placements[name] = lab.placement
      addressed[name] = lab
      // A store that wasn't obeyed at first has placed them unseen.
      for index in lab.nodes.indices { places[lab.key(at: index), default: []].insert(lab.nodes[index].host) }
      whole[lab.key, default: []].insert(lab.generation)
    }
    for (name, segments) in intent.segments {
      vnis[name] = segments.vnis
      for vni in segments.vnis { owners[vni] = name }
    }
    // What was answered before may still be on its way.
    assignments = old.assignments
    for host in intent.assigned.keys {
      guard let assignment = intent.assignment(for: host) else { continue }
      assignments[host, default: [:]][assignment.revision] = assignment
    }
    for job in intent.jobs.values where job.phase == .running { running[job.id] = intent.version(of: .lab(job.lab)) }
  }
}

extension Checks {
  /// An older copy is in the store's place: what it gives out, and has given out, newer ones may have given to others.
  mutating func restored(_ intent: Intent) {
    isStoreOld = true
    for segments in intent.segments.values { for vni in segments.vnis { givenTwice[vni, default: []].insert(segments.lab) } }
  }

  /// A backup is in the store's place, and nobody has declared it the right one.
  mutating func changed(backup write: StoreWrite) {
    if case .change(let change) = write {
      fail("21: a backup is changed at revision \(change.revision) before anybody declared it the right one")
    }
  }

  mutating func committed(_ change: IntentChange, _ now: Intent) {
    note()
    // A recovery only assigns anew.
    words.loose = change.changes.contains { if case .assigned = $0 { false } else { true } } ? change.revision : nil
    if isStoreWrong { return }
    for case .segments(_, let segments?) in change.changes where isStoreOld {
      for vni in segments.vnis { givenTwice[vni, default: []].insert(segments.lab) }
    }
    intent.store = now.store
    var labs: Set<LabName> = []
    for record in change.changes {
      switch record {
      case .lab(let name, let lab):
        labs.insert(name)
        wasBorn(name, lab)
        isMeant(name, lab, now)
        isAddressed(name, lab, now)
      case .segments(let name, let segments):
        labs.insert(name)
        usesVNIs(name, segments?.vnis ?? [], now)
      case .projection(let name, _): labs.insert(name)
      case .job(let id, let job): changed(id, job, now)
      case .host(let name, nil): wire.forget(name)
      case .tombstone, .host, .assigned, .restraint: break
      }
    }
    for name in labs.sorted() { isProjected(name, now) }
    for case .assigned(let host, let revision?) in change.changes {
      intent.assignments[host, default: [:]][revision] = now.assignment(for: host)
    }
  }

  /// 38: a lab or node that is made again is another one.
  private mutating func wasBorn(_ name: LabName, _ lab: Lab?) {
    let before = intent.current[name]
    let nodes = lab.map { lab in Set(lab.nodes.indices.map { lab.key(at: $0) }) } ?? []
    if let before {
      if before.key != lab?.key { intent.goneLabs.insert(before.key) }
      intent.goneNodes.formUnion(before.nodes.subtracting(nodes))
    }
    intent.current[name] = lab.map { ($0.key, nodes) }
    if isForked { return }
    if let key = lab?.key, intent.goneLabs.contains(key) { fail("38: lab \(key) is back after it was destroyed") }
    if let key = nodes.intersection(intent.goneNodes).min() { fail("38: node \(key) is back after it was removed") }
  }

  /// 11: management is no data port. 12: an interface has one link. 41: hosts of which their operator has said so are given nothing new.
  /// 51: nor what their agents don't know.
  private mutating func isMeant(_ name: LabName, _ lab: Lab?, _ now: Intent) {
    let before = intent.placements.removeValue(forKey: name) ?? [:]
    guard let lab else { return }
    intent.placements[name] = lab.placement
    var used: Set<Endpoint> = []
    for end in lab.spec.links.flatMap({ [$0.a, $0.b] }) {
      if end.ordinal == .management { fail("11: a link of \(name) ends at \(end)") }
      if !used.insert(end).inserted { fail("12: two links of \(name) end at \(end)") }
    }
    for (node, place) in zip(lab.spec.nodes, lab.nodes) where before[node.name] != place.host {
      if now.hosts[place.host] == nil { fail("41: \(name)/\(node.name) is placed on \(place.host), which nobody knows") }
      if let restraint = now.restraints[place.host] { fail("41: \(name)/\(node.name) is placed on \(place.host), which is \(restraint)") }
    }
    let staged = lab.spec.staged
    let stayed = intent.addressed[name].map { old in old.spec.staged.filter { before[$0] == lab.placement[$0] } } ?? []
    for (node, place) in zip(lab.spec.nodes, lab.nodes) where staged.contains(node.name) && !stayed.contains(node.name) {
      if now.hosts[place.host]?.knowsStages == false {
        fail("51: \(name)/\(node.name) is given to \(place.host), whose agent knows no stages")
      }
    }
  }

  /// 13: a VNI is one link's. 37: a resting one is nobody's.
  private mutating func usesVNIs(_ name: LabName, _ vnis: [VNI], _ now: Intent) {
    for vni in intent.vnis[name] ?? [] { intent.owners[vni] = nil }
    for vni in vnis {
      if let other = intent.owners.updateValue(name, forKey: vni) { fail("13: VNI \(vni) is used by \(other) and \(name)") }
      if now.tombstones[vni] != nil { fail("37: VNI \(vni) of \(name) still rests") }
    }
    intent.vnis[name] = vnis
  }

  /// 36: what is projected is whole: each link has the segment of its placement. 20: where nodes may be.
  private mutating func isProjected(_ name: LabName, _ now: Intent) {
    guard let projection = now.projections[name] else { return }
    let lab = projection.lab
    let placement = lab.placement
    var segments: [LinkID: Segment] = [:]
    for segment in projection.segments.segments { segments[segment.link] = segment }
    for link in lab.spec.links {
      guard let segment = segments.removeValue(forKey: link.id) else {
        return fail("36: link \(link.id) of \(name) is projected unplanned")
      }
      let hosts = [placement[link.id.a.node], placement[link.id.b.node]]
      switch segment.path {
      case .patch(let host):
        if hosts != [host, host] { fail("36: link \(link.id) of \(name) is projected for \(host), its nodes are on \(hosts)") }
      case .tunnel(_, let a, let b):
        if hosts != [a.host, b.host] || a.host == b.host {
          fail("36: link \(link.id) of \(name) is projected for \(a.host) and \(b.host), its nodes are on \(hosts)")
        }
      }
    }
    if let link = segments.keys.min() { fail("36: \(name) is projected with a cable for link \(link), which it doesn't have") }
    for index in lab.nodes.indices { intent.places[lab.key(at: index), default: []].insert(lab.nodes[index].host) }
    intent.whole[lab.key, default: []].insert(lab.generation)
  }

  /// 34: a job that runs keeps its record. 36: one that is done was done.
  private mutating func changed(_ id: JobID, _ job: Job?, _ now: Intent) {
    guard let job else {
      if intent.running[id] != nil { fail("34: job \(id) is forgotten while it runs") }
      return
    }
    intent.jobs.insert(id)
    if words.refused.contains(id), !words.isContested { fail("25: \(id) was refused, and is a job now") }
    guard job.phase.isFinal else {
      intent.running[id] = now.version(of: .lab(job.lab))
      return
    }
    guard let version = intent.running.removeValue(forKey: id), job.phase == .done, job.kind != .destroy else { return }
    let key = LabKey(job.lab, born: job.born)
    guard let lab = now.labs[job.lab], lab.key == key, now.version(of: .lab(job.lab)) == version else { return }
    if intent.whole[key]?.contains(lab.generation) != true {
      fail("36: job \(id) is done, but generation \(lab.generation) was never whole")
    }
    for index in lab.nodes.indices where lab.nodes[index].desired == .running && !lab.spec.nodes[index].isExternal {
      let start = NodeStart(
        key: lab.key(at: index), serial: lab.nodes[index].startSerial, digest: lab.spec.nodes[index].processDigest)
      if !nodes.started.contains(start) { fail("36: job \(id) is done, but \(start.key) never ran for start \(start.serial)") }
    }
    // A clone may have played a host, or another store the users' own.
    if words.isContested || lab.hosts.contains(where: { wire.cloned.contains($0) }) { return }
    let keys = Dictionary(uniqueKeysWithValues: lab.nodes.indices.map { (lab.spec.nodes[$0].name, lab.key(at: $0)) })
    // What waits for a container is as it should be.
    for end in lab.spec.links.filter({ !lab.isPlace($0.a) && !lab.isPlace($0.b) }).flatMap({ [$0.a, $0.b] }) {
      guard let node = keys[end.node], !wire.wasUp.contains(TapKey(node, end.ordinal)) else { continue }
      fail("9: job \(id) is done, but the link of \(end) never was up")
    }
    let placement = lab.placement
    for link in lab.spec.links {
      guard let a = placement[link.a.node], let b = placement[link.b.node], a != b, !wire.carried.contains([a, b]) else { continue }
      fail("9: job \(id) is done, but nothing ever passed between \(a) and \(b)")
    }
  }
}
