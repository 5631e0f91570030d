import AgentCore
import Machine
import Model

/// The invariants of reliability.md that a simulated world can show, by number. Each returns what was broken.
struct Checks {
  /// Jobs that a client was told of.
  private var acknowledged: Set<JobID> = []
  /// Where each node has ever been meant to be.
  private var places: [NodeKey: Set<HostName>] = [:]
  /// Labs ever born.
  private var applied: [HostName: Revision] = [:]

  /// 36: what is projected is complete. 13, 37: a VNI is one link's, and a resting one is nobody's.
  mutating func afterCommit(_ intent: Intent) -> String? {
    for (name, projection) in intent.projections {
      if projection.segments.lab != projection.lab.key || projection.segments.wiring != projection.lab.wiring {
        return "36: lab \(name) is projected half planned"
      }
      for index in projection.lab.nodes.indices {
        places[projection.lab.key(at: index), default: []].insert(projection.lab.nodes[index].host)
      }
    }
    var owners: [VNI: LabName] = [:]
    for (name, segments) in intent.segments {
      for vni in segments.vnis {
        if let other = owners.updateValue(name, forKey: vni) { return "13: VNI \(vni) is used by \(other) and \(name)" }
        if intent.tombstones[vni] != nil { return "37: VNI \(vni) of \(name) still rests" }
      }
    }
    return nil
  }

  /// 16: nothing is done before the host was read. 21: revisions of one store never go back.
  mutating func afterAgent(_ host: HostName, before: Assignment?, core: AgentCore, effects: [AgentCore.Effect]) -> String? {
    for case .perform in effects where core.inventory == nil { return "16: agent/\(host) acts without having read its host" }
    if let before, let after = core.assignment, after.store.incarnation == before.store.incarnation, after.revision < before.revision {
      return "21: agent/\(host) went back from revision \(before.revision) to \(after.revision)"
    }
    if before != nil, core.assignment == nil { return "21: agent/\(host) lost its assignment" }
    return nil
  }

  func afterStep(_ world: World) -> String? {
    // 37: two hosts never send with one VNI for different cables.
    var cables: [VNI: TunnelKey] = [:]
    for (_, host) in world.hosts {
      for (key, tunnel) in host.truth.tunnels {
        if let other = cables.updateValue(key, forKey: tunnel.vni), other != key {
          return "37: VNI \(tunnel.vni) is on the way for \(other) and for \(key)"
        }
      }
      // 20: a node only ever runs where intent has placed it.
      for key in host.truth.processes.keys where places[key]?.contains(host.name) != true {
        return "20: \(key) runs on \(host.name), where nobody placed it"
      }
    }
    return nil
  }

  /// 35: what was acknowledged is in the store.
  mutating func afterAcknowledgement(_ client: Client, _ intent: Intent) -> String? {
    for job in client.acknowledged where intent.jobs[job] == nil && intent.jobs.count < Limits.finishedJobs {
      return "35: job \(job) was acknowledged and is not in the store"
    }
    return nil
  }
}
