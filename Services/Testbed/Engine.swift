import Glibc
import Model

/// The Docker engine of a testbed's host: it shares nothing with one that the machine itself may have.
enum Engine {
  /// Where a host finds its engine's data: not on its agent's disk, which a test may wipe. Its configuration is where engines look for it,
  /// `/etc/docker`, also the host's own.
  static let folder = "/run/testbed/docker"

  static let socket = "/run/docker.sock"

  /// Networks of containers are ours, so it makes no bridge and no rule of a firewall. `/run` is the host's own and empty at each boot, as
  /// its sockets and process ids need it. What `daemon.json` may hold mustn't be an option too: the engine refuses the whole file then.
  static var command: [String] {
    [
      // Its helpers lie there too, whatever the caller's `PATH`.
      "/usr/bin/env", "PATH=" + places.joined(separator: ":"), program ?? "dockerd", "--host=unix://\(socket)",
      "--data-root=\(folder)/data",
      "--exec-root=/run/docker", "--pidfile=/run/docker.pid", "--exec-opt=native.cgroupdriver=cgroupfs", "--bridge=none",
      "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--ip-masq=false", "--userland-proxy=false",
    ]
  }

  /// Milliseconds that it may need more than others: it ends the containers that outlived it, and gives each ten seconds to end by itself.
  static let patience: Int64 = 60_000

  /// Where the distribution or Docker's own packages put it.
  private static let places = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

  private static var program: String? { places.map { $0 + "/dockerd" }.first { access($0, X_OK) == 0 } }

  static func requireProgram() throws(LabError) {
    guard program == nil else { return }
    throw LabError(.failedPrecondition, "--docker", "there is no dockerd on this machine (apt-get install docker.io)")
  }

  /// On the machine: what a host's engine finds at its first start.
  static func makeFolder(_ path: String) throws(LabError) {
    try Files.makeFolders(path, mode: 0o711)
    try Files.makeFolders(path + "/etc")
  }
}
