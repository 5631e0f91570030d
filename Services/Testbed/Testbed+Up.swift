import Bus
import CLinux
import Glibc
import Machine
public import Model

extension Testbed {
  /// Makes the control plane and the hosts, and returns when all of it serves. What a failed call has made it removes again.
  /// - Parameters:
  ///   - hosts: 1 to 250.
  ///   - mtu: of the underlay, 1280 to 65535 bytes.
  ///   - docker: an engine in each host, at its own `/run/docker.sock`.
  ///   - metrics: each program serves its metrics to its own machine, at the port that `metricsPort` says.
  ///   - ipv6: an underlay of IPv6 addresses; hosts keep their IPv4 ones beside.
  /// - Throws: `alreadyExists` while a testbed runs here; `invalidArgument`, `unimplemented`; whatever a program says that doesn't start.
  public func up(hosts: Int, mtu: Int = 1500, docker: Bool = false, ipv6: Bool = false, metrics: Bool = false) throws(LabError) {
    guard (1...Wiring.mostHosts).contains(hosts) else {
      throw LabError(.invalidArgument, "--hosts \(hosts)", "is out of range (1 to \(Wiring.mostHosts))")
    }
    guard Wiring.mtus.contains(mtu) else {
      throw LabError(.invalidArgument, "--mtu \(mtu)", "is out of range (\(Wiring.mtus.lowerBound) to \(Wiring.mtus.upperBound))")
    }
    guard geteuid() == 0 else { throw LabError(.permissionDenied, "testbed", "needs root (run it with sudo)") }
    if docker { try Engine.requireProgram() }
    let made = try Files.makeFolders(folder)
    // The default folder lies in it.
    if made.contains(MountPlace.data.path) { MountPlace.data.putSign() }
    let lock = try FolderLock(layout.lock, .exclusive)
    let id = String(UInt64.random(in: .min ... .max), radix: 16)
    let manifest: Manifest
    do {
      manifest = try claim(
        Manifest(
          id: id, hosts: hosts, mtu: mtu, ipv6: ipv6, docker: docker, metrics: metrics, boot: Manifest.currentBoot(), made: made))
    } catch {
      if !exists { try? leaveMachine(ControlGroups(id: ""), made: made) }
      throw error
    }
    do {
      try build(manifest)
    } catch {
      // The first error is the one to tell; what can't be removed now, `down` names.
      try? sweep(manifest)
      throw error
    }
    _ = consume lock
  }

  /// Makes sure that the folder is free, and writes down what is about to be made in it.
  private func claim(_ wished: Manifest) throws(LabError) -> Manifest {
    var manifest = wished
    if let old = try Manifest.read(layout.manifest) {
      guard !([Testbed.control] + old.hostNames).contains(where: { running($0, old) != nil }) else {
        throw LabError(
          .alreadyExists, folder, "a testbed is running here (archetype testbed down --dir \(folder), or choose another --dir)")
      }
      // Left by a boot of the machine that is over, or by a call that was killed.
      try sweep(old, keepingFolder: true)
      manifest.made = old.made
    }
    for entry in Layout.entries where Files.exists(layout.entry(entry)) {
      throw LabError(.alreadyExists, layout.entry(entry), "isn't a testbed's, but has its name (choose another --dir, or move it away)")
    }
    try manifest.write(to: layout.manifest)
    return manifest
  }

  private func build(_ manifest: Manifest) throws(LabError) {
    for entry in ["logs", "pids", "hosts"] { try Files.makeFolders(layout.entry(entry)) }
    try Files.makeFolders(layout.bus, mode: 0o750)
    try Files.makeFolders(layout.entry("keys"), mode: 0o700)
    for service in Programs.services { try Files.makeFolders(layout.control(service), mode: 0o700) }
    for host in manifest.hostNames { try Files.makeFolders(layout.data(host), mode: 0o700) }
    if manifest.docker { for host in manifest.hostNames { try Engine.makeFolder(layout.docker(host)) } }
    try programs.makeKeys(layout, manifest.hostNames)

    let control = try bootControl(manifest)
    let bus = try launch("bus", in: control, manifest)
    // Hosts are made while the bus starts.
    var hosts: [(name: String, machine: Machine)] = []
    for (index, name) in manifest.hostNames.enumerated() {
      hosts.append((name, try bootHost(name, number: index + 1, control: control, manifest)))
    }
    let limit = Testbed.patience(starting: manifest.hosts, withEngine: manifest.docker)
    try bus.waitUntilServing(limit: limit)
    var starting: [Starting] = []
    for service in Programs.services.dropFirst() { starting.append(try launch(service, in: control, manifest)) }
    for host in hosts { starting += try launchAll(of: host.name, in: host.machine, manifest) }
    for process in starting { try process.waitUntilServing(limit: limit) }
    if programs.announce { try waitForHosts(manifest.hostNames, limit: limit) }
  }

  /// Hosts can be given nodes once the store knows them: a moment after their agents serve.
  private func waitForHosts(_ names: [String], limit: Int64) throws(LabError) {
    let clock: @Sendable () -> Now = { Now(boot: Instant(milliseconds: clinux_boot_milliseconds()), wall: 0) }
    let instance = Instance(.random(in: .min ... .max))
    var client = try BlockingClient(address: try BusAddress(busAddress), keys: nil, instance: instance, build: "testbed", clock: clock)
    let end = clock().boot + UInt64(limit)
    var number: UInt64 = 0
    while clock().boot < end {
      number += 1
      let reply = try client.call(.reconciler(.hosts), to: .reconciler, id: RequestID(instance, number), patience: UInt64(limit))
      if case .reconciler(.hosts(let hosts)) = reply, Set(hosts.filter { $0.session != nil }.map(\.name.text)).isSuperset(of: names) {
        return
      }
      usleep(10_000)
    }
    throw LabError(.deadlineExceeded, folder, "not all hosts registered (read \(layout.entry("logs")))")
  }

  /// Milliseconds that a start may take when this many hosts start at once: half a minute, for machines that stand still for a while, and what they
  /// take from each other.
  static func patience(starting hosts: Int, withEngine: Bool) -> Int64 {
    30_000 + 500 * Int64(hosts) + (withEngine ? Engine.patience : 0)
  }

  private func bootControl(_ manifest: Manifest) throws(LabError) -> Machine {
    let wiring = Wiring(manifest: manifest)
    let machine = try boot(Testbed.control, ownSystem: false, binds: [], settings: wiring.settings(ofHost: false))
    try wiring.makeBridges(in: machine)
    return machine
  }

  /// Switches a host on: its namespaces, its disk, its cables; no agent yet.
  func bootHost(_ name: String, number: Int, control: Machine, _ manifest: Manifest) throws(LabError) -> Machine {
    let wiring = Wiring(manifest: manifest)
    let shared = try FolderLock(folder: MountPlace.lock, .shared)
    let groups = ControlGroups(id: manifest.id).make(host: name)
    try MountPlace.data.make()
    var binds = groups + [(layout.data(name), MountPlace.data.path), (layout.keys(name), Programs.keysInside)]
    if manifest.docker {
      try MountPlace.engine.make()
      binds += [(layout.docker(name), Engine.folder), (layout.docker(name) + "/etc", MountPlace.engine.path)]
    }
    let machine = try boot(name, ownSystem: true, binds: binds, settings: wiring.settings(ofHost: true))
    _ = consume shared
    try wiring.connect(machine, number: number, to: control, cut: cuts(of: name))
    return machine
  }

  private func boot(
    _ name: String, ownSystem: Bool, binds: [(source: String, target: String)], settings: [(file: String, text: String)]
  ) throws(LabError) -> Machine {
    let subject = Testbed.machineRecord(name)
    let first = Command(arguments: programs.first, environment: Programs.environment(), log: try openLog(subject))
    let pid = try MachineBlueprint(name: name, first: first, ownSystem: ownSystem, binds: binds, settings: settings).boot()
    guard let process = try RecordedProcess.remember(pid, at: layout.pid(subject))?.open() else {
      throw LabError(.internalError, name, "its first process ended at once (read \(layout.log(subject)))")
    }
    return Machine(name: name, first: process)
  }

  func openLog(_ process: String) throws(LabError) -> OpenFile {
    let path = layout.log(process)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw systemError(path, "can't be opened") }
    return OpenFile(descriptor)
  }

  /// Starts what a host runs; what is returned doesn't serve yet. The network driver serves before the engine begins, as systemd's socket does
  /// elsewhere: an engine starts containers at once, and gives up those whose network has no driver then.
  func launchAll(of host: String, in machine: Machine, _ manifest: Manifest) throws(LabError) -> [Starting] {
    var starting: [Starting] = []
    for process in manifest.processes(ofHost: host) {
      let started = try launch(process, in: machine, manifest)
      if process.hasPrefix("network/") {
        try started.waitUntilServing(limit: Testbed.patience(starting: manifest.hosts, withEngine: false))
      } else {
        starting.append(started)
      }
    }
    return starting
  }

  /// Starts a program of the testbed; it doesn't serve yet.
  func launch(_ name: String, in machine: Machine, _ manifest: Manifest) throws(LabError) -> Starting {
    let notices = programs.announce ? try Starting.listen(in: machine, for: name) : nil
    let environment = Programs.environment() + (notices.map { ["NOTIFY_SOCKET=" + $0.name] } ?? [])
    let arguments = programs.arguments(name, layout, Wiring(manifest: manifest))
    let command = Command(arguments: arguments, environment: environment, log: try openLog(name))
    let pid = try machine.launch(name, command)
    guard let process = try RecordedProcess.remember(pid, at: layout.pid(name))?.open() else {
      let words = Files.read(layout.log(name), last: 1500) ?? ""
      throw LabError(.unavailable, name, "ended at once (read \(layout.log(name)))", cause: words)
    }
    return Starting(subject: name, process: process, notices: notices?.socket, log: layout.log(name), reachesBus: reachesBus(name))
  }

  /// Whether the bus runs and no cable of ours on the way to it is cut. An engine and its network driver need none.
  private func reachesBus(_ name: String) -> Bool {
    if name == "bus" || name.hasPrefix("docker/") || name.hasPrefix("network/") { return true }
    guard RecordedProcess.read(layout.pid("bus"))?.open() != nil else { return false }
    return !name.hasPrefix("agent/") || !cuts(of: String(name.dropFirst("agent/".count))).contains(.bus)
  }
}
