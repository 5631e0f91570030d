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
    let groups = ControlGroups(id: manifest.id)
    let isOnlyOne = groups.isOnlyOne
    try groups.remove()
    for entry in Layout.entries { try Files.removeTree(layout.entry(entry)) }
    if isOnlyOne { DataFolder.remove() }
    unlink(layout.manifest)
    if !keepingFolder { removeFolders(manifest.made) }
  }

  /// The lock, and the folders that `up` made unless others have put something there.
  func removeFolders(_ made: [String]) {
    unlink(layout.lock)
    for folder in made.reversed() { rmdir(folder) }
  }
}

/// `/var/lib/archetype` of the machine itself: hosts mount their own over it, so it must be there, empty or not.
enum DataFolder {
  static let path = "/var/lib/archetype"
  /// Says that a testbed made the folder, so that the last one removes it.
  private static let sign = path + "/.made-by-testbed"

  static func make() throws(LabError) {
    guard !Files.exists(path) else { return }
    try Files.makeFolders(path)
    try Files.replace(sign, "")
  }

  /// Only for the last testbed: removing a folder takes the mounts on it away from other namespaces.
  static func remove() {
    guard Files.exists(sign) else { return }
    unlink(sign)
    if rmdir(path) != 0 { try? Files.replace(sign, "") }
  }
}
