/// How busy a host is, and what it has left.
public struct HostLoad: Sendable, Hashable {
  public var nodes: Int
  /// Of the last minute, in thousandths.
  public var load1: Int
  /// In MiB; 0 in all: not known.
  public var memoryAvailable: Int
  public var memoryTotal: Int
  /// Processes and threads, and how many there may be.
  public var pids: Int
  public var pidLimit: Int
  /// Of the file system of the agent's folder, in MiB.
  public var diskAvailable: Int
  public var diskTotal: Int
  /// nil: its kernel doesn't tell.
  public var pressure: HostPressure?
  /// Actions that the agent has performed since it started: a quiet host's stands still.
  public var actions: UInt64
  public init(
    nodes: Int = 0, load1: Int = 0, memoryAvailable: Int = 0, memoryTotal: Int = 0, pids: Int = 0, pidLimit: Int = 0,
    diskAvailable: Int = 0, diskTotal: Int = 0, pressure: HostPressure? = nil, actions: UInt64 = 0
  ) {
    self.nodes = nodes
    self.load1 = load1
    self.memoryAvailable = memoryAvailable
    self.memoryTotal = memoryTotal
    self.pids = pids
    self.pidLimit = pidLimit
    self.diskAvailable = diskAvailable
    self.diskTotal = diskTotal
    self.pressure = pressure
    self.actions = actions
  }
}

/// The share of the last ten seconds in which something had to wait for each, in thousandths of a percent (`some avg10` of /proc/pressure).
public struct HostPressure: Sendable, Hashable {
  public var cpu: Int
  public var memory: Int
  public var io: Int
  public init(cpu: Int, memory: Int, io: Int) {
    self.cpu = cpu
    self.memory = memory
    self.io = io
  }
}
