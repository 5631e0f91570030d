import CLinux
import Glibc
import Model

/// A process of ours as DIR/pids remembers it. A number alone may have been given to another process since; with its start time it is
/// certain.
struct RecordedProcess: Sendable, Hashable {
  let pid: pid_t
  /// Clock ticks since boot (proc(5), field 22 of stat).
  let start: UInt64

  /// - Returns: nil when the process is gone already.
  static func remember(_ pid: pid_t, at path: String) throws(LabError) -> RecordedProcess? {
    guard let (start, _) = status(of: pid) else { return nil }
    let record = RecordedProcess(pid: pid, start: start)
    try Files.replace(path, "\(pid) \(start)\n")
    return record
  }

  static func read(_ path: String) -> RecordedProcess? {
    guard let text = Files.read(path) else { return nil }
    let numbers = text.split(whereSeparator: { $0 == " " || $0 == "\n" })
    guard numbers.count == 2, let pid = pid_t(numbers[0]), pid > 0, let start = UInt64(numbers[1]) else { return nil }
    return RecordedProcess(pid: pid, start: start)
  }

  /// Start time and state letter.
  private static func status(of pid: pid_t) -> (start: UInt64, state: Substring)? {
    // The name in parentheses may hold anything, also parentheses and spaces.
    guard let text = Files.read("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let start = UInt64(fields[19]) else { return nil }
    return (start, fields[0])
  }

  /// The process itself, or nil if it has ended.
  func open() -> LiveProcess? {
    let descriptor = clinux_pidfd_open(pid)
    guard descriptor >= 0 else { return nil }
    let file = OpenFile(descriptor)
    guard let (start, state) = RecordedProcess.status(of: pid), start == self.start, state != "Z", state != "X" else { return nil }
    return LiveProcess(pid: pid, descriptor: file)
  }
}

/// A descriptor of a process that ran when it was opened; it can't come to mean another.
struct LiveProcess: Sendable {
  let pid: pid_t
  let descriptor: OpenFile

  /// How long the kernel may take to end a killed process; it needs longer only when a device hangs.
  private static let patience: Int32 = 10_000

  func kill() { _ = clinux_pidfd_signal(descriptor.number, SIGKILL) }

  /// Waits until the process, and with a machine's PID 1 all that it held, is dead.
  func waitUntilDead(_ subject: String) throws(LabError) {
    var entry = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
    while true {
      let ready = poll(&entry, 1, LiveProcess.patience)
      if ready > 0 { return }
      if ready < 0, errno == EINTR { continue }
      throw LabError(.deadlineExceeded, subject, "process \(pid) doesn't end (look for D in its state: a device hangs)")
    }
  }

  /// Waits a moment until the dead process has also left the table of processes. Its parent sees to that: a machine's PID 1, and of that the
  /// PID 1 of all; a machine whose own doesn't keeps it as a zombie.
  func waitUntilReaped() {
    for _ in 0..<1000 where clinux_pidfd_signal(descriptor.number, 0) == 0 { usleep(1000) }
  }
}
