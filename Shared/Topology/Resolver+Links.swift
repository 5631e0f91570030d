internal import Kinds
internal import Model

extension Resolver {
  /// Names that containerlab gives a meaning of their own in short links.
  private static let special: Set<String> = ["host", "mgmt-net", "macvlan", "vxlan", "vxlan-stitch", "veth-stitch", "dummy"]

  mutating func resolveLinks(_ definitions: [LinkDefinition], _ findings: inout Findings) {
    var used: [String: Int] = [:]
    for definition in definitions where !definition.isBroken {
      var reason = definition.type == "veth" ? nil : "a link of type \(definition.type)"
      var endpoints: [Endpoint] = []
      var isWrong = false
      for end in definition.ends {
        switch resolve(end, isMade: definition.type == "veth", &findings) {
        case .endpoint(let endpoint, let label):
          endpoints.append(endpoint)
          isWrong = take(label, end.mark, &used, &findings) || isWrong
        case .unsupported(let what, let label):
          reason = reason ?? what
          if let label { isWrong = take(label, end.mark, &used, &findings) || isWrong }
        case .wrong: isWrong = true
        }
      }
      if let reason { findings.unsupported(definition.mark, "links", "\(reason) is known, not supported yet") }
      if reason == nil, !isWrong, endpoints.count == 2 {
        links.append(LinkSpec(endpoints[0], endpoints[1], mtu: definition.mtu))
      }
    }
  }

  private enum End {
    /// With the interface as users say it, for finding a second use.
    case endpoint(Endpoint, label: String)
    /// What it is, and the interface if it has one that no other link may use.
    case unsupported(String, label: String?)
    /// It has been reported.
    case wrong
  }

  /// Whether the interface was taken before.
  private func take(_ label: String, _ mark: Mark, _ used: inout [String: Int], _ findings: inout Findings) -> Bool {
    if let line = used[label] {
      findings.error(mark, "endpoints", "interface \(label) has two links (the first at line \(line))")
      return true
    }
    used[label] = mark.line
    return false
  }

  /// - Parameter isMade: whether links of its type are made; interfaces of others are the host's matter.
  private func resolve(_ end: LinkDefinition.End, isMade: Bool, _ findings: inout Findings) -> End {
    guard let node = ends[end.node] else {
      if Self.special.contains(end.node) { return .unsupported("a link to \(end.node)", label: nil) }
      findings.error(end.mark, "endpoints", "\(end.node):\(end.interface): there is no node \(end.node) in this file")
      return .wrong
    }
    guard let kind = node.kind, let name = node.name else { return .wrong }
    let label = "\(end.node):\(end.interface)"
    if kind.role != .device { return .unsupported("a link to the \(kind.name) \(end.node)", label: label) }
    do {
      let ordinal = try InterfaceNaming.ordinal(of: end.interface, kind: kind)
      if ordinal == .management {
        findings.error(
          end.mark, "endpoints", "\(label) is the management interface, which is never a data port (links begin at \(firstPort(of: kind)))")
        return .wrong
      }
      let endpoint = Endpoint(name, ordinal)
      return .endpoint(endpoint, label: "\(end.node):\(InterfaceNaming.name(of: ordinal, kind: kind))")
    } catch {
      if !isMade { return .unsupported("the interface name \(end.interface)", label: label) }
      if kind == Catalogue.linux, Self.isNumberedDevice(end.interface) {
        return .unsupported("the interface name \(label) (\(InterfaceNaming.pattern(of: kind)))", label: label)
      }
      findings.error(end.mark, "endpoints", "\(end.node):\(error.description)")
      return .wrong
    }
  }

  private func firstPort(of kind: Kind) -> String {
    guard let first = try? Ordinal(1) else { return "port 1" }
    return InterfaceNaming.name(of: first, kind: kind)
  }

  /// A name that Linux would take and that has a number, such as `swp1` or `e1-1`: containerlab lets nodes of kind linux have any.
  private static func isNumberedDevice(_ name: String) -> Bool {
    // IFNAMSIZ less its closing zero.
    guard name.utf8.count <= 15, let first = name.first, first.isASCII, first.isLetter, name.last?.isNumber == true else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) } && !name.lowercased().hasPrefix("eth")
  }
}
