import CLinux
import Glibc
public import Model

extension Testbed {
  /// Ends every process of the testbed and removes all that `up` made, whatever state it is in. No testbed is no error.
  public func down() throws(LabError) {
    guard Files.exists(folder) else { return }
    let lock = try FolderLock(layout.lock, .exclusive)
    guard let manifest = try Manifest.read(layout.manifest) else {
      unlink(layout.lock)
      return
    }
    try sweep(manifest)
    _ = consume lock
  }

  /// Removes everything; the caller holds the lock. The manifest goes last, so that a later call can finish what this one can't.
  func sweep(_ manifest: Manifest, keepingFolder: Bool = false) throws(LabError) {
    // All processes are in the machines, and a machine's end is theirs.
    let machines = ([Testbed.control] + manifest.hostNames).compactMap { running($0, manifest) }
    for machine in machines { machine.first.kill() }
    for machine in machines { try machine.first.waitUntilDead(machine.name) }
    for machine in machines { machine.first.waitUntilReaped() }
    for entry in Layout.entries { try Files.removeTree(layout.entry(entry)) }
    try leaveMachine(ControlGroups(id: manifest.id), made: manifest.made, keepingFolder: keepingFolder)
  }

  /// Removes what is not, or not only, in the testbed's folder: control groups, the manifest, the lock, and the folders that `up` made unless
  /// others have put something there. Another testbed's hosts must not be in the making meanwhile.
  func leaveMachine(_ groups: ControlGroups, made: [String], keepingFolder: Bool = false) throws(LabError) {
    let machine = try FolderLock(folder: MountPlace.lock, .exclusive)
    let isOnlyOne = groups.isOnlyOne
    try groups.remove()
    unlink(layout.manifest)
    if !keepingFolder {
      unlink(layout.lock)
      for folder in made.reversed() where folder != MountPlace.data.path { rmdir(folder) }
    }
    if isOnlyOne { for place in MountPlace.all { place.remove() } }
    _ = consume machine
  }
}
