import CLinux
import Glibc

/// Tells that mounts of the calling process's namespace have changed: also that somebody took a pin away.
public struct MountMonitor: ~Copyable, Sendable {
  private let table: Descriptor
  private let watch: Descriptor
  /// To poll for reading.
  public var number: Int32 { watch.number }

  public init() throws(KernelError) {
    let opened = try Descriptor(path: "/proc/self/mountinfo", flags: O_RDONLY)
    let number = clinux_watch_mounts(opened.number)
    guard number >= 0 else { throw .current("watch the mounts") }
    table = opened
    watch = Descriptor(owning: number)
  }

  /// Forgets what was told: whoever asks reads the mounts then.
  public func drain() { while clinux_mounts_changed(watch.number) != 0 {} }
}
