import CLinux
import Glibc

/// The folder in which the host's sandboxes and its fabric are pinned, `/run/archetype/netns` by default.
///
/// A pin is a mount, and every new mount namespace (a node's, a container's, a service's) gets a copy of every mount: 1,000 pins made
/// that twelve times slower (0.26 ms to 3.2 ms). The kernel leaves out mounts of *mount* namespaces with all that is mounted on them
/// (`copy_tree`), so each pin lies on one, the shield: 0.39 ms with 1,000 pins, and a node sees none of them.
public struct NamespacePins: Sendable, Hashable {
  public static let defaultFolder = "/run/archetype/netns"
  /// Space for 64 thousand pins' empty files; the rest of the machine's memory is safe from a mistake.
  private static let folderSize = "32m"
  private static let shieldName = ".shield"

  public let folder: String

  /// Opens the folder, and makes it with its mount where it isn't there.
  public init(folder: String = NamespacePins.defaultFolder) throws(KernelError) {
    self.folder = folder
    try makeFolders(folder)
    let turn = try takeTurn()
    defer { close(turn) }
    let shield = "\(folder)/\(Self.shieldName)"
    if clinux_namespace_type(-1, shield) == CLINUX_MOUNT_NAMESPACE { return }
    if !isMountPoint(folder), clinux_private_tmpfs(folder, Self.folderSize) != 0 { throw .current("mount the folder \(folder)") }
    try makeFile(shield)
    // A mount namespace can be mounted only in one with a smaller number (EINVAL otherwise), and each processor numbers from a batch of its
    // own: the one that numbered this thread's namespace has larger ones left, the others may have to use theirs up.
    for attempt in 0...Self.mostShields {
      let namespace = try onOwnThread { () throws(KernelError) -> Int32 in
        if attempt > 0 { clinux_move_to_processor(Int32(attempt)) }
        let number = clinux_empty_mount_namespace(folder)
        guard number >= 0 else { throw .current("make the shield of \(folder)") }
        return number
      }
      let descriptor = Descriptor(owning: namespace)
      do throws(KernelError) {
        try bind("/proc/self/fd/\(descriptor.number)", shield)
        return
      } catch { if error.code != EINVAL || attempt == Self.mostShields { throw error } }
    }
  }
  /// More than two processors' batches of numbers (`COOKIE_LOCAL_BATCH`), at 0.1 ms each.
  private static let mostShields = 10_000

  /// The folder as it is, to read only.
  init(existing folder: String) { self.folder = folder }

  /// Where the pin `name` is, whether or not it is there.
  public func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Opens what is pinned as `name`. ENOENT where nothing is, EINVAL where only an empty file is left.
  public func open(_ name: String) throws(KernelError) -> NetworkNamespace { try NetworkNamespace(path: path(name)) }

  /// Pins `namespace` as `name`. Success if that very namespace is pinned there already, EEXIST if another one is.
  public func pin(_ namespace: borrowing NetworkNamespace, as name: String) throws(KernelError) {
    let path = path(name)
    if holdsNamespace(path) {
      let present = try NetworkNamespace(path: path)
      guard try present.identity == namespace.identity else { throw KernelError(EEXIST, "pin \(path)", "another namespace is there") }
      return
    }
    try pin(descriptor: namespace.descriptor.number, at: path)
  }

  /// Opens the namespace pinned as `name`, or makes it with loopback up.
  public func openOrCreate(_ name: String, loopbackUp: Bool = true) throws(KernelError) -> NetworkNamespace {
    let turn = try takeTurn()
    defer { close(turn) }
    if holdsNamespace(path(name)) { return try open(name) }
    let namespace = try NetworkNamespace.create(loopbackUp: loopbackUp)
    try pin(descriptor: namespace.descriptor.number, at: path(name))
    return namespace
  }

  /// Makes and pins one namespace for each name that has none (0.5 ms each), loopback up. One outcome per name.
  public func createMany(_ names: [String]) -> [Result<Void, KernelError>] {
    let missing = names.indices.filter { !holdsNamespace(path(names[$0])) }
    var outcomes = [Result<Void, KernelError>](repeating: .success(()), count: names.count)
    do throws(KernelError) {
      let made = try mapOnOwnThreads(missing.map { path(names[$0]) }) { path -> Result<Void, KernelError> in
        do throws(KernelError) {
          let made = Descriptor(owning: try makeNamespace(loopbackUp: true))
          return .success(try pin(descriptor: made.number, at: path))
        } catch { return .failure(error) }
      }
      for (index, outcome) in zip(missing, made) { outcomes[index] = outcome }
    } catch { for index in missing { outcomes[index] = .failure(error) } }
    return outcomes
  }

  /// Takes the pin away; success where none is.
  public func unpin(_ name: String) throws(KernelError) {
    let path = path(name)
    // The namespace, the shield under it, and what interrupted attempts left.
    while clinux_detach_mount(path) == 0 {}
    guard errno == EINVAL || errno == ENOENT else { throw .current("unpin \(path)") }
    guard unlink(path) == 0 || errno == ENOENT else { throw .current("remove \(path)") }
  }

  /// Names of all namespaces pinned here, sorted. Files without a namespace are left out: a pin may be under way.
  public func list() throws(KernelError) -> [String] {
    guard let directory = opendir(folder) else { throw .current("read \(folder)") }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix("."), holdsNamespace(path(name)) { names.append(name) }
    }
    return names.sorted()
  }

  /// Unmounts the folder with all pins and removes it.
  public func remove() throws(KernelError) {
    guard clinux_detach_mount(folder) == 0 else { throw .current("unmount \(folder)") }
    guard rmdir(folder) == 0 else { throw .current("remove \(folder)") }
    unlink("\(folder).lock")
  }

  /// Agent and network driver may be the first on a host at the same time.
  private func takeTurn() throws(KernelError) -> Int32 {
    let lock = Glibc.open("\(folder).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw .current("lock \(folder)") }
    return lock
  }

  private func pin(descriptor: Int32, at path: String) throws(KernelError) {
    try makeFile(path)
    if !isMountPoint(path) { try bind("\(folder)/\(Self.shieldName)", path) }
    try bind("/proc/self/fd/\(descriptor)", path)
  }

  private func bind(_ source: String, _ target: String) throws(KernelError) {
    guard clinux_bind_mount(source, target) == 0 else { throw .current("mount at \(target)") }
  }

  private func makeFile(_ path: String) throws(KernelError) {
    let number = Glibc.open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0o400)
    guard number >= 0 else { throw .current("make \(path)") }
    close(number)
  }
}

private func holdsNamespace(_ path: String) -> Bool { clinux_namespace_type(-1, path) == CLINUX_NETWORK_NAMESPACE }

/// Whether something is mounted at `path`: it lies on another device than the folder it is in.
private func isMountPoint(_ path: String) -> Bool {
  var own = stat()
  var above = stat()
  let parent = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
  return lstat(path, &own) == 0 && lstat(parent.isEmpty ? "/" : parent, &above) == 0 && own.st_dev != above.st_dev
}

private func makeFolders(_ path: String) throws(KernelError) {
  var made = ""
  for part in path.split(separator: "/") {
    made += "/\(part)"
    guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw .current("make the folder \(made)") }
  }
}
