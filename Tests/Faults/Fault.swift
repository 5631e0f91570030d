import Foundation
import Support

/// One row of the fault matrix: something breaks, is known, and is whole again without help.
public struct Fault: Sendable {
  public struct Times: Sendable {
    /// Seconds until a client that follows the events knows; nil where nothing of the lab has changed.
    public var known: Double?
    /// Seconds until all is as before, from the fault or, where somebody must bring back what is gone, from then on.
    public var repaired: Double
  }

  public struct Outcome: Sendable {
    public var times: Times
    /// Echoes over the healthy links.
    public var received: Int
    public var lost: Int
    /// What a host holds that it didn't before, and what it doesn't any more.
    public var leftovers: [String]
    public var missing: [String]
    /// Healthy devices and processes that are others now.
    public var renewed: [String]
  }

  public let name: String
  let inflict: @Sendable (FaultLab) throws -> Times

  /// Inflicts it while echoes run over the healthy links, and compares what is there before and after.
  public func run(in lab: FaultLab) throws -> Outcome {
    let before = try FaultLab.hosts.map { try lab.holdings(of: $0) }
    let parts = try lab.healthyParts()
    let echoes = [
      try Echoes(lab.bed, of: try lab.process("a"), on: "h1", to: "10.8.1.2"),
      try Echoes(lab.bed, of: try lab.process("a"), on: "h1", to: "10.8.2.2"),
    ]
    try lab.events.skip()
    let times = try inflict(lab)
    guard try eventually({ try lab.bed.isConverged(FaultLab.name) }) else { throw SupportError("\(name): not converged afterwards") }
    let counts = try echoes.map { try $0.end() }
    let after = try FaultLab.hosts.map { try lab.holdings(of: $0) }
    let now = try lab.healthyParts()
    func difference(_ one: [Set<String>], _ other: [Set<String>]) -> [String] {
      zip(FaultLab.hosts, zip(one, other)).flatMap { host, sets in sets.0.subtracting(sets.1).sorted().map { "\(host): \($0)" } }
    }
    return Outcome(
      times: times, received: counts.map(\.received).reduce(0, +), lost: counts.map(\.lost).reduce(0, +),
      leftovers: difference(after, before), missing: difference(before, after),
      renewed: parts.filter { now[$0.key] != $0.value }.keys.sorted())
  }
}
