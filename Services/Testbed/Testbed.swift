import CLinux
import Glibc
public import Model

/// Virtual hosts on one machine, each with its agent, and the control plane: all in namespaces of their own, under one folder.
///
/// The machine's own network and mounts get nothing. Hosts are named `h1`…`hN`; processes `bus`, `configs`, `jobs`, `links`, `reconciler`,
/// `agent/h1`…, `network/h1`…, `docker/h1`…. Only `up`, `start` and `powerOn` wait for a program to serve; nothing here speaks to the bus, so all of it works while the
/// bus or an agent is down. Every operation needs root, and may be called from several processes at once.
public struct Testbed: Sendable {
  public static let defaultFolder = "/var/lib/archetype/testbed"

  let layout: Layout
  let programs: Programs

  /// - Parameter folder: where everything of it lies; made by `up`. Files of others in it are left alone.
  public init(folder: String = Testbed.defaultFolder) throws(LabError) { try self.init(folder: folder, programs: .installed) }

  init(folder: String, programs: Programs) throws(LabError) {
    layout = try Layout(folder)
    self.programs = programs
  }

  /// Where `bus`, `configs`, `jobs`, `links`, `reconciler`, `agent` and `network` serve metrics to their own machine, of a testbed that was made so.
  public static func metricsPort(of program: String) -> UInt16? {
    (Programs.services + ["agent", "network"]).firstIndex(of: program).map { 9_470 + UInt16($0) }
  }

  /// Absolute path.
  public var folder: String { layout.folder }

  /// Where the command line reaches this testbed's bus.
  public var busAddress: String { layout.busAddress }

  /// Whether `up` has made a testbed here that `down` has not removed.
  public var exists: Bool { Files.exists(layout.manifest) }

  /// Names of the hosts, whether on or off.
  public func hosts() throws(LabError) -> [String] { try manifest().hostNames }

  func manifest() throws(LabError) -> Manifest {
    guard let manifest = try Manifest.read(layout.manifest) else {
      throw LabError(.notFound, folder, "there is no testbed (make one: archetype testbed up --hosts 2 --dir \(folder))")
    }
    return manifest
  }

  /// The control plane's machine, and what its records are called.
  static let control = "control"
  static func machineRecord(_ name: String) -> String { "machine-" + name }

  /// The machine of a name if it is on.
  func running(_ name: String, _ manifest: Manifest) -> Machine? {
    // A number and a start time of another boot could by chance be those of another process.
    guard manifest.boot == Manifest.currentBoot() else { return nil }
    return RecordedProcess.read(layout.pid(Testbed.machineRecord(name)))?.open().map { Machine(name: name, first: $0) }
  }

  func requireControl(_ manifest: Manifest) throws(LabError) -> Machine {
    guard let control = running(Testbed.control, manifest) else {
      let advice = "archetype testbed down --dir \(folder), then up again"
      throw LabError(.failedPrecondition, folder, "the testbed's control plane is gone (\(advice))")
    }
    return control
  }

  func requireHost(_ host: String, _ manifest: Manifest) throws(LabError) -> Int {
    guard let number = manifest.number(ofHost: host) else {
      throw LabError(.notFound, host, "isn't a host of this testbed (it has h1 to h\(manifest.hosts))")
    }
    return number
  }

  func requireOn(_ name: String, _ manifest: Manifest) throws(LabError) -> Machine {
    if name == Testbed.control { return try requireControl(manifest) }
    _ = try requireHost(name, manifest)
    guard let machine = running(name, manifest) else {
      throw LabError(.failedPrecondition, name, "is off (archetype testbed power-on \(name) --dir \(folder))")
    }
    return machine
  }

  /// The machine that a process belongs to.
  func machineName(of process: String, _ manifest: Manifest) throws(LabError) -> String {
    if Programs.services.contains(process) { return Testbed.control }
    if let host = manifest.hostNames.first(where: { manifest.processes(ofHost: $0).contains(process) }) { return host }
    let kinds = manifest.processes(ofHost: "h1").map { "\($0) to \($0.dropLast())\(manifest.hosts)" }
    let known = (Programs.services + kinds).joined(separator: ", ")
    throw LabError(.notFound, process, "isn't a process of this testbed (it has \(known))")
  }
}
