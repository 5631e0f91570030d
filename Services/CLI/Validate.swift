import Arguments
import Model
import Topology

/// `archetype validate`.
struct Validate: Runnable {
  static let entry = Entry(
    Command("validate", "check a topology file; needs no bus", options: [.value("topo", short: "t", "FILE", "the topology file")]),
    examples: ["archetype validate -t ring.clab.yml", "archetype validate -t ring.clab.yml --format json"],
    make: { (invocation) throws(LabError) in try Validate(invocation) })

  private let invocation: Invocation
  private let file: String

  /// A problem, or a file that is missing.
  private struct Finding {
    var line: Int
    var column: Int
    var key: String
    var message: String

    var json: JSON {
      .members(["line": .integer(line), "column": .integer(column), "key": .string(key), "message": .string(message)])
    }
  }

  private init(_ invocation: Invocation) throws(LabError) {
    self.invocation = invocation
    guard let file = invocation.arguments.value("topo") else {
      throw LabError(.invalidArgument, "-t FILE", "is missing (usage: archetype validate -t FILE)")
    }
    self.file = file
  }

  func run() throws(LabError) -> Int32 {
    let source = try TopologySource(file, environment: invocation.environment)
    let resolution = source.resolution
    let errors = resolution.errors.map { Finding(line: $0.line, column: $0.column, key: $0.key, message: $0.message) }
    var warnings = resolution.allWarnings.map { Finding(line: $0.line, column: $0.column, key: $0.key, message: $0.message) }
    warnings += source.missing.map { Finding(line: $0.line, column: $0.column, key: $0.key, message: $0.message) }
    warnings.sort { ($0.line, $0.column) < ($1.line, $1.column) }
    if invocation.isJSON {
      Output.json(
        .members([
          "valid": .bool(resolution.isValid), "name": .text(resolution.name), "nodes": .integer(resolution.nodes),
          "links": .integer(resolution.links), "errors": .array(errors.map(\.json)), "warnings": .array(warnings.map(\.json)),
        ]))
    } else {
      show(errors, "error")
      show(warnings, "warning")
      if resolution.isValid { Output.line("\(file): \(resolution.name) is valid: \(resolution.nodes) nodes, \(resolution.links) links") }
    }
    return resolution.isValid ? ExitCode.done : ExitCode.failed
  }

  private func show(_ findings: [Finding], _ word: String) {
    for finding in findings {
      let key = finding.key.isEmpty ? "" : "\(finding.key): "
      Output.line("\(file):\(finding.line):\(finding.column): \(word): \(key)\(finding.message)")
    }
  }
}
