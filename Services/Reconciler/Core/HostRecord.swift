import Machine
import Model

/// What is known of one host.
struct HostRecord: Sendable {
  var spec: HostSpec?
  var instance: Instance?
  /// nil: lost, or not heard of since this reconciler started.
  var session: Session?
  /// Number of the last change applied.
  var sequence: UInt64 = 0
  /// The assignment that the host's state was last made equal to.
  var applied: Revision = .zero
  var digest: UInt64 = 0
  /// The last end of its nodes that was told.
  var ends: EndSeries?
  var view = HostView()
  /// nil: it hasn't said yet.
  var load: HostLoad?
  /// Why it doesn't take what it should have, in its own words; empty: nothing hinders it.
  var reason = ""
  var lacks: [String] = []
  var lastHeard: Instant
  /// A whole view has been taken in this session.
  var isCurrent = false
  var isLost = false

  init(lastHeard: Instant) { self.lastHeard = lastHeard }

  /// What is held of it is what it has now.
  var isTrusted: Bool { session != nil && isCurrent }
}
