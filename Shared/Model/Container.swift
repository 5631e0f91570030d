/// How a node's container differs from what its image says. Every field is empty, zero or false where the file says nothing.
public struct ContainerOptions: Sendable, Hashable {
  /// In place of the image's.
  public var entrypoint: [String] = []
  /// `NAME`, `NAME:GROUP` or numbers.
  public var user = ""
  /// Empty: the node's name.
  public var hostName = ""
  /// Labels of users, sorted by name; none begins with `archetype.`.
  public var labels: [Setting] = []
  /// Capabilities of the kernel beside those that every node has, without `CAP_`.
  public var capabilities: [String] = []
  public var isPrivileged = false
  /// Devices of the host: `PATH[:PATH-INSIDE[:rwm]]`.
  public var devices: [String] = []
  /// Settings of the kernel (sysctl) in the node's own namespaces, sorted by name.
  public var settings: [Setting] = []
  public var ulimits: [Ulimit] = []
  /// Bytes; 0: no limit.
  public var memory: UInt64 = 0
  /// Thousandths of a processor; 0: no limit.
  public var processors: UInt64 = 0
  /// Processors by number, as `0-3,7`.
  public var processorSet = ""
  /// Bytes of `/dev/shm`; 0: the engine's own wish (64 MiB).
  public var sharedMemory: UInt64 = 0
  /// Memory that looks like a disk: `PATH[:OPTIONS]`.
  public var tmpfs: [String] = []
  /// `seccomp=unconfined` and the like.
  public var security: [String] = []
  public var nameServers: [String] = []
  public var searchDomains: [String] = []
  public var resolverOptions: [String] = []
  /// Lines for `/etc/hosts`: `NAME:ADDRESS`.
  public var extraHosts: [String] = []
  public var pull: PullPolicy = .ifMissing

  public init() {}

  /// Nothing is said.
  public var isEmpty: Bool { self == ContainerOptions() }
}

/// When an image is fetched from its registry.
public enum PullPolicy: String, Sendable, Hashable, CaseIterable {
  case ifMissing = "IfNotPresent"
  case always = "Always"
  case never = "Never"
}

/// A name and its value.
public struct Setting: Sendable, Hashable, Comparable {
  public var name: String
  public var value: String
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
  public static func < (a: Self, b: Self) -> Bool { a.name == b.name ? a.value < b.value : a.name < b.name }
}

/// A limit of each of a node's processes, as `setrlimit(2)` has them.
public struct Ulimit: Sendable, Hashable {
  /// `nofile`, `memlock`, …
  public var name: String
  /// -1: none.
  public var soft: Int64
  /// -1: none.
  public var hard: Int64
  public init(name: String, soft: Int64, hard: Int64) {
    self.name = name
    self.soft = soft
    self.hard = hard
  }
}

extension ContainerOptions {
  /// Everything that is said, as texts that differ where it does.
  public var words: [String] {
    func list(_ name: String, _ values: [String]) -> String { "\(name) \(values.joined(separator: "\u{1f}"))" }
    return [
      list("entrypoint", entrypoint), user, hostName, list("labels", labels.map(\.words)), list("capabilities", capabilities),
      "privileged \(isPrivileged)", list("devices", devices), list("settings", settings.map(\.words)),
      list("ulimits", ulimits.map { "\($0.name)=\($0.soft):\($0.hard)" }), "memory \(memory)", "processors \(processors)", processorSet,
      "shared \(sharedMemory)", list("tmpfs", tmpfs), list("security", security), list("servers", nameServers),
      list("search", searchDomains), list("options", resolverOptions), list("hosts", extraHosts),
    ]
  }
}

extension Setting {
  fileprivate var words: String { "\(name)=\(value)" }
}
