internal import Model

/// Topology files: containerlab's format, with `host:` at a node.
public enum Topology {
  /// All that a file says and all that is wrong with it, at once. Pure: referenced files are named, not read.
  ///
  /// - Parameters:
  ///   - text: the file's content.
  ///   - file: its name, for messages.
  ///   - environment: for `${VAR}`, `${VAR:-default}`, `$VAR` and for `~` in binds.
  public static func resolve(_ text: String, file: String, environment: [String: String] = [:]) -> Resolution {
    var findings = Findings()
    var raw: TopologyFile?
    do {
      let tree = Expansion.expand(try YAMLReader.read(text), environment: environment, findings: &findings)
      raw = TopologyFile(tree, &findings)
    } catch let error {
      let template = templateMark(text)
      findings.error(
        template ?? error.mark, "",
        template == nil ? error.message : "templates ({{ }}) are not supported yet (render the file first): \(error.message)")
    }
    guard let raw else { return resolution(file, nil, Resolver(home: nil), findings) }
    var resolver = Resolver(home: environment["HOME"])
    resolver.resolve(raw, &findings)
    return resolution(file, raw, resolver, findings)
  }

  private static func resolution(_ file: String, _ raw: TopologyFile?, _ resolver: Resolver, _ findings: Findings) -> Resolution {
    var findings = findings
    findings.sort()
    var lab: LabSpec?
    if findings.errors.isEmpty, let name = resolver.name {
      lab = LabSpec(name: name, nodes: resolver.nodes, links: resolver.links, management: resolver.management)
    }
    return Resolution(
      file: file, name: raw?.name?.text ?? "", lab: lab, nodes: raw?.nodes.count ?? 0, links: raw?.links.count ?? 0,
      errors: findings.errors, unsupported: findings.unsupported, warnings: findings.warnings,
      startupConfigs: findings.errors.isEmpty ? resolver.startupConfigs : [], files: findings.errors.isEmpty ? resolver.files : [])
  }

  /// The first `{{` outside of a comment.
  private static func templateMark(_ text: String) -> Mark? {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let place = line.firstRange(of: "{{"), line.first(where: { $0 != " " }) != "#" else { continue }
      return Mark(line: number + 1, column: line.distance(from: line.startIndex, to: place.lowerBound) + 1)
    }
    return nil
  }
}
