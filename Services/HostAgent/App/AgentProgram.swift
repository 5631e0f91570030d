import AgentCore
import Arguments
import CLinux
import Glibc
import Kernel
import Machine
import Model
import Reactor
import Runtime

/// The agent's life from its options on: name, address, lock, cache.
enum AgentProgram {
  /// Nodes that one host admits where `--capacity` doesn't say.
  private static let defaultCapacity = 2_000

  static func run() -> Int32 {
    let options = ServiceOptions.read(
      "archetype-agent", "makes this host equal to its assignment",
      extra: [
        .value("host", "NAME", "this host's name", standard: hostName()),
        .value("underlay", "ADDRESS", "its address for tunnels to other hosts"),
        .value("runtime", "KIND", "namespace or docker, for nodes that both can run", standard: NamespaceRuntime.name),
        .value("docker", "SOCKET", "of a Docker engine to offer (\(dockerSocket) with --runtime docker)"),
        .value("docker-sandbox", "WAY", "auto, or pause: never touch the engine's settings", standard: "auto"),
        .value("fabric", "KIND", "kernel", standard: "kernel"), .value("capacity", "N", "nodes that it admits"),
      ])
    if let code = HostEntry.run() { return code }
    do throws(LabError) {
      let arguments = options.arguments
      guard let underlay = arguments.value("underlay") else {
        throw LabError(.invalidArgument, "--underlay", "is missing (this host's address that the other hosts reach)")
      }
      guard arguments.value("fabric") == "kernel" else {
        throw LabError(.unimplemented, "--fabric", "'\(arguments.value("fabric") ?? "")' is not supported yet (kernel is)")
      }
      let runtimes = try runtimes(arguments.value("runtime") ?? "", docker: try docker(arguments))
      let host = try HostName(arguments.value("host") ?? "")
      let address = try IPAddress(underlay)
      let capacity = try arguments.number("capacity", in: 1...Limits.nodesPerLab) ?? defaultCapacity
      let lock = try lockKernel(for: host)
      defer { close(lock) }
      return Service.run(.agent(host), options) { instance throws(LabError) in
        try makeApp(host, address, capacity, runtimes, options.data, instance)
      }
    } catch {
      let text = Array("error: \(error)\n".utf8)
      _ = write(2, text, text.count)
      return Service.exitCode(of: error)
    }
  }

  private static let dockerSocket = "/run/docker.sock"

  /// nil: none is named.
  private static func docker(_ arguments: Arguments) throws(LabError) -> AgentApp.OfferedRuntime? {
    let way = arguments.value("docker-sandbox") ?? ""
    guard ["auto", "pause"].contains(way) else { throw LabError(.invalidArgument, "--docker-sandbox", "'\(way)' is none (auto or pause)") }
    let socket = arguments.value("docker") ?? (arguments.value("runtime") == DockerRuntime.name ? dockerSocket : nil)
    return socket.map { .docker(socket: $0, mayTellEngine: way == "auto") }
  }

  /// What this host offers, the preferred one first.
  private static func runtimes(_ preferred: String, docker: AgentApp.OfferedRuntime?) throws(LabError) -> [AgentApp.OfferedRuntime] {
    let docker = [docker].compactMap(\.self)
    switch preferred {
    case NamespaceRuntime.name: return [.namespace] + docker
    case DockerRuntime.name: return docker + [.namespace]
    case _:
      throw LabError(
        .invalidArgument, "--runtime", "'\(preferred)' is none (\(NamespaceRuntime.name) or \(DockerRuntime.name))")
    }
  }

  private static func makeApp(
    _ host: HostName, _ address: IPAddress, _ capacity: Int, _ runtimes: [AgentApp.OfferedRuntime], _ data: String, _ instance: Instance
  ) throws(LabError) -> AgentApp {
    let underlay: Underlay?
    let pins: NamespacePins
    do throws(KernelError) {
      underlay = try Underlay.owner(of: address, in: try NetworkNamespace.current())
      pins = try NamespacePins()
    } catch { throw error.labError("underlay") }
    guard let underlay else {
      // It may come yet, as from a router that this host asks for it.
      throw LabError(.unavailable, "\(address)", "no interface of this host has this address (see --underlay)")
    }
    let disk = try AgentDisk(folder: data)
    let identity = "\(host)\n\(machineID())\n\(address)\n"
    let cached = try disk.cached(for: identity)
    let spec = HostSpec(
      name: host, underlay: address, underlayMTU: underlay.mtu, capacity: capacity,
      runtimes: runtimes.map(\.name) + [NodeSpec.externalRuntime], capabilities: Capability.spoken)
    return try AgentApp(
      AgentCore.Start(
        spec: spec, instance: instance, cached: cached?.0, isCacheTrusted: cached?.isTrusted ?? true, blobs: disk.blobs, crashes: [:]),
      AgentApp.Settings(host: host, data: data, runtimes: runtimes, programs: ownFolder(), identity: identity), disk: disk, pins: pins,
      token: instance.number)
  }

  /// One agent a kernel: the lock is in /run, not in the data folder.
  private static func lockKernel(for host: HostName) throws(LabError) -> Int32 {
    for folder in ["/run/archetype"] where mkdir(folder, 0o750) != 0 && errno != EEXIST {
      throw LabError(.failedPrecondition, folder, "can't be made", cause: String(cString: strerror(errno)))
    }
    let path = "/run/archetype/agent.lock"
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw LabError(.failedPrecondition, path, "can't be opened", cause: String(cString: strerror(errno))) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      var buffer = [UInt8](repeating: 0, count: 128)
      let count = read(descriptor, &buffer, buffer.count)
      close(descriptor)
      let holder = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
      throw LabError(.alreadyExists, "host \(host)", "an agent runs on this kernel already: \(holder) (stop it first)")
    }
    let text = Array("\(host), pid \(getpid())".utf8)
    ftruncate(descriptor, 0)
    pwrite(descriptor, text, text.count, 0)
    return descriptor
  }

  private static func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    gethostname(&buffer, buffer.count - 1)
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func machineID() -> String {
    guard let file = fopen("/etc/machine-id", "r") else { return "" }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 64)
    guard fgets(&buffer, 63, file) != nil else { return "" }
    return String(decoding: buffer.prefix { $0 > 0x20 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func ownFolder() -> String {
    HostEntry.program().flatMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } } ?? "."
  }
}
