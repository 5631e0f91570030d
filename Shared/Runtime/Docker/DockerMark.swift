import Model

/// What the containers of this deployment on this host carry as labels: whose they are, and what they were made from. Whatever lacks one of the
/// first two is somebody else's and is never touched.
struct DockerMark: Sendable {
  let deployment: Deployment
  let host: HostName

  private enum Name {
    static let deployment = "archetype.deployment"
    static let host = "archetype.host"
    static let lab = "archetype.lab"
    static let labBorn = "archetype.lab.born"
    static let node = "archetype.node"
    static let nodeBorn = "archetype.node.born"
    static let spec = "archetype.spec"
    static let config = "archetype.config"
    static let pause = "archetype.pause"
  }

  /// Users may not set labels that begin so.
  static let prefix = "archetype."

  func labels(_ start: NodeStart) -> [String: String] {
    var labels = identity(start.key, of: Name.node)
    labels[Name.spec] = "\(start.specDigest)"
    if let config = start.config { labels[Name.config] = config.hex }
    return labels
  }

  /// What the container carries that holds the node's sandbox.
  func pauseLabels(_ key: NodeKey) -> [String: String] { identity(key, of: Name.pause) }

  private func identity(_ key: NodeKey, of name: String) -> [String: String] {
    [
      Name.deployment: deployment.text, Name.host: host.text, Name.lab: key.lab.name.text, Name.labBorn: "\(key.lab.born.number)",
      name: key.name.text, Name.nodeBorn: "\(key.born.number)",
    ]
  }

  /// For a question about all of ours.
  var filter: [String] { ["\(Name.deployment)=\(deployment)", "\(Name.host)=\(host)"] }

  /// Whose a container is; nil: not a node of ours.
  func key(_ labels: [String: String]) -> NodeKey? { key(labels, of: Name.node) }

  /// Whose sandbox a container holds; nil: not one of ours that does.
  func pauseKey(_ labels: [String: String]) -> NodeKey? { key(labels, of: Name.pause) }

  private func key(_ labels: [String: String], of name: String) -> NodeKey? {
    guard labels[Name.deployment] == deployment.text, labels[Name.host] == host.text else { return nil }
    guard let lab = labels[Name.lab].flatMap({ try? LabName($0) }), let node = labels[name].flatMap({ try? NodeName($0) }),
      let labBorn = labels[Name.labBorn].flatMap({ UInt64($0) }), let born = labels[Name.nodeBorn].flatMap({ UInt64($0) })
    else { return nil }
    return NodeKey(LabKey(lab, born: Revision(labBorn)), node, born: Revision(born))
  }

  static func spec(_ labels: [String: String]) -> UInt64 { labels[Name.spec].flatMap { UInt64($0) } ?? 0 }
  static func config(_ labels: [String: String]) -> BlobDigest? { labels[Name.config].flatMap { try? BlobDigest($0) } }

  /// A container's name: for people. What it is says its mark; the digits keep deployments, hosts and lives of a name apart on one engine.
  func name(_ key: NodeKey) -> String {
    let identity = "\(deployment) \(host) \(key.lab)/\(key.name)@\(key.born)"
    let digits = String(StableHash.of(identity), radix: 16)
    return "\(key.lab.name)-\(key.name)-\(String(repeating: "0", count: 16 - digits.utf8.count))\(digits)"
  }

  func pauseName(_ key: NodeKey) -> String { "\(name(key))-pause" }
}
