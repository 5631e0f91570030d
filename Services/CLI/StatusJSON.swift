import Kinds
import Model

extension LabStatus {
  /// As interface.md has it.
  var json: JSON {
    var kinds: [NodeName: String] = [:]
    for node in nodes { kinds[node.name] = node.kind }
    return .members([
      "lab": .string(lab.text), "generation": .unsigned(generation), "revision": .unsigned(revision.number), "converged": .bool(converged),
      "reason": .text(reason), "nodes": .array(nodes.map(\.json)), "links": .array(links.map { $0.json(kinds) }),
    ])
  }

  var nodeTable: Table {
    let addresses = nodes.map { node in node.interfaces.flatMap(\.addresses).map(\.address.text).joined(separator: " ") }
    let hasAddresses = addresses.contains { !$0.isEmpty }
    var table =
      hasAddresses ? Table("NODE", "KIND", "HOST", "ADDRESS", "STATE", "REASON") : Table("NODE", "KIND", "HOST", "STATE", "REASON")
    for (node, address) in zip(nodes, addresses) {
      let tone: Tone = node.isAsDesired ? .good : node.phase.tone == .good ? .pending : node.phase.tone
      let head: [Table.Cell] = [.init(node.name.text), .init(node.kind), .init(node.host.text)]
      let tail: [Table.Cell] = [.init(node.phase.rawValue, tone), .init(node.reason)]
      table.add(head + (hasAddresses ? [.init(address.isEmpty ? "-" : address)] : []) + tail)
    }
    return table
  }

  var linkTable: Table {
    var kinds: [NodeName: String] = [:]
    for node in nodes { kinds[node.name] = node.kind }
    var table = Table("LINK", "STATE", "KIND", "MTU", "REASON")
    for link in links {
      let ends = [link.spec.a, link.spec.b].map { "\($0.node):\(InterfaceNaming.name(of: $0.ordinal, kind: kinds[$0.node] ?? ""))" }
      let way = link.vni.map { "tunnel \($0)" } ?? link.pathKind
      table.add(
        .init(ends.joined(separator: " -- ")), .init(link.state.rawValue, link.state.tone), .init(way),
        .init(link.mtu == 0 ? "-" : "\(link.mtu)"), .init(link.reason))
    }
    return table
  }
}

extension NodeStatus {
  var json: JSON {
    .members([
      "name": .string(name.text), "kind": .string(kind), "host": .string(host.text), "desired": .string(desired.rawValue),
      "phase": .string(phase.rawValue), "reason": .text(reason), "pid": .optional(pid) { .integer(Int($0)) }, "container": .null,
      "config": .members([
        "desired": .optional(configDesired) { .string("\($0)") }, "applied": .optional(configApplied) { .string("\($0)") },
      ]),
      "restarts": .integer(restarts),
      "interfaces": .array(
        interfaces.map { interface in
          .members([
            "ordinal": .integer(Int(interface.ordinal.number)), "name": .string(InterfaceNaming.name(of: interface.ordinal, kind: kind)),
            "mac": .string("\(interface.mac)"), "mtu": .size(interface.mtu), "state": .string(interface.state.rawValue),
            "addresses": .array(interface.addresses.map { .string("\($0)") }),
          ])
        }),
    ])
  }
}

extension LinkStatus {
  var pathKind: String { hostA == hostB ? "patch" : "tunnel" }

  func json(_ kinds: [NodeName: String]) -> JSON {
    func end(_ end: Endpoint, _ host: HostName) -> JSON {
      let name = InterfaceNaming.name(of: end.ordinal, kind: kinds[end.node] ?? "")
      return .members(["node": .string(end.node.text), "interface": .string(name), "host": .string(host.text)])
    }
    return .members([
      "id": .string("\(spec.id)"), "a": end(spec.a, hostA), "b": end(spec.b, hostB), "desired": .string("up"),
      "state": .string(state.rawValue), "reason": .text(reason), "kind": .string(pathKind),
      "vni": .optional(vni) { .integer(Int($0.number)) }, "mtu": .size(mtu),
    ])
  }
}

extension JSON {
  /// Bytes; 0 stands for "not planned yet".
  static func size(_ bytes: Int) -> JSON { bytes == 0 ? .null : .integer(bytes) }
}

extension LabSummary {
  var json: JSON {
    .members([
      "lab": .string(key.name.text), "generation": .unsigned(generation), "revision": .unsigned(revision.number), "nodes": .integer(nodes),
      "ready": .integer(ready), "links": .integer(links), "up": .integer(up), "hosts": .array(hosts.map { .string($0.text) }),
      "converged": .bool(converged), "reason": .text(reason),
    ])
  }
}

extension Job {
  var json: JSON {
    .members([
      "id": .string(id.text), "kind": .string(kind.rawValue), "lab": .string(lab.text), "phase": .string(phase.rawValue),
      "reason": .text(reason), "started": .string(Timestamp.text(started)), "ended": .optional(ended) { .string(Timestamp.text($0)) },
    ])
  }
}

extension LabChange {
  var json: JSON {
    .members([
      "action": .string(action.rawValue), "subject": .string(subject), "hosts": .array(hosts.map { .string($0.text) }),
      "blinks": .bool(blinks),
    ])
  }

  static func table(_ changes: [LabChange]) -> Table {
    var table = Table("ACTION", "SUBJECT", "HOSTS", "BLINKS")
    for change in changes {
      table.add(
        .init(change.action.rawValue), .init(change.subject), .init(change.hosts.map(\.text).joined(separator: ",")),
        .init(change.blinks ? "yes" : "-", change.blinks ? .pending : .plain))
    }
    return table
  }
}
