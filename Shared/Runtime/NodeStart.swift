public import Model

/// All that a runtime needs to know to start a node: everything is resolved (image to command, digests to bytes).
public struct NodeStart: Sendable, Hashable {
  public var key: NodeKey
  public var startSerial: UInt64
  /// What it is started with, to compare later.
  public var specDigest: UInt64
  /// The startup configuration that is among `files`.
  public var config: BlobDigest?
  public var hostName: String
  /// Program and arguments; the program is absolute or found in the environment's `PATH`. Empty: the first process only waits for
  /// a signal to end.
  public var arguments: [String]
  /// `PATH`, `HOME` and `HOSTNAME` have defaults.
  public var environment: [EnvironmentVariable] = []
  /// Where the command starts; empty: `/`.
  public var workingFolder = ""
  /// `NAME`, `NAME:GROUP` or numbers; empty: root.
  public var user = ""
  /// Written in this order, after the binds are there.
  public var files: [File] = []
  public var binds: [Bind] = []
  /// Kernel settings of the node's own namespaces, as `net.ipv4.ip_forward` = `1`. Both `.` and `/` separate.
  public var settings: [Setting] = []
  /// Interfaces that must be there before the command starts.
  public var interfaces: [String] = []
  /// How long to wait for them, in milliseconds.
  public var interfaceWait: UInt32 = 10_000
  public var sandbox: Sandbox
  /// Most processes and threads.
  public var processes: UInt64 = NodeStart.defaultProcesses
  /// Most memory in bytes; nil: no limit.
  public var memory: UInt64?
  /// By name, the one that is to run it.
  public var runtime = NamespaceRuntime.name
  public var container: Container?
  /// For containers only.
  public var flash: Flash?

  /// FRR with all its daemons has about 60; this stops a fork bomb long before the host's `kernel.pid_max`.
  public static let defaultProcesses: UInt64 = 4096

  public init(
    key: NodeKey, startSerial: UInt64, specDigest: UInt64 = 0, config: BlobDigest? = nil, hostName: String, arguments: [String],
    sandbox: Sandbox
  ) {
    self.key = key
    self.startSerial = startSerial
    self.specDigest = specDigest
    self.config = config
    self.hostName = hostName
    self.arguments = arguments
    self.sandbox = sandbox
  }

  /// The network namespace that the node lives in, with its interfaces.
  public enum Sandbox: Sendable, Hashable {
    /// Where it is pinned.
    case path(String)
    /// The caller's; valid until the start returns.
    case descriptor(Int32)
  }

  public struct File: Sendable, Hashable {
    /// Absolute path in the node; folders above are made.
    public var path: String
    public var bytes: [UInt8]
    /// Permission bits.
    public var mode: UInt32
    /// As `NodeStart.user`; empty: root.
    public var owner: String
    public init(path: String, bytes: [UInt8], mode: UInt32 = 0o644, owner: String = "") {
      self.path = path
      self.bytes = bytes
      self.mode = mode
      self.owner = owner
    }
  }

  public struct Bind: Sendable, Hashable {
    /// Absolute path on the host; must exist.
    public var source: String
    /// Absolute path in the node; made where it is missing.
    public var target: String
    public var readOnly: Bool
    public init(source: String, target: String, readOnly: Bool = false) {
      self.source = source
      self.target = target
      self.readOnly = readOnly
    }

    /// `SOURCE:TARGET[:ro]`, as a topology has it.
    public init(_ text: String) throws(LabError) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 || parts.count == 3, parts[0].hasPrefix("/"), parts[1].hasPrefix("/") else {
        throw LabError(.invalidArgument, text, "not a bind (HOST-PATH:NODE-PATH[:ro], both absolute)")
      }
      self.init(source: parts[0], target: parts[1], readOnly: parts.count == 3 && parts[2].split(separator: ",").contains("ro"))
    }
  }

  /// A folder of the node's own on its host's disk, which outlives its container and goes with the node.
  public struct Flash: Sendable, Hashable {
    /// Absolute path in the node.
    public var path: String
    /// By its name in the folder: written where another was written there last, so that what the node has saved itself stays.
    public var config: File
    /// By their names in the folder, written at each start.
    public var files: [File]
    public init(path: String, config: File, files: [File]) {
      self.path = path
      self.config = config
      self.files = files
    }
  }

  /// What only a runtime of containers needs.
  public struct Container: Sendable, Hashable {
    public var image: String
    public var options: ContainerOptions
    public init(image: String, options: ContainerOptions) {
      self.image = image
      self.options = options
    }
  }
}
