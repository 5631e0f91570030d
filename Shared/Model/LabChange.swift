/// One thing that a deploy would do: a line of `deploy --plan`.
public struct LabChange: Sendable, Hashable {
  public var action: LabAction
  /// A node's name or a link's id.
  public var subject: String
  /// Where, sorted; of what moves, where to.
  public var hosts: [HostName]
  /// A link that is there goes down for a moment.
  public var blinks: Bool

  public init(_ action: LabAction, _ subject: String, hosts: [HostName], blinks: Bool = false) {
    self.action = action
    self.subject = subject
    self.hosts = hosts
    self.blinks = blinks
  }
}

public enum LabAction: String, Sendable, Hashable, CaseIterable {
  case start
  /// A new first process; its interfaces stay.
  case replace
  /// To another host.
  case move
  /// Its `exec:` commands are others, from the next start on.
  case update
  case remove
  case connect
  /// Another MTU.
  case resize
  /// An end has moved to another host.
  case rewire
  case disconnect
}
