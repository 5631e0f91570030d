import Foundation
import Support

/// A hundred echoes a second from one node to another, sent without any service's help.
final class Echoes {
  private let ping: StartedCommand

  init(_ lab: FaultLab, from node: String, on host: String, to address: String) throws {
    let pid = try lab.process(node)
    ping = try lab.bed.start(
      "testbed", "exec", host, "--dir", lab.bed.folder, "--", "nsenter", "-t", "\(pid)", "-n", "ping", "-n", "-i", "0.01", address)
    guard eventually({ !Self.numbers(ping.printed).isEmpty }) else { throw SupportError("no echo from \(address)") }
  }

  /// Ends it; how many came back, and how many of those before the last didn't.
  func end() -> (received: Int, lost: Int) {
    let numbers = Self.numbers(ping.terminate().output)
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
