import Machine
import Model

/// Parts of a lab that something was heard of.
struct Touched: Sendable {
  var nodes: Set<NodeName> = []
  var links: Set<LinkID> = []
}

extension ReconcilerCore {
  /// Links, labs and lost nodes of every lab that something was heard of.
  mutating func judgeLabs(at now: Now) {
    guard !dirtyLabs.isEmpty || !changedLabs.isEmpty || !touched.isEmpty, let intent = follower.intent else { return }
    let (whole, changed, parts) = (dirtyLabs, changedLabs, touched)
    (dirtyLabs, changedLabs, touched) = ([], [], [:])
    for name in whole.union(changed).union(parts.keys).sorted() {
      var known = judgements.removeValue(forKey: name)
      guard let lab = intent.labs[name] else { continue }
      var part = parts[name] ?? Touched()
      if changed.contains(name) { known = known?.carried(to: lab, segments(of: lab, in: intent), &part) }
      if !whole.contains(name), let known { judge(part, of: lab, in: intent, known) } else { judge(lab, in: intent) }
    }
    for key in log.announcedLabs(where: { intent.labs[$0.name]?.key != $0 }) where isGoneEverywhere(key, in: intent) {
      // Of one that is known only by what hosts still had of it, the end was told before.
      if log.state(of: .lab(key)) != nil { log.add(lab: key.name.text, subject: key.name.text, .labDestroyed) }
      log.forgetAll(of: key)
    }
  }

  private func isGoneEverywhere(_ key: LabKey, in intent: Intent) -> Bool {
    intent.hosts.keys.allSatisfy { name in
      guard let host = hosts[name] else { return false }
      return host.isLost || (hasApplied(name, in: intent) && host.view.isEmpty(of: key))
    }
  }

  /// What was judged last is still so while all of its hosts are heard; else what is known now.
  func judgement(of lab: Lab, in intent: Intent) -> Judgement {
    if let known = judgements[lab.key.name], known.hosts.allSatisfy({ hosts[$0]?.isTrusted ?? false }) { return known }
    var fresh = Judgement(of: lab, segments(of: lab, in: intent))
    for index in lab.nodes.indices { judgeNode(index, of: lab, &fresh) }
    for (index, verdict) in verdicts(of: lab, in: intent).enumerated() { fresh.note(link: index, verdict) }
    return fresh
  }

  private mutating func judge(_ lab: Lab, in intent: Intent) {
    for index in lab.nodes.indices { noteLoss(of: index, of: lab) }
    forgetOldLinks(of: lab)
    var judgement = Judgement(of: lab, segments(of: lab, in: intent))
    for index in lab.nodes.indices { judgeNode(index, of: lab, &judgement) }
    for index in lab.spec.links.indices { judgeLink(index, of: lab, in: intent, &judgement) }
    conclude(judgement, on: lab, in: intent)
  }

  private func segments(of lab: Lab, in intent: Intent) -> [Segment] { intent.projections[lab.key.name]?.segments.segments ?? [] }

  private mutating func forgetOldLinks(of lab: Lab) {
    if log.state(of: .lab(lab.key))?.hasSuffix(" \(lab.generation)") == true { return }
    log.keepLinks(Set(lab.spec.links.map(\.id)), of: lab.key)
  }

  private mutating func judge(_ part: Touched, of lab: Lab, in intent: Intent, _ known: Judgement) {
    forgetOldLinks(of: lab)
    var judgement = known
    for index in part.nodes.compactMap({ known.nodeIndices[$0] }).sorted() {
      noteLoss(of: index, of: lab)
      judgeNode(index, of: lab, &judgement)
    }
    for index in part.links.compactMap({ known.linkIndices[$0] }).sorted() { judgeLink(index, of: lab, in: intent, &judgement) }
    conclude(judgement, on: lab, in: intent)
  }

  /// Of a node that was moved to a lost host, what its old one says last isn't the last word.
  private mutating func noteLoss(of index: Int, of lab: Lab) {
    let (key, host) = (lab.key(at: index), lab.nodes[index].host)
    guard hosts[host]?.isLost ?? false, let state = log.state(of: .node(key)), !state.hasPrefix(EventKind.nodeUnknown.rawValue) else {
      return
    }
    log.note(.node(key), EventKind.nodeUnknown.rawValue)
    log.add(lab: lab.key.name.text, subject: key.name.text, .nodeUnknown, [EventDetail("reason", "host \(host) is lost")])
  }

  private func judgeNode(_ index: Int, of lab: Lab, _ judgement: inout Judgement) {
    judgement.note(
      node: index, observed(index, of: lab), isAsDesired: reason(why: index, of: lab) == nil,
      isDesired: lab.nodes[index].desired == .running)
  }

  private mutating func judgeLink(_ index: Int, of lab: Lab, in intent: Intent, _ judgement: inout Judgement) {
    let link = lab.spec.links[index]
    let verdict = verdict(on: link, of: lab, in: intent)
    judgement.note(link: index, verdict)
    let subject = Subject.link(TunnelKey(lab.key, link.id))
    switch verdict.state {
    case .up:
      if log.note(subject, LinkState.up.rawValue) { log.add(lab: lab.key.name.text, subject: "\(link.id)", .linkUp) }
    case .down:
      // A link that has never been up is on its way, not down.
      guard log.state(of: subject) == LinkState.up.rawValue else { return }
      log.note(subject, LinkState.down.rawValue)
      log.add(lab: lab.key.name.text, subject: "\(link.id)", .linkDown, [EventDetail("reason", verdict.reason)])
    case .unknown: break
    }
  }

  private mutating func conclude(_ judgement: Judgement, on lab: Lab, in intent: Intent) {
    judgements[lab.key.name] = judgement
    let before = log.state(of: .lab(lab.key))
    let generation = [EventDetail("generation", "\(lab.generation)")]
    if obstacle(to: lab, on: judgement.hosts, in: intent) != nil {
      log.note(.lab(lab.key), "pending \(lab.generation)")
    } else if judgement.nodes.isEmpty, judgement.links.isEmpty {
      guard log.note(.lab(lab.key), "converged \(lab.generation)") else { return }
      log.add(lab: lab.key.name.text, subject: lab.key.name.text, .labConverged, generation)
    } else {
      guard log.note(.lab(lab.key), "applied \(lab.generation)"), before != "converged \(lab.generation)" else { return }
      log.add(lab: lab.key.name.text, subject: lab.key.name.text, .labApplied, generation)
    }
  }
}
