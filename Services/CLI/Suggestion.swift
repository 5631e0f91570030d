/// What someone who mistyped probably meant.
enum Suggestion {
  /// The nearest of `known`, if it is near: at most a third of its letters differ.
  static func nearest(_ word: String, in known: [String]) -> String? {
    let best = known.map { (distance: distance(word, $0), word: $0) }.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    guard let best, best.distance <= max(1, best.word.count / 3) else { return nil }
    return best.word
  }

  /// Changes, insertions and removals of one letter, and swaps of two neighbours.
  static func distance(_ one: String, _ other: String) -> Int {
    let (a, b) = (Array(one.prefix(64)), Array(other.prefix(64)))
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for row in a.indices {
      var current = [row + 1]
      for column in b.indices {
        var cost = min(last[column] + (a[row] == b[column] ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] { cost = min(cost, beforeLast[column - 1] + 1) }
        current.append(cost)
      }
      (beforeLast, last) = (last, current)
    }
    return last[b.count]
  }
}
