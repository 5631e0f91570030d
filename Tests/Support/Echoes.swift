import Foundation

/// A hundred echoes a second from one node to another, sent without any service's help.
public final class Echoes {
  private let bed: TestLab
  private let host: String
  private let ping: StartedCommand

  /// - Parameter pid: the node's first process as its host sees it.
  public init(_ bed: TestLab, of pid: Int, on host: String, to address: String) throws {
    self.bed = bed
    self.host = host
    ping = try bed.start(
      "testbed", "exec", host, "--dir", bed.folder, "--", "nsenter", "-t", "\(pid)", "-n", "sh", "-c",
      "echo $$; exec ping -n -i 0.01 \(address)")
    guard eventually({ !Self.numbers(ping.printed).isEmpty }) else { throw SupportError("no echo from \(address)") }
  }

  /// Ends it; how many came back, and how many of those before the last didn't.
  public func end() throws -> (received: Int, lost: Int) {
    // The program itself: what started it may be killed without it, and signals are blocked below a test runner's threads.
    guard let pid = ping.printed.split(separator: "\n").first else { throw SupportError("ping on \(host) didn't start") }
    _ = try bed.on(host, "kill", "-9", String(pid))
    let numbers = Self.numbers(ping.wait(limit: 10).output)
    guard let first = numbers.min(), let last = numbers.max() else { return (0, 0) }
    return (numbers.count, last - first + 1 - numbers.count)
  }

  private static func numbers(_ printed: String) -> Set<Int> {
    Set(
      printed.split(separator: "\n").compactMap { line in
        line.split(separator: " ").first { $0.hasPrefix("icmp_seq=") }.flatMap { Int($0.dropFirst(9)) }
      })
  }
}
