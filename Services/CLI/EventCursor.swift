import Machine
import Model

/// How far the event log has been read.
///
/// Everything up to `have` was read, so a publication can be taken as it is whenever the number before it isn't beyond that: weaker than
/// equality, and right for a lab's topic, where numbers of other labs are missing.
struct EventCursor {
  enum Verdict: Equatable {
    case print(LabEvent)
    case ignore
    /// Something was missed: read the log.
    case gap
  }

  private(set) var have: UInt64
  private var hasRead = false

  init(after index: UInt64) { have = index }

  mutating func read(_ publication: Publication) -> Verdict {
    guard publication.number > have else { return .ignore }
    guard publication.previous <= have, case .event(let event) = publication.fact else { return .gap }
    have = publication.number
    return .print(event)
  }

  /// A page of the log was read. The log's end counts as read when nothing was left before it.
  /// - Returns: whether that was all.
  mutating func took(_ events: [LabEvent], last: UInt64) -> Bool {
    defer { hasRead = true }
    guard last >= have else {
      // Either its reader asked for more than there is, or, later, it began anew on another disk: then all of it is new.
      have = hasRead ? 0 : last
      return have >= last
    }
    have = events.last.map { max(have, $0.index) } ?? last
    return have >= last
  }
}
