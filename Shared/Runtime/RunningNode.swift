public import Model

/// A node that was started, as it is found on the host.
public struct RunningNode: Sendable, Hashable {
  public var key: NodeKey
  /// Of its first process, as this process's PID namespace sees it.
  public var pid: Int32
  /// Of that process, in clock ticks since boot: tells it from a later one with the same pid.
  public var startTime: UInt64
  public var startSerial: UInt64
  public var specDigest: UInt64
  /// The startup configuration that was put in place.
  public var config: BlobDigest?
  /// The commands of all its stages have ended.
  public private(set) var execDone = false
  /// The last stage whose commands have ended; nil: none, or `execDone`.
  public private(set) var ended: Stage?
  /// Which of them failed, and how; empty: none.
  public private(set) var execWarning = ""
  /// The test of its readiness has passed.
  public var hasPassed: Bool
  public var state: State

  public enum State: Sendable, Hashable {
    case running
    /// `reason` is what the exit doesn't say, `isTold` that `markEndTold` was called for it.
    case exited(Exit, reason: String, isTold: Bool)
  }

  /// - Parameter mark: `StageMark.text`; nil: no commands have ended.
  init(
    key: NodeKey, pid: Int32, startTime: UInt64, startSerial: UInt64, specDigest: UInt64, config: BlobDigest?, mark: String?,
    hasPassed: Bool, state: State
  ) {
    self.key = key
    self.pid = pid
    self.startTime = startTime
    self.startSerial = startSerial
    self.specDigest = specDigest
    self.config = config
    self.hasPassed = hasPassed
    self.state = state
    guard let mark = mark.map(StageMark.init) else { return }
    (execDone, ended, execWarning) = (mark.ended == nil, mark.ended, mark.warning)
  }

  public var isRunning: Bool { state == .running }

  /// How it ended; nil: it runs.
  public var exit: Exit? {
    switch state {
    case .running: nil
    case .exited(let exit, _, _): exit
    }
  }

  public var process: NodeProcess {
    NodeProcess(
      pid: pid, startSerial: startSerial, specDigest: specDigest, config: config, execDone: execDone, ended: ended,
      execWarning: execWarning, hasPassed: hasPassed)
  }
}

/// A node's end.
public struct NodeExit: Sendable, Hashable {
  public var key: NodeKey
  public var pid: Int32
  public var startSerial: UInt64
  public var exit: Exit
  /// Why, where the exit doesn't say it: an interface that didn't come. Empty: nothing to add.
  public var reason: String
}

/// A part of what a node's command printed.
public struct LogPart: Sendable, Hashable {
  /// Where `bytes` begin: later than asked for when the beginning was dropped.
  public var offset: UInt64
  public var bytes: [UInt8]
  /// Where to go on.
  public var next: UInt64
  /// How far the log goes now.
  public var end: UInt64
}
