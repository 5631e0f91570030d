public import Model

/// One step of an agent. Every one is *ensure*: what is so already is success.
public enum Action: Sendable, Hashable {
  case unpatch(DeviceKey)
  case deleteTap(TapKey)
  case deleteTunnel(TunnelKey)
  case deleteSandbox(NodeKey)
  case makeSandbox(NodeKey)
  /// `kind` decides the node's name of it; `carrier` is the fabric end's state from the start.
  indirect case makeTap(TapKey, kind: String, mtu: Int, addressing: Addressing, carrier: Bool)
  indirect case makeTunnel(TunnelKey, AssignedTunnel)
  /// Makes the probe tunnel, or mends what of it isn't so.
  indirect case makeProbe(ProbeTunnel)
  case deleteProbe
  /// Makes a lab's management network, or mends what of it isn't so.
  indirect case makeSegment(LabKey, AssignedManagement)
  case deleteSegment(LabKey)
  case setMTU(DeviceKey, Int)
  /// To a management network: a port of it.
  case patch(DeviceKey, to: DeviceKey)
  case setCarrier(TapKey, Bool)
  case raiseTunnel(TunnelKey)
  indirect case start(AssignedNode, CrashRecord)
  /// SIGTERM, then SIGKILL after this many milliseconds.
  case stop(NodeKey, grace: UInt64)
  /// Removes the node's folders and cgroup.
  case remove(NodeKey)

  /// What it is done to.
  public var target: Target {
    switch self {
    case .unpatch(let device), .setMTU(let device, _), .patch(let device, _): .device(device)
    case .deleteTap(let key), .makeTap(let key, _, _, _, _), .setCarrier(let key, _): .device(.tap(key))
    case .deleteTunnel(let key), .makeTunnel(let key, _), .raiseTunnel(let key): .device(.tunnel(key))
    case .makeProbe, .deleteProbe: .probe
    case .makeSegment(let lab, _), .deleteSegment(let lab): .device(.segment(lab))
    case .deleteSandbox(let key), .makeSandbox(let key): .sandbox(key)
    case .start(let node, _): .node(node.key)
    case .stop(let key, _), .remove(let key): .node(key)
    }
  }

  /// Order within one batch of the kernel: what goes, goes first (a VNI is used once), and what depends comes last.
  var rank: Int {
    switch self {
    case .unpatch: 0
    case .deleteTap, .deleteTunnel, .deleteProbe, .deleteSegment: 1
    case .deleteSandbox: 2
    case .makeSandbox: 3
    case .makeTap, .makeTunnel, .makeProbe, .makeSegment: 4
    case .setMTU: 5
    case .patch: 6
    case .setCarrier, .raiseTunnel: 7
    case .start, .stop, .remove: 8
    }
  }

  var lane: Lane {
    switch self {
    case .start: .starts
    case .stop: .stops
    case .remove: .removals
    case .unpatch, .deleteTap, .deleteTunnel, .deleteSandbox, .makeSandbox, .makeTap, .makeTunnel, .makeProbe, .deleteProbe, .makeSegment,
      .deleteSegment, .setMTU, .patch, .setCarrier, .raiseTunnel:
      .kernel
    }
  }
}

/// Work that goes on side by side: one batch of the kernel's at a time, nodes each on their own.
public enum Lane: Sendable, Hashable, CaseIterable { case kernel, starts, stops, removals }

public enum Target: Sendable, Hashable {
  case sandbox(NodeKey)
  case device(DeviceKey)
  /// The host's probe tunnel.
  case probe
  case node(NodeKey)
}

/// Actions that the app performs together, in this order, in phases.
public struct Batch: Sendable, Hashable {
  public var id: UInt64
  public var lane: Lane
  public var actions: [Action]
}

/// What was read back from the kernel, as it happened or after a batch.
public indirect enum Observation: Sendable, Hashable {
  case sandbox(NodeKey, exists: Bool)
  case tap(TapKey, Tap?)
  case tunnel(TunnelKey, Tunnel?)
  case probe(ProbeTunnel?)
  case segment(LabKey, ManagementSegment?)
  case process(NodeKey, NodeProcess)
  case exited(NodeKey, ProcessEnd)
  case folder(NodeKey, exists: Bool)
  case path(ObservedPath)

  var isPath: Bool {
    if case .path = self { true } else { false }
  }
}

/// The end of a node's first process.
public struct ProcessEnd: Sendable, Hashable {
  /// Which process; nil: the one that was known.
  public var pid: Int32?
  public var exit: Exit
  /// What the exit doesn't say; empty: nothing.
  public var reason: String
  public init(pid: Int32?, exit: Exit, reason: String = "") {
    self.pid = pid
    self.exit = exit
    self.reason = reason
  }

  var cause: String { reason.isEmpty ? exit.description : "\(exit): \(reason)" }
}

/// An action that failed; the agent tries again with growing pauses.
public struct Failure: Sendable, Hashable {
  public var target: Target
  public var error: LabError
  public init(target: Target, error: LabError) {
    self.target = target
    self.error = error
  }
}

/// One `exec:` command that didn't end with 0.
public struct FailedCommand: Sendable, Hashable {
  public var command: String
  public var exit: Exit
  /// The end of its output, bounded.
  public var output: String
  public init(command: String, exit: Exit, output: String) {
    self.command = command
    self.exit = exit
    self.output = output
  }

  /// What a user is told of a start's failed commands; empty: none failed.
  public static func warning(_ failed: [FailedCommand]) -> String {
    guard let first = failed.first else { return "" }
    let lines = first.output.split(whereSeparator: \.isNewline).joined(separator: "; ")
    let output = String(String.UnicodeScalarView(lines.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f }))
    let more = failed.count > 1 ? " (and \(failed.count - 1) more failed)" : ""
    return "exec '\(first.command)': \(first.exit)\(output.isEmpty ? "" : ": \(output)")\(more)"
  }
}

/// The commands of one stage of a node.
public struct StageRun: Sendable, Hashable {
  public var key: NodeKey
  public var startSerial: UInt64
  public var stage: Stage
  public var spec: NodeSpec
  /// What is told of commands before; empty: none failed.
  public var warning: String
  public init(key: NodeKey, startSerial: UInt64, stage: Stage, spec: NodeSpec, warning: String = "") {
    self.key = key
    self.startSerial = startSerial
    self.stage = stage
    self.spec = spec
    self.warning = warning
  }

  public var commands: [String] { spec.commands(of: stage) }
  /// Nothing is to be run after them.
  public var isLast: Bool { spec.isLast(stage) }

  /// What is told once they have ended: of the first that failed.
  public func warning(with failed: [FailedCommand]) -> String { warning.isEmpty ? FailedCommand.warning(failed) : warning }
}

/// A node's history of deaths; the counts outlive the agent (they are written before each start), instants don't.
public struct CrashRecord: Sendable, Hashable {
  /// The start by a user that it belongs to.
  public var startSerial: UInt64 = 0
  /// Deaths within `stable` of a start, in a row.
  public var early: Int = 0
  /// All restarts since the user's start.
  public var restarts: Int = 0
  /// How it first died, in words; empty: it hasn't.
  public var cause: String = ""
  public init(startSerial: UInt64 = 0, early: Int = 0, restarts: Int = 0, cause: String = "") {
    self.startSerial = startSerial
    self.early = early
    self.restarts = restarts
    self.cause = cause
  }

  /// A node that has run this long, in milliseconds, is stable.
  public static let stable: UInt64 = 10_000
  private static let longest: UInt64 = 60_000

  /// Milliseconds to wait before the next start: the first restart is immediate, then 1 s doubling to 60 s.
  public var pause: UInt64 {
    early < 2 ? 0 : min(Self.longest, 1_000 << UInt64(min(early - 2, 6)))
  }
}
