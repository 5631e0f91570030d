import Model

/// Reads one numbered topic: applies a publication only if the number before it is the one that we have.
public struct StreamReader: Sendable {
  public enum Verdict: Sendable, Hashable {
    case apply
    /// Older, or the head repeated.
    case ignore
    /// Something was missed: ask for the snapshot.
    case gap
  }

  /// The last number applied; nil before the first snapshot.
  public private(set) var have: UInt64?

  public init() {}

  public mutating func read(_ publication: Publication) -> Verdict {
    guard let have else { return .gap }
    if publication.fact == .head { return publication.number > have ? .gap : .ignore }
    if publication.number <= have { return .ignore }
    guard publication.previous == have else { return .gap }
    self.have = publication.number
    return .apply
  }

  /// A snapshot was applied, or what follows a number was read by other means.
  public mutating func jump(to number: UInt64) { have = number }

  public mutating func reset() { have = nil }
}
