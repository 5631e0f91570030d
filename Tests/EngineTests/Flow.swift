import Support

/// A ping of twenty packets a second from one node to another, beside what is done to their lab.
final class Flow {
  private let lab: TestLab
  private let place: (lab: String, node: String)
  private let ping: StartedCommand

  /// Returns when the first answer is there.
  init(_ lab: TestLab, _ name: String, from node: String, to address: String) throws {
    self.lab = lab
    place = (name, node)
    ping = try lab.start("exec", name, node, "--", "sh", "-c", "echo $$ > /tmp/flow; exec ping -i 0.05 \(address)")
    guard eventually({ !numbers.isEmpty }) else { throw SupportError("no answer from \(address): \(ping.printed)") }
  }

  /// Waits until something that was sent after the call has been answered.
  func goesOn() -> Bool {
    let last = numbers.max() ?? 0
    return eventually { (numbers.max() ?? 0) > last + 20 }
  }

  /// Ends it; how many answers came, and how many before the last didn't.
  func end() throws -> (received: Int, lost: Int) {
    _ = try lab.exec(place.lab, place.node, "sh", "-c", "kill -INT $(cat /tmp/flow)")
    let numbers = Self.numbers(ping.wait(limit: 20).output)
    guard let first = numbers.min(), let last = numbers.max() else { return (0, 0) }
    return (numbers.count, last - first + 1 - numbers.count)
  }

  private var numbers: Set<Int> { Self.numbers(ping.printed) }

  /// `icmp_seq=N` of one ping, `seq=N` of the other.
  private static func numbers(_ printed: String) -> Set<Int> {
    Set(
      printed.split(separator: "\n").compactMap { line in
        line.split(separator: " ").first { $0.contains("seq=") }.flatMap { $0.split(separator: "=").last }.flatMap { Int($0) }
      })
  }
}
