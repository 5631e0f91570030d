internal import Model

/// One entry of `links:` as it is written.
struct LinkDefinition {
  /// `veth` also for the short form.
  var type: String
  var mark: Mark
  var ends: [End] = []
  var mtu: Int?
  /// What kept it from being read has been reported.
  var isBroken = false

  struct End {
    var node: String
    /// Empty where the form has none, as in `dummy`.
    var interface: String
    var mark: Mark
  }

  init(_ node: YAMLNode, _ findings: inout Findings) {
    (type, mark) = ("veth", node.mark)
    guard case .mapping(let entries) = node.value else {
      findings.error(node.mark, "links", "a link must be a mapping with endpoints, not \(node.kindName)")
      isBroken = true
      return
    }
    if let entry = entries.first(where: { $0.key == "type" }) {
      type = entry.value.text ?? ""
      guard type == "veth" || KnownKeys.otherLinks[type] != nil else {
        let types = (["veth"] + KnownKeys.otherLinks.keys.sorted()).joined(separator: ", ")
        findings.error(entry.value.mark, "type", "no link type \(type) is known (\(types))")
        isBroken = true
        return
      }
    }
    guard let section = Section(node, Self.keys(type, isShort: !entries.contains { $0.key == "type" }), "a link", &findings) else { return }
    readEnds(section, &findings)
    readMTU(section, &findings)
  }

  private static func keys(_ type: String, isShort: Bool) -> KnownKeys.Place {
    if isShort { return KnownKeys.shortLink }
    guard let keys = KnownKeys.otherLinks[type] else { return KnownKeys.vethLink }
    // The link as a whole is reported as not supported yet; only what isn't containerlab's is worth a line more.
    return KnownKeys.Place(name: "a link of type \(type)", supported: keys, known: [])
  }

  private mutating func readEnds(_ section: Section, _ findings: inout Findings) {
    let single = section.value("endpoint")
    let nodes = single.map { [$0] } ?? section.list("endpoints", &findings) ?? []
    let wanted = single == nil && type != "dummy" ? 2 : 1
    guard nodes.count == wanted else {
      findings.error(mark, "endpoints", "a link has \(wanted == 2 ? "two endpoints" : "one endpoint"), not \(nodes.count)")
      isBroken = true
      return
    }
    for node in nodes {
      if let end = Self.end(node, &findings) { ends.append(end) } else { isBroken = true }
    }
  }

  private static func end(_ node: YAMLNode, _ findings: inout Findings) -> End? {
    if let text = node.text {
      let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        findings.error(node.mark, "endpoints", "\(text) is not node:interface")
        return nil
      }
      return End(node: parts[0], interface: parts[1], mark: node.mark)
    }
    guard let section = Section(node, KnownKeys.endpoint, "an endpoint", &findings) else { return nil }
    guard let name = section.text("node", &findings), let interface = section.text("interface", &findings) else {
      findings.error(node.mark, "endpoints", "an endpoint has a node and an interface")
      return nil
    }
    return End(node: name.text, interface: interface.text, mark: node.mark)
  }

  private mutating func readMTU(_ section: Section, _ findings: inout Findings) {
    guard let node = section.value("mtu") else { return }
    guard case .scalar(let scalar) = node.value, let number = scalar.integer, Limits.mtu.contains(number) else {
      findings.error(node.mark, "mtu", "\(node.text ?? node.kindName) is not an MTU (\(Limits.mtu.lowerBound) to \(Limits.mtu.upperBound))")
      return
    }
    mtu = number
  }
}
