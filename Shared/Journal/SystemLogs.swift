import CLinux
import Glibc
import Model

/// Ends of the host's own logs, bounded, and with what looks like a secret taken out.
enum SystemLogs {
  /// Longest time that the system's log may take, in milliseconds.
  private static let patience: Int32 = 5_000
  private static let outputKept = 128 << 10
  /// Of syslog(3): warnings and worse.
  private static let leastPriority = 4

  /// What the kernel has said since its boot, but for what it says ordinarily.
  static func kernel() -> SystemLines {
    let file = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { return SystemLines([], reason: "/dev/kmsg can't be read: \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var lines: [String] = []
    var buffer = [UInt8](repeating: 0, count: 8_192)
    while true {
      let count = read(file, &buffer, buffer.count)
      // EPIPE: records were overwritten before they were read; it goes on with the oldest that are left.
      if count < 0 && (errno == EPIPE || errno == EINTR) { continue }
      if count <= 0 { break }
      if let line = kernelLine(String(decoding: buffer[..<count], as: UTF8.self)) { lines.append(line) }
      if lines.count > 2 * Limits.postmortemLines { lines.removeFirst(Limits.postmortemLines) }
    }
    return SystemLines(clean(lines))
  }

  /// `PRIORITY,NUMBER,MICROSECONDS,…;TEXT` as the kernel's documentation of /dev/kmsg has it; nil: an ordinary one.
  static func kernelLine(_ record: String) -> String? {
    guard let semicolon = record.firstIndex(of: ";") else { return nil }
    let head = record[..<semicolon].split(separator: ",")
    guard head.count > 2, let priority = Int(head[0]), priority & 7 <= leastPriority, let microseconds = Int(head[2]) else { return nil }
    let text = record[record.index(after: semicolon)...].prefix { $0 != "\n" }
    let fraction = String(microseconds % 1_000_000 / 1_000)
    return "[\(microseconds / 1_000_000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)] \(text)"
  }

  /// The end of the system's log of the boot before.
  static func lastBoot() -> SystemLines {
    let places: [String] = ["/usr/bin/journalctl", "/bin/journalctl"]
    guard let program = places.first(where: { access($0, X_OK) == 0 }) else {
      return SystemLines([], reason: "this host has no journalctl")
    }
    let words = [program, "-b", "-1", "-n", "\(Limits.postmortemLines)", "-o", "short-iso", "--no-pager", "-q"]
    guard let (output, status) = run(words) else { return SystemLines([], reason: "journalctl took longer than \(patience / 1_000) s") }
    let lines = clean(output.split(separator: "\n").map(String.init))
    if status == 0 { return SystemLines(lines, reason: lines.isEmpty ? "the system's log has nothing of the boot before" : "") }
    return SystemLines([], reason: "the system's log has nothing of the boot before\(lines.first.map { " (\($0))" } ?? "")")
  }

  /// A program's output and its wait status; nil: it took too long.
  private static func run(_ words: [String]) -> (output: String, status: Int32)? {
    var ends: [Int32] = [0, 0]
    guard clinux_pipe(&ends, 1) == 0 else { return ("", -1) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let error = posix_spawn(&pid, words[0], &actions, nil, &arguments, clinux_environment())
    close(ends[1])
    guard error == 0 else { return (String(cString: strerror(error)), -1) }
    var status: Int32 = -1
    let output = collect(ends[0])
    if output == nil { kill(pid, SIGKILL) }
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    return output.map { (String(decoding: $0, as: UTF8.self), status) }
  }

  /// The end of what comes until the other end closes; nil: it didn't in time.
  private static func collect(_ descriptor: Int32) -> [UInt8]? {
    let deadline = clinux_boot_milliseconds() + UInt64(patience)
    var kept: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let now = clinux_boot_milliseconds()
      var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard now < deadline, poll(&watched, 1, Int32(deadline - now)) >= 0 || errno == EINTR else { return nil }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      if count <= 0 { return kept }
      kept = Array((kept + buffer[..<count]).suffix(outputKept))
    }
  }

  private static func clean(_ lines: [String]) -> [String] {
    lines.suffix(Limits.postmortemLines).map { line in
      let text = String(String.UnicodeScalarView(line.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7f || $0 == "\t" }))
      return Redaction.line(String(text.prefix(Limits.postmortemLine)))
    }
  }
}
