import CLinux
import Glibc

/// A program in a container that enters its host: what it makes there must outlive the container, and be seen by the host.
public enum HostEntry {
  /// The exit code of this program that ran in the host; nil where this process is in its host already.
  ///
  /// To be called before anything makes a thread: a process with several can't change its mount namespace.
  public static func run() -> Int32? {
    var step: UnsafePointer<CChar>?
    let code = clinux_enter_host(CommandLine.unsafeArgv, &step)
    guard code == -2 else { return code < 0 ? nil : code }
    let cause = String(cString: strerror(errno))
    let failed = step.map { String(cString: $0) } ?? ""
    let need = "a container needs pid: host, SYS_ADMIN, SYS_PTRACE and no seccomp"
    let text = "error: the host: can't be entered: \(failed): \(cause) (\(need))\n"
    _ = write(2, Array(text.utf8), text.utf8.count)
    return 1
  }

  /// This program as this process sees it; nil: it can't be read.
  public static func program() -> String? {
    if let entered = getenv(CLINUX_ENTERED) { return String(cString: entered) }
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = readlink("/proc/self/exe", &buffer, buffer.count)
    return length > 0 ? String(decoding: buffer.prefix(length), as: UTF8.self) : nil
  }
}
