import Foundation

/// `archetype events --follow` through a pipe: each event with the moment at which it was read.
public final class EventFollower {
  public struct Seen {
    public var subject: String
    public var kind: String
    /// Of `moment()`.
    public var at: Double
  }

  private let process = Process()
  private let pipe = Pipe()
  private var rest: [UInt8] = []
  private var unread: [Seen] = []

  /// Begins with all earlier events.
  public init(_ bed: TestLab) throws {
    process.executableURL = URL(fileURLWithPath: bed.programs + "/archetype")
    process.arguments = ["events", "--since", "0", "--follow", "--format", "json"]
    process.environment = ProcessInfo.processInfo.environment.merging(bed.environment) { $1 }
    process.standardOutput = pipe
    try process.run()
  }

  public func stop() {
    // A test runner's threads block signals, and so do their children.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// Forgets what has been read and not asked for.
  public func skip() throws {
    while try read(wait: 0) {}
    unread = []
  }

  /// When the next event of that subject and one of those kinds was read; those before it are skipped.
  ///
  /// - Parameter limit: seconds without any event after which it throws.
  public func time(of subject: String, _ kinds: String..., limit: Double = 60) throws -> Double {
    while true {
      while !unread.isEmpty {
        let seen = unread.removeFirst()
        if seen.subject == subject, kinds.contains(seen.kind) { return seen.at }
      }
      guard try read(wait: Int32(limit * 1e3)) else {
        throw SupportError("no event \(kinds.joined(separator: " or ")) of \(subject) within \(Int(limit)) s")
      }
    }
  }

  /// False where nothing came in that many milliseconds.
  private func read(wait: Int32) throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    var watched = pollfd(fd: pipe.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&watched, 1, wait) > 0 else { return false }
    let count = Glibc.read(watched.fd, &buffer, buffer.count)
    let at = moment()
    guard count > 0 else { throw SupportError("`archetype events --follow` ended") }
    rest += buffer[0..<count]
    while let end = rest.firstIndex(of: 10) {
      let line = Data(rest[..<end])
      rest.removeSubrange(...end)
      guard let event = try JSONSerialization.jsonObject(with: line) as? [String: Any], let subject = event["subject"] as? String,
        let kind = event["kind"] as? String
      else { continue }
      unread.append(Seen(subject: subject, kind: kind, at: at))
    }
    return true
  }
}

public struct SupportError: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Seconds since some moment; a clock that is never set.
public func moment() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
