import Model

/// How far the commands of a node's stages have come, as it is kept in a file: the warning alone once all have ended.
struct StageMark {
  /// The last stage whose commands have ended, while others are to follow; nil: all have.
  var ended: Stage?
  var warning: String

  private static let begin: Character = "\u{1e}"

  init(ended: Stage?, warning: String) {
    self.ended = ended
    self.warning = warning
  }

  init(_ text: String) {
    let parts = text.split(separator: Self.begin, maxSplits: 2, omittingEmptySubsequences: false)
    if parts.count == 3, parts[0].isEmpty, let stage = Stage(rawValue: String(parts[1])) {
      (ended, warning) = (stage, String(parts[2]))
    } else {
      (ended, warning) = (nil, text)
    }
  }

  var text: String { (ended.map { "\(Self.begin)\($0.rawValue)\(Self.begin)" } ?? "") + warning }
}
