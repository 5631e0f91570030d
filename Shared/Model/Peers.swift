/// A peer of the bus by name. The hub, not ZeroMQ, knows who has which.
public enum PeerName: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The hub itself, which answers how it is.
  case bus
  case configs
  case jobs
  case links
  case reconciler
  case agent(HostName)
  /// A command line; the text is unique to the process.
  case client(String)

  /// - Throws: `INVALID_ARGUMENT` for a name that no peer can have.
  public init(_ text: String) throws(LabError) {
    switch text {
    case "bus": self = .bus
    case "configs": self = .configs
    case "jobs": self = .jobs
    case "links": self = .links
    case "reconciler": self = .reconciler
    default:
      if text.hasPrefix("agent/") {
        self = .agent(try HostName(String(text.dropFirst(6))))
      } else if text.hasPrefix("cli/"), let name = try? HostName(String(text.dropFirst(4))) {
        self = .client(name.text)
      } else {
        throw LabError(.invalidArgument, text, "not a peer's name (bus, configs, jobs, links, reconciler, agent/HOST or cli/ID)")
      }
    }
  }

  public var description: String {
    switch self {
    case .bus: "bus"
    case .configs: "configs"
    case .jobs: "jobs"
    case .links: "links"
    case .reconciler: "reconciler"
    case .agent(let host): "agent/\(host)"
    case .client(let id): "cli/\(id)"
    }
  }

  public static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}

/// What events are published under. Compared whole: `assign.h1` isn't `assign.h10`.
public enum Topic: Sendable, Hashable, CustomStringConvertible {
  /// Every change of intent; the number is the revision.
  case intent
  /// A host's assignment has changed; the number is its revision, the content is the config service's reply to the agent.
  case assign(HostName)
  /// The reconciler's events of one lab.
  case lab(LabName)
  /// All of the reconciler's events.
  case all

  public init(_ text: String) throws(LabError) {
    switch text {
    case "intent": self = .intent
    case "all": self = .all
    default:
      if text.hasPrefix("assign.") {
        self = .assign(try HostName(String(text.dropFirst(7))))
      } else if text.hasPrefix("lab.") {
        self = .lab(try LabName(String(text.dropFirst(4))))
      } else {
        throw LabError(.invalidArgument, text, "not a topic (intent, assign.HOST, lab.LAB or all)")
      }
    }
  }

  public var description: String {
    switch self {
    case .intent: "intent"
    case .assign(let host): "assign.\(host)"
    case .lab(let lab): "lab.\(lab)"
    case .all: "all"
    }
  }
}
