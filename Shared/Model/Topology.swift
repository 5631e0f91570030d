/// What a user asks for: a network as its topology file says, resolved (defaults, kinds and groups merged, interfaces by ordinal).
public struct LabSpec: Sendable, Hashable {
  public var name: LabName
  /// Nodes in the file's order, names unique.
  public var nodes: [NodeSpec]
  /// Links in the file's order, ids unique, no interface used twice.
  public var links: [LinkSpec]
  /// nil: it has no management network.
  public var management: ManagementSpec?

  public init(name: LabName, nodes: [NodeSpec], links: [LinkSpec], management: ManagementSpec? = nil) {
    self.name = name
    self.nodes = nodes
    self.links = links
    self.management = management
  }
}

/// One node as the file says.
public struct NodeSpec: Sendable, Hashable {
  public var name: NodeName
  /// A kind of the catalogue, in its canonical spelling.
  public var kind: String
  public var image: String
  /// `host:` of the file: the node must run there.
  public var host: HostName?
  /// Content of the file named by `startup-config`.
  public var startupConfig: BlobDigest?
  /// Command of the node in place of the image's; empty: the image's.
  public var command: [String]
  /// Commands run inside after each start, in order.
  public var exec: [String]
  /// Environment, sorted by name. Values may be secret.
  public var environment: [EnvironmentVariable]
  /// `source:target[:ro]`; content of relative sources is shipped as `files`.
  public var binds: [String]
  /// Files that go into the node before it starts, by path in the node; what relative binds of the file name.
  public var files: [NodeFile]
  /// The runtimes that can run it, by kind and image; empty: any. A host takes the first of its own that is among them.
  public var runtimes: [String]
  public var container: ContainerOptions {
    get { boxedContainer?.value ?? ContainerOptions() }
    set { boxedContainer = newValue.isEmpty ? nil : Boxed(newValue) }
  }
  private var boxedContainer: Boxed<ContainerOptions>?
  /// nil: it is ready as soon as it runs.
  public var readiness: Readiness? {
    get { boxedReadiness?.value }
    set { boxedReadiness = newValue.map(Boxed.init) }
  }
  private var boxedReadiness: Boxed<Readiness>?
  public var management: NodeManagement {
    get { boxedManagement?.value ?? NodeManagement() }
    set { boxedManagement = newValue.isEmpty ? nil : Boxed(newValue) }
  }
  private var boxedManagement: Boxed<NodeManagement>?
  public var stages: NodeStages {
    get { boxedStages?.value ?? NodeStages() }
    set { boxedStages = newValue.isEmpty ? nil : Boxed(newValue) }
  }
  private var boxedStages: Boxed<NodeStages>?
  /// Milliseconds between the time when it could start and its start; not after a crash.
  public var startupDelay: UInt64

  public init(
    name: NodeName, kind: String, image: String = "", host: HostName? = nil, startupConfig: BlobDigest? = nil, command: [String] = [],
    exec: [String] = [], environment: [EnvironmentVariable] = [], binds: [String] = [], files: [NodeFile] = [],
    runtimes: [String] = [], container: ContainerOptions = ContainerOptions(), readiness: Readiness? = nil, startupDelay: UInt64 = 0,
    management: NodeManagement = NodeManagement(), stages: NodeStages = NodeStages()
  ) {
    self.name = name
    self.kind = kind
    self.image = image
    self.host = host
    self.startupConfig = startupConfig
    self.command = command
    self.exec = exec
    self.environment = environment
    self.binds = binds
    self.files = files
    self.runtimes = runtimes
    self.startupDelay = startupDelay
    self.container = container
    self.readiness = readiness
    self.management = management
    self.stages = stages
  }
}

public struct EnvironmentVariable: Sendable, Hashable, Comparable {
  public var name: String
  /// May be a secret: never logged, never traced.
  public var value: String
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
  public static func < (a: Self, b: Self) -> Bool { a.name == b.name ? a.value < b.value : a.name < b.name }
}

/// A file that the node finds at `path` when it starts.
public struct NodeFile: Sendable, Hashable {
  /// Absolute path in the node.
  public var path: String
  public var content: BlobDigest
  /// Permission bits, e.g. 0o644.
  public var mode: UInt32
  public init(path: String, content: BlobDigest, mode: UInt32) {
    self.path = path
    self.content = content
    self.mode = mode
  }
}

/// One cable as the file says.
public struct LinkSpec: Sendable, Hashable {
  /// The ends as the file orders them.
  public var a: Endpoint
  public var b: Endpoint
  /// Frame payload the file asks for; nil: what the path carries.
  public var mtu: Int?

  public init(_ a: Endpoint, _ b: Endpoint, mtu: Int? = nil) {
    self.a = a
    self.b = b
    self.mtu = mtu
  }

  public var id: LinkID { LinkID(a, b) }
}
