import Foundation
public import Support

/// A testbed whose bus loses messages: in its place stands `archetype-lossy` with a real hub of its own behind it.
public final class LossyLab: Sendable {
  /// Of a thousand messages fifty are lost, fifty come twice and two hundred late, by up to 300 ms.
  public static let usual = "50 50 200 300"
  private static let none = "0 0 0 0"

  public let bed: TestLab
  private let programs: String

  public init(hosts: Int, seed: UInt64) throws {
    let files = FileManager.default
    let built = TestLab.builtPrograms
    programs = files.temporaryDirectory.path + "/archetype-lossy-\(UUID().uuidString.prefix(8))"
    try files.createDirectory(atPath: programs, withIntermediateDirectories: true)
    for name in try files.contentsOfDirectory(atPath: built)
    where name.hasPrefix("archetype") && !name.contains(".") && name != "archetype-bus" {
      try files.createSymbolicLink(atPath: "\(programs)/\(name)", withDestinationPath: "\(built)/\(name)")
    }
    let script = "#!/bin/sh\nexec '\(built)/archetype-lossy' --hub '\(built)/archetype-bus' --seed \(seed) \"$@\"\n"
    try script.write(toFile: programs + "/archetype-bus", atomically: true, encoding: .utf8)
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: programs + "/archetype-bus")
    do { bed = try TestLab(hosts: hosts, programs: programs) } catch {
      try? files.removeItem(atPath: programs)
      throw error
    }
  }

  public func down() throws {
    let run = try bed.down()
    try? FileManager.default.removeItem(atPath: programs)
    guard run.exit == 0 else { throw SupportError("testbed down: \(run.errors)") }
  }

  /// From now on messages are lost as `losses` says: thousandths that are dropped, doubled and delayed, and the longest delay in milliseconds.
  public func lose(_ losses: String = usual) throws {
    try losses.write(toFile: bed.folder + "/bus/losses", atomically: true, encoding: .utf8)
    guard try eventually({ try tally().first == losses }) else { throw SupportError("the forwarder doesn't listen") }
  }

  /// From now on nothing is lost, and what was delayed has arrived.
  public func loseNothing() throws {
    try lose(Self.none)
    guard try eventually({ try tally().dropFirst().first == "all" }) else { throw SupportError("the forwarder keeps messages back") }
  }

  /// What became of all messages so far.
  public func losses() throws -> String { try tally().dropFirst(2).first ?? "" }

  private func tally() throws -> [String] {
    guard let text = try? String(contentsOfFile: bed.folder + "/bus/tally", encoding: .utf8) else { return [] }
    return text.split(separator: "\n").map(String.init)
  }
}
