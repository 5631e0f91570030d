import CLinux
import Glibc
public import Model

extension Testbed {
  /// Runs a program in a host (or `control`) with the caller's stdin, stdout and stderr, in the caller's folder, and waits for its end.
  /// - Returns: its exit code; 128 and the signal that ended it; 127 if there is no such program, 126 if it can't be run.
  public func exec(_ host: String, _ arguments: [String]) throws(LabError) -> Int32 {
    guard !arguments.isEmpty else { throw LabError(.invalidArgument, host, "there is no command (testbed exec \(host) -- COMMAND…)") }
    let machine = try requireOn(host, try manifest())
    let current = getcwd(nil, 0)
    defer { free(current) }
    var environment: [String] = []
    if var entry = clinux_environment() {
      while let text = entry.pointee {
        environment.append(String(cString: text))
        entry += 1
      }
    }
    let folder = current.map { String(cString: $0) } ?? "/"
    return try machine.run(Command(arguments: arguments, environment: environment, log: nil, folder: folder))
  }

  /// Cuts a host's power: everything that runs in it and its `/run` are gone when this returns; its disk stays. Off already is no error.
  public func powerOff(_ host: String) throws(LabError) {
    try change(host) { manifest throws(LabError) in
      let number = try requireHost(host, manifest)
      if let machine = running(host, manifest) {
        machine.first.kill()
        try machine.first.waitUntilDead(host)
        machine.first.waitUntilReaped()
      }
      try Wiring(manifest: manifest).disconnect(number, from: try requireControl(manifest))
      try ControlGroups(id: manifest.id).remove(host: host)
      unlink(layout.pid(Testbed.machineRecord(host)))
      for process in manifest.processes(ofHost: host) { unlink(layout.pid(process)) }
    }
  }

  /// Switches a host on with the disk that it had, and returns when its engine and its agent serve, or only runs while no bus can be
  /// reached. On already is no error, and changes nothing.
  public func powerOn(_ host: String) throws(LabError) {
    var starting: [Starting] = []
    try change(host) { manifest throws(LabError) in
      let number = try requireHost(host, manifest)
      guard running(host, manifest) == nil else { return }
      let machine = try bootHost(host, number: number, control: try requireControl(manifest), manifest)
      starting = try launchAll(of: host, in: machine, manifest)
    }
    for process in starting {
      try process.waitUntilServing(limit: Testbed.patience(starting: 1, withEngine: process.subject.hasPrefix("docker/")))
    }
  }

  /// Cuts cables of a host; they stay cut through a power cut.
  public func cut(_ host: String, _ cables: Set<Cable> = Set(Cable.allCases)) throws(LabError) { try set(host, cables, cut: true) }

  /// Heals cables of a host.
  public func heal(_ host: String, _ cables: Set<Cable> = Set(Cable.allCases)) throws(LabError) { try set(host, cables, cut: false) }

  private func set(_ host: String, _ cables: Set<Cable>, cut: Bool) throws(LabError) {
    try change(host) { manifest throws(LabError) in
      let number = try requireHost(host, manifest)
      let control = try requireControl(manifest)
      let before = cuts(of: host)
      let after = cut ? before.union(cables) : before.subtracting(cables)
      try Files.replace(layout.cuts(host), after.map { $0.rawValue + "\n" }.sorted().joined())
      for cable in Cable.allCases where cables.contains(cable) {
        try Wiring(manifest: manifest).set(cable, of: number, cut: cut, in: control)
      }
    }
  }

  func cuts(of host: String) -> Set<Cable> {
    Set((Files.read(layout.cuts(host)) ?? "").split(separator: "\n").compactMap { Cable(rawValue: String($0)) })
  }

  /// SIGKILL; returns when the process is dead. Nothing starts it again until `start`. Dead already is no error.
  /// - Parameter name: `bus`, `configs`, `jobs`, `links`, `reconciler`, `agent/h1`…, `network/h1`…, `docker/h1`….
  public func kill(_ name: String) throws(LabError) {
    let machine = try machineName(of: name, try manifest())
    try change(machine == Testbed.control ? name : machine) { manifest throws(LabError) in
      guard manifest.boot == Manifest.currentBoot(), let process = RecordedProcess.read(layout.pid(name))?.open() else { return }
      process.kill()
      try process.waitUntilDead(name)
      process.waitUntilReaped()
      unlink(layout.pid(name))
    }
  }

  /// Starts a process that is dead, and returns when it serves, or only runs while no bus can be reached. Running already is
  /// no error.
  /// - Parameter name: as of `kill`.
  public func start(_ name: String) throws(LabError) {
    let machine = try machineName(of: name, try manifest())
    var starting: Starting?
    try change(machine == Testbed.control ? name : machine) { manifest throws(LabError) in
      let place = try requireOn(machine, manifest)
      if RecordedProcess.read(layout.pid(name))?.open() == nil { starting = try launch(name, in: place, manifest) }
    }
    try starting?.waitUntilServing(limit: Testbed.patience(starting: 1, withEngine: name.hasPrefix("docker/")))
  }

  /// The process id of a process as the machine sees it, or nil when it doesn't run.
  public func processID(_ name: String) throws(LabError) -> Int32? {
    let manifest = try manifest()
    _ = try machineName(of: name, manifest)
    guard manifest.boot == Manifest.currentBoot() else { return nil }
    return RecordedProcess.read(layout.pid(name))?.open()?.pid
  }

  /// One change of one machine or service at a time, and none beside `up` and `down`.
  private func change(_ subject: String, _ body: (Manifest) throws(LabError) -> Void) throws(LabError) {
    _ = try manifest()
    let whole = try FolderLock(layout.lock, .shared)
    let manifest = try manifest()
    if !Programs.services.contains(subject) { _ = try requireHost(subject, manifest) }
    let own = try FolderLock(layout.lock(subject), .exclusive)
    try body(manifest)
    _ = consume own
    _ = consume whole
  }
}
