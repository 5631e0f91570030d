import JSON
import Model

/// What a node's container is made from, as the engine's API has it (`POST /containers/create`).
struct ContainerBody {
  let start: NodeStart
  let container: NodeStart.Container
  let labels: [String: String]
  /// The container that holds its sandbox; nil: our runtime hands it over.
  let pause: String?

  /// What every node may: a network device configures its interfaces and routes, and keeps namespaces and mounts of its own.
  private static let capabilities = ["NET_ADMIN", "SYS_ADMIN"]
  /// Docker's own list without `/proc/sys`: nodes switch forwarding on, and more.
  private static let readOnly: JSONValue = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sysrq-trigger"]
  /// What is kept of a node's output: two files of this size.
  private static let logSize = "4m"

  var json: JSONValue {
    let options = container.options
    var body: [String: JSONValue] = [
      "Image": .text(container.image), "User": .text(start.user),
      "Env": .texts(start.environment.map { "\($0.name)=\($0.value)" }), "Labels": .object(allLabels.mapValues { .text($0) }),
      // As containerlab does: an image whose command is a shell lives as long as its terminal.
      "Tty": true, "HostConfig": .object(host(options)),
    ]
    // Names are its network's.
    if pause == nil { body["Hostname"] = .text(start.hostName) }
    if !start.arguments.isEmpty { body["Cmd"] = .texts(start.arguments) }
    if !options.entrypoint.isEmpty { body["Entrypoint"] = .texts(options.entrypoint) }
    if !start.workingFolder.isEmpty { body["WorkingDir"] = .text(start.workingFolder) }
    return .object(body)
  }

  private var allLabels: [String: String] {
    // Ours win: they say whose it is.
    Dictionary(container.options.labels.map { ($0.name, $0.value) }) { $1 }.merging(labels) { $1 }
  }

  private func host(_ options: ContainerOptions) -> [String: JSONValue] {
    var host: [String: JSONValue] = [
      "RestartPolicy": ["Name": "no"],
      "LogConfig": ["Type": "json-file", "Config": ["max-size": .text(Self.logSize), "max-file": "2"]],
      "Binds": .texts(start.binds.map { "\($0.source):\($0.target)\($0.readOnly ? ":ro" : "")" }),
      "CapAdd": .texts(Self.capabilities + options.capabilities), "Privileged": .bool(options.isPrivileged),
      "Devices": .list(options.devices.map(Self.device)), "PidsLimit": .integer(Int64(clamping: start.processes)),
      "Sysctls": .object(Dictionary(start.settings.map { ($0.name, .text($0.value)) }) { $1 }),
      "Ulimits": .list(options.ulimits.map { ["Name": .text($0.name), "Soft": .integer($0.soft), "Hard": .integer($0.hard)] }),
      "SecurityOpt": .texts(options.security), "Tmpfs": .object(Dictionary(options.tmpfs.map(Self.tmpfs)) { $1 }),
    ]
    if let pause {
      host["NetworkMode"] = .text("container:\(pause)")
    } else {
      host.merge(network(options)) { $1 }
    }
    if !options.isPrivileged { host["ReadonlyPaths"] = Self.readOnly }
    if let memory = start.memory { host["Memory"] = .integer(Int64(clamping: memory)) }
    if options.processors > 0 { host["NanoCpus"] = .integer(Int64(clamping: options.processors) * 1_000_000) }
    if !options.processorSet.isEmpty { host["CpusetCpus"] = .text(options.processorSet) }
    if options.sharedMemory > 0 { host["ShmSize"] = .integer(Int64(clamping: options.sharedMemory)) }
    return host
  }

  private func network(_ options: ContainerOptions) -> [String: JSONValue] {
    ["Runtime": .text(DockerWrapper.name), "NetworkMode": "none"].merging(Self.names(options)) { $1 }
  }

  /// What belongs to a container's network beside its interfaces.
  static func names(_ options: ContainerOptions) -> [String: JSONValue] {
    [
      "ExtraHosts": .texts(options.extraHosts), "Dns": .texts(options.nameServers), "DnsSearch": .texts(options.searchDomains),
      "DnsOptions": .texts(options.resolverOptions),
    ]
  }

  /// `PATH[:PATH-INSIDE[:rwm]]`.
  private static func device(_ text: String) -> JSONValue {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    return [
      "PathOnHost": .text(parts[0]), "PathInContainer": .text(parts.count > 1 ? parts[1] : parts[0]),
      "CgroupPermissions": .text(parts.count > 2 ? parts[2] : "rwm"),
    ]
  }

  /// `PATH[:OPTIONS]`.
  private static func tmpfs(_ text: String) -> (String, JSONValue) {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    return (parts.first ?? "", .text(parts.count > 1 ? parts[1] : ""))
  }
}
