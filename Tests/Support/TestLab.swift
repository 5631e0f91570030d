import Foundation

/// A testbed of a test's own, driven by the command line as a user drives it.
public final class TestLab: Sendable {
  public let folder: String
  public let programs: String
  /// What points the command line to this testbed.
  public let environment: [String: String]

  /// Runs a body with a testbed of its own and removes that, also after an error.
  ///
  /// - Throws: what the body throws; `TestLabError` where the testbed can't be made or removed.
  public static func with(hosts: Int = 2, docker: Bool = false, metrics: Bool = false, _ body: (TestLab) throws -> Void) throws {
    let lab = try TestLab(hosts: hosts, docker: docker, metrics: metrics)
    do { try body(lab) } catch {
      _ = try? lab.down()
      throw error
    }
    let down = try lab.down()
    guard down.exit == 0 else { throw TestLabError(down) }
  }

  /// The folder in which the programs were built: beside the test runner.
  public static var builtPrograms: String {
    var path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
    for _ in 0..<6 {
      if FileManager.default.isExecutableFile(atPath: path.appendingPathComponent("archetype-agent").path) { return path.path }
      path.deleteLastPathComponent()
    }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return root.appendingPathComponent(".build/debug").path
  }

  /// The repository's own folder, for its example labs.
  public static var repository: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
  }

  /// - Parameters:
  ///   - docker: an engine in each host.
  ///   - metrics: each program serves its metrics.
  ///   - testbedPrograms: the folder of the programs that the testbed runs, where they aren't those beside the test.
  public init(hosts: Int, docker: Bool = false, metrics: Bool = false, programs testbedPrograms: String? = nil) throws {
    folder = FileManager.default.temporaryDirectory.path + "/archetype-testbed-\(UUID().uuidString.prefix(8))"
    programs = Self.builtPrograms
    var environment = ["ARCHETYPE_BUS": "ipc://\(folder)/bus", "NO_COLOR": "1"]
    environment["ARCHETYPE_PROGRAMS"] = testbedPrograms
    self.environment = environment
    let wishes = (docker ? ["--docker"] : []) + (metrics ? ["--metrics"] : [])
    let up = try archetype(["testbed", "up", "--hosts", "\(hosts)", "--dir", folder] + wishes)
    guard up.exit == 0 else { throw TestLabError(up) }
  }

  /// Removes all of it; returns what `testbed down` said.
  public func down() throws -> CommandRun {
    let run = try archetype("testbed", "down", "--dir", folder)
    try? FileManager.default.removeItem(atPath: folder)
    return run
  }

  public func archetype(_ arguments: String..., limit: Double = 120) throws -> CommandRun { try archetype(arguments, limit: limit) }

  public func archetype(_ arguments: [String], limit: Double = 120) throws -> CommandRun {
    try CommandRun.run(programs + "/archetype", arguments, environment: environment, limit: limit)
  }

  public func start(_ arguments: String...) throws -> StartedCommand {
    try StartedCommand(programs + "/archetype", arguments, environment: environment)
  }

  /// A command in a node, run to its end.
  public func exec(_ lab: String, _ node: String, _ command: String...) throws -> CommandRun {
    try CommandRun.run(programs + "/archetype", ["exec", lab, node, "--timeout", "60", "--"] + command, environment: environment)
  }

  /// Deploys a topology and waits until it has converged.
  public func deploy(_ topology: Topology) throws {
    let run = try archetype("deploy", "-t", try file(topology.name, topology.text), "--timeout", "60")
    guard run.exit == 0 else { throw TestLabError(run) }
  }

  public func destroy(_ lab: String) throws {
    let run = try archetype("destroy", lab, "--timeout", "60")
    guard run.exit == 0 else { throw TestLabError(run) }
  }

  /// A command on a virtual host.
  public func on(_ host: String, _ command: String...) throws -> CommandRun {
    try CommandRun.run(programs + "/archetype", ["testbed", "exec", host, "--dir", folder, "--"] + command, environment: environment)
  }

  public func testbed(_ verb: String, _ name: String) throws {
    let run = try archetype("testbed", verb, name, "--dir", folder)
    guard run.exit == 0 else { throw TestLabError(run) }
  }

  /// `cut` or `heal` of a host's cable, `--bus` or `--underlay`.
  public func cable(_ verb: String, _ host: String, _ cable: String) throws {
    let run = try archetype("testbed", verb, host, cable, "--dir", folder)
    guard run.exit == 0 else { throw TestLabError(run) }
  }

  /// Writes a topology and gives its path.
  public func file(_ name: String, _ text: String) throws -> String {
    let path = "\(folder)/\(name).clab.yml"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  public func inspect(_ lab: String) throws -> [String: Any] {
    let run = try archetype("inspect", lab, "--format", "json")
    guard run.exit == 0, let status = try run.json() as? [String: Any] else { throw TestLabError(run) }
    return status
  }

  /// What `inspect` prints for people: for messages of tests.
  public func shown(_ lab: String) -> String { (try? archetype("inspect", lab)).map { $0.output + $0.errors } ?? "" }

  public func node(_ name: String, of lab: String) throws -> [String: Any] {
    let nodes = try inspect(lab)["nodes"] as? [[String: Any]] ?? []
    return nodes.first { $0["name"] as? String == name } ?? [:]
  }

  public func isConverged(_ lab: String) throws -> Bool {
    let run = try archetype("inspect", lab, "--format", "json")
    guard run.exit == 0, let status = try run.json() as? [String: Any] else { return false }
    return status["converged"] as? Bool == true
  }
}

public struct TestLabError: Error, CustomStringConvertible {
  public var description: String
  init(_ run: CommandRun) { description = "exit \(run.exit): \(run.errors)\(run.output)" }
}
