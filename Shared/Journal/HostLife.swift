import Files
import Glibc

/// What tells one life of a host from another.
public enum HostLife {
  /// The kernel's boot and, since virtual hosts share one kernel, when the first process began; empty: /proc can't be read.
  public static let current: String = {
    let boot = String(decoding: (try? File.read("/proc/sys/kernel/random/boot_id", most: 64)) ?? [], as: UTF8.self).prefix { $0 > " " }
    // proc(5): the third field is the first behind the name in parentheses; the 22nd is when it began, in ticks.
    let first = String(decoding: (try? File.read("/proc/1/stat", most: 4_096)) ?? [], as: UTF8.self)
    let fields = first.lastIndex(of: ")").map { first[$0...].split(separator: " ") } ?? []
    return fields.count > 20 ? "\(boot).\(fields[20])" : String(boot)
  }()
}
