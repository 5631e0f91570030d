import Foundation

/// A program run to its end, with what it printed.
public struct CommandRun: Sendable {
  public var exit: Int32
  public var output: String
  public var errors: String

  /// Runs a program; input is `/dev/null`.
  ///
  /// - Parameter limit: seconds after which it is killed: a test that hangs says where.
  public static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:], limit: Double = 120) throws
    -> CommandRun
  {
    let started = try StartedCommand(program, arguments, environment: environment)
    return started.wait(limit: limit)
  }

  /// What it printed, as JSON.
  public func json() throws -> Any { try JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed) }
}

/// A program that runs beside the test.
public final class StartedCommand: Sendable {
  private let process: Process
  private let output: String
  private let errors: String

  public init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    let base = FileManager.default.temporaryDirectory.path + "/archetype-test-\(UUID().uuidString)"
    (output, errors) = (base + ".out", base + ".err")
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    _ = FileManager.default.createFile(atPath: errors, contents: nil)
    process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: output)
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
  }

  /// What it has printed so far.
  public var printed: String { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }

  public var isRunning: Bool { process.isRunning }

  public var processID: Int32 { process.processIdentifier }

  /// Bytes that it has printed so far.
  public var count: Int { (try? FileManager.default.attributesOfItem(atPath: output)[.size] as? Int) ?? 0 }

  public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// Ends it at once. Not by SIGTERM, which the runner's threads block, and with them what they start.
  public func terminate() -> CommandRun {
    signal(SIGKILL)
    return wait(limit: 10)
  }

  public func wait(limit: Double) -> CommandRun {
    let end = Date().addingTimeInterval(limit)
    while process.isRunning, Date() < end { usleep(5_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    defer {
      try? FileManager.default.removeItem(atPath: output)
      try? FileManager.default.removeItem(atPath: errors)
    }
    let exit = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return CommandRun(exit: exit, output: printed, errors: (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "")
  }
}

/// Waits for a condition; false when it doesn't come within a generous limit.
public func eventually(within seconds: Double = 30, _ condition: () throws -> Bool) rethrows -> Bool {
  let end = Date().addingTimeInterval(seconds)
  while Date() < end {
    if try condition() { return true }
    usleep(20_000)
  }
  return false
}
