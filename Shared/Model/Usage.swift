/// What a node takes of its host, as the kernel counts it since the node's start.
public struct NodeUsage: Sendable, Hashable {
  public var node: NodeID
  /// The host's time since its boot when it was read, in milliseconds.
  public var at: UInt64
  public var resources: ResourceUsage
  /// By ordinal, those that its host has.
  public var interfaces: [InterfaceUsage]
  public init(node: NodeID, at: UInt64, resources: ResourceUsage, interfaces: [InterfaceUsage]) {
    self.node = node
    self.at = at
    self.resources = resources
    self.interfaces = interfaces
  }
}

/// Of a node's control groups; where it has none of a kind, of its processes together.
public struct ResourceUsage: Sendable, Hashable {
  /// Of its first process.
  public var pid: Int32
  /// Processor time, in microseconds.
  public var processor: UInt64 = 0
  /// How often, and for how many microseconds, its `cpu` was used up; zero where none is said.
  public var throttledPeriods: UInt64 = 0
  public var throttled: UInt64 = 0
  /// Bytes, without what the kernel could drop at once of cached files.
  public var memory: UInt64 = 0
  /// Bytes; nil: as much as its host has.
  public var memoryLimit: UInt64?
  public var processes: UInt64 = 0
  public var processLimit: UInt64?
  /// Processes of it that were ended for want of memory.
  public var memoryKills: UInt64 = 0
  public init(pid: Int32) { self.pid = pid }
}

/// An interface's traffic as its node sees it.
public struct InterfaceUsage: Sendable, Hashable {
  public struct Traffic: Sendable, Hashable {
    public var bytes: UInt64
    public var packets: UInt64
    public init(bytes: UInt64, packets: UInt64) {
      self.bytes = bytes
      self.packets = packets
    }
  }

  public var ordinal: Ordinal
  /// As its node's kind names it.
  public var name: String
  public var received: Traffic
  public var sent: Traffic
  public init(_ ordinal: Ordinal, name: String, received: Traffic, sent: Traffic) {
    self.ordinal = ordinal
    self.name = name
    self.received = received
    self.sent = sent
  }
}

/// Which running nodes of a host are asked for.
public struct UsageQuery: Sendable, Hashable {
  /// nil: of every lab.
  public var lab: LabName?
  /// Empty: all.
  public var nodes: [NodeName]
  /// The last one that is known from the page before; nil: from the first.
  public var after: NodeID?
  public init(lab: LabName? = nil, nodes: [NodeName] = [], after: NodeID? = nil) {
    self.lab = lab
    self.nodes = nodes
    self.after = after
  }
}

/// At most `Limits.usagePage` of them, sorted.
public struct UsagePage: Sendable, Hashable {
  public var nodes: [NodeUsage]
  /// Ask for those after `last`; nil: there are no more.
  public var last: NodeID?
  public init(nodes: [NodeUsage], last: NodeID?) {
    self.nodes = nodes
    self.last = last
  }
}
