import CLinux
import Engine
import Files
import Glibc
import JSON
import Locks
import Model

/// Containers that hold a node's sandbox for the node's own container, whose network is then "that container's": for engines whose settings may not
/// be touched, or can't take our runtime. Each is one process (`archetype-init --pause`) in a network namespace of ours.
final class DockerPause: Sendable {
  private let containers: DockerContainers
  private let program: String
  /// The image, once it is there.
  private let image = Guarded<String?>(nil)

  /// A process is in its sandbox after some milliseconds.
  private static let patience: UInt64 = 10_000
  private static let repository = "archetype/pause"
  private static let path = "archetype-init"

  /// - Parameter program: `archetype-init`, which alone is its image.
  init(_ containers: DockerContainers, program: String) {
    self.containers = containers
    self.program = program
  }

  /// Success where it holds the sandbox already.
  ///
  /// - Parameter present: as it was listed; nil: there is none.
  /// - Returns: its id.
  func ensure(_ node: NodeStart, _ container: NodeStart.Container, in sandbox: String, _ present: DockerContainers.Listed?) throws(LabError)
    -> String
  {
    let id: String
    if let present { id = present.id } else { id = try create(node, container, sandbox) }
    if let present, present.isRunning {
      if Self.isIn(sandbox, try containers.inspect(id).pid) { return id }
      // Its sandbox has been made anew.
      try containers.kill(id)
    }
    try containers.start(id)
    let deadline = clinux_boot_milliseconds() + Self.patience
    while clinux_boot_milliseconds() < deadline {
      let state = try containers.inspect(id)
      if Self.isIn(sandbox, state.pid) { return id }
      guard state.isRunning else { break }
      usleep(2_000)
    }
    throw LabError(
      .failedPrecondition, "container \(containers.mark.pauseName(node.key))", "doesn't hold the sandbox (its log says why: docker logs)")
  }

  private static func isIn(_ sandbox: String, _ pid: Int32) -> Bool {
    var (wanted, present) = (stat(), stat())
    guard pid > 0, stat(sandbox, &wanted) == 0, stat("/proc/\(pid)/ns/net", &present) == 0 else { return false }
    return wanted.st_dev == present.st_dev && wanted.st_ino == present.st_ino
  }

  private func create(_ node: NodeStart, _ container: NodeStart.Container, _ sandbox: String) throws(LabError) -> String {
    let options = container.options
    let host: [String: JSONValue] = [
      // It sees the host's processes to find the host's pins, enters one and gives up what it needed for that.
      "NetworkMode": "none", "PidMode": "host", "CapDrop": ["ALL"], "CapAdd": ["SYS_ADMIN", "SYS_PTRACE"],
      "SecurityOpt": ["apparmor=unconfined", "no-new-privileges"], "ReadonlyRootfs": true, "RestartPolicy": ["Name": "no"],
      "LogConfig": ["Type": "json-file", "Config": ["max-size": "16k", "max-file": "1"]],
    ]
    let body: JSONValue = [
      "Image": .text(try ensureImage()), "Hostname": .text(node.hostName),
      "Entrypoint": [.text("/\(Self.path)"), "--pause", .text(sandbox)],
      "Labels": .object(containers.mark.pauseLabels(node.key).mapValues { .text($0) }),
      "HostConfig": .object(host.merging(ContainerBody.names(options)) { $1 }),
    ]
    return try containers.create(containers.mark.pauseName(node.key), body)
  }

  /// Its name, by what is in it; made where the engine has none.
  private func ensureImage() throws(LabError) -> String {
    let images = DockerImages(engine: containers.engine)
    if let known = image.withLock({ $0 }), try images.has(known) { return known }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try File.read(program, most: 64 << 20) } catch {
      throw LabError(.failedPrecondition, "archetype-init", "can't be read (install it beside the agent)", cause: "\(error)")
    }
    let tag = String(StableHash.of(String(decoding: bytes, as: UTF8.self)), radix: 16)
    let name = "\(Self.repository):\(tag)"
    if try !images.has(name) {
      var archive = TarArchive()
      try archive.add(Self.path, bytes, mode: 0o755)
      try images.make(Self.repository, tag, from: archive.whole)
    }
    image.withLock { $0 = name }
    return name
  }
}
