public import Model

/// How nodes of a kind boot where the file doesn't say otherwise. Data: what differs between kinds is said here and done for all alike.
public struct KindBoot: Sendable, Hashable {
  /// Below the node's own.
  public var environment: [EnvironmentVariable] = []
  /// Where the file gives none; empty: the image's.
  public var command: [String] = []
  /// Whether the command is an init that begins with an empty environment: it is told the node's as words, `systemd.setenv=NAME=VALUE`.
  public var tellsEnvironment = false
  public var isPrivileged = false
  public var readiness: Readiness?
  /// Commands inside after each start, before the file's.
  public var exec: [String] = []
  public var flash: Flash?
  /// What `archetype console` runs; empty: what stands for the image says.
  public var console: [String] = []
  /// Has the node keep what it runs with for its next boot; empty: there is no such command.
  public var save: [String] = []

  /// A folder of the node's own on its host's disk, which lives as long as the node does, whatever becomes of its container.
  public struct Flash: Sendable, Hashable {
    /// Absolute path in the node.
    public var path: String
    /// The startup configuration's name in it. What the node itself has saved there stays, until it is given another.
    public var config: String
    /// What a node without a startup configuration is given; `$NODE` is its name.
    public var standardConfig: String
    /// Other files in it, by name.
    public var files: [String: String]
    /// Name of the file that says which device is which of the vendor's interfaces.
    public var interfaceMap: String

    public func standardConfig(of node: NodeName) -> String { standardConfig.replacing("$NODE", with: node.text) }
  }

  /// What is run of a node's command. Only where it is run is the environment put into it: a command isn't kept secret, values are.
  public func command(_ command: [String], in environment: [EnvironmentVariable]) -> [String] {
    guard tellsEnvironment, command == self.command else { return command }
    return command + environment.map { "systemd.setenv=\($0.name)=\($0.value)" }
  }

  public static let image = KindBoot()

  /// Arista's cEOS-lab, as its vendor's and containerlab's documentation has it.
  static let eos = KindBoot(
    environment: [
      EnvironmentVariable("CEOS", "1"), EnvironmentVariable("EOS_PLATFORM", "ceoslab"), EnvironmentVariable("ETBA", "1"),
      EnvironmentVariable("INTFTYPE", "eth"), EnvironmentVariable("MAPETH0", "1"), EnvironmentVariable("MGMT_INTF", "eth0"),
      EnvironmentVariable("SKIP_ZEROTOUCH_BARRIER_IN_SYSDBINIT", "1"), EnvironmentVariable("container", "docker"),
    ],
    command: ["/sbin/init"], tellsEnvironment: true, isPrivileged: true,
    readiness: Readiness(
      .log("%SYS-5-(CONFIG_I|SYSTEM_INITIALIZED|SYSTEM_RESTARTED)|%ZTP-6-CANCEL|Startup complete|System ready"), deadline: 300_000),
    // It drops what it should forward until a forwarding agent has started that its image for labs hasn't.
    exec: ["sh -c 'for d in /sys/class/net/e*; do while iptables -D EOS_FORWARD -i ${d##*/} -j DROP 2> /dev/null; do :; done; done'"],
    flash: Flash(
      path: "/mnt/flash", config: "startup-config",
      standardConfig: "hostname $NODE\n!\nno aaa root\n!\nusername admin privilege 15 role network-admin secret admin\n!\nend\n",
      files: ["zerotouch-config": "DISABLE=True\n"], interfaceMap: "EosIntfMapping.json"),
    console: ["Cli"], save: ["Cli", "-p", "15", "-c", "write memory"])
}

extension InterfaceNaming {
  /// Which device of a node is which of the vendor's interfaces, as JSON (Arista's `EosIntfMapping.json`); nil where an image finds that out by
  /// itself: all are of the kind's first spelling.
  ///
  /// - Parameter ordinals: the node's interfaces.
  public static func map(of ordinals: [Ordinal], kind: Kind) -> String? {
    func entries(_ ordinals: [Ordinal], _ vendor: (Ordinal) -> String) -> String {
      ordinals.sorted().map { "\"\(name(of: $0, kind: kind))\":\"\(vendor($0))\"" }.joined(separator: ",")
    }
    let data = ordinals.filter { $0 != .management }
    guard data.contains(where: { kind.devices.first?.name(of: Int($0.number)) == nil }) else { return nil }
    let ports = entries(data) { ordinal in
      kind.vendor.lazy.compactMap { $0.name(of: Int(ordinal.number)) }.first ?? name(of: ordinal, kind: kind)
    }
    let management = entries([.management]) { _ in kind.management.last ?? "" }
    return "{\"EthernetIntf\":{\(ports)},\"ManagementIntf\":{\(management)}}\n"
  }
}
