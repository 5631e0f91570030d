/// The least that a failing seed needs to fail.
public struct Minimum: Sendable {
  public var problem: String
  public var operations: Int
  public var kinds: [String]
}

extension World {
  /// Leaves out one kind of fault after the other, then operations from the end, as long as the same invariant is broken.
  ///
  /// - Returns: nil for a seed that doesn't fail.
  public static func minimise(seed: UInt64, settings: Settings) -> Minimum? {
    var settings = settings
    settings.isTracing = false
    guard var problem = run(seed: seed, settings: settings).problem else { return nil }
    func isSame(_ other: String) -> Bool { other.prefix(12) == problem.prefix(12) }
    for kind in Faults.kinds {
      var fewer = settings
      fewer.without.insert(kind.name)
      if let other = run(seed: seed, settings: fewer).problem, isSame(other) {
        settings = fewer
        problem = other
      }
    }
    var operations = settings.operations ?? 12
    while operations > 1 {
      var fewer = settings
      fewer.operations = operations - 1
      guard let other = run(seed: seed, settings: fewer).problem, isSame(other) else { break }
      settings = fewer
      problem = other
      operations -= 1
    }
    let kinds = Faults.kinds.map(\.name).filter { !settings.without.contains($0) }
    return Minimum(problem: problem, operations: operations, kinds: kinds)
  }
}
