import Arguments
import Glibc
import Logging
public import Machine
public import Model

/// What a program that serves counts of itself, for whoever asks how it is.
public struct Vitals: Sendable {
  /// Milliseconds: the longest round is remembered for one to two of these.
  private static let stretch: UInt64 = 30_000

  private let instance: Instance
  private let begin: Instant
  private var handled: UInt64 = 0
  private var stretchEnd: Instant
  private var longest: UInt64 = 0
  private var longestBefore: UInt64 = 0

  public init(_ instance: Instance, at now: Now) {
    self.instance = instance
    begin = now.boot
    stretchEnd = now.boot + Self.stretch
  }

  /// A clock for rounds: microseconds since some point in the past.
  public static func microseconds() -> UInt64 { nanoseconds(of: CLOCK_MONOTONIC) / 1_000 }

  /// A round is over that began at `start`, as `microseconds` told it, and handled so many events.
  public mutating func round(since start: UInt64, events: Int, at now: Now) {
    if stretchEnd <= now.boot {
      longestBefore = now.boot.since(stretchEnd) < Self.stretch ? longest : 0
      longest = 0
      stretchEnd = now.boot + Self.stretch
    }
    handled += UInt64(events)
    longest = max(longest, Self.microseconds() - start)
  }

  public func status(isServing: Bool, waiting: Int, figures: [Figure], at now: Now) -> ProgramStatus {
    ProgramStatus(
      build: Build.version, instance: instance, uptime: now.boot.since(begin),
      processor: Self.nanoseconds(of: CLOCK_PROCESS_CPUTIME_ID) / 1_000_000, memory: Self.resident(), isServing: isServing,
      handled: handled, waiting: UInt64(waiting), longestRound: max(longest, longestBefore),
      complaint: Log.lastComplaint.map { ProgramStatus.Complaint(at: $0.at, text: $0.text) }, figures: figures)
  }

  private static func nanoseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  /// Bytes: the second number of proc(5)'s `statm`, in pages. 0 where there is no `/proc`.
  private static func resident() -> UInt64 {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var text = [UInt8](repeating: 0, count: 128)
    let length = read(file, &text, text.count)
    let words = String(decoding: text.prefix(max(0, length)), as: UTF8.self).split(separator: " ")
    return words.count > 1 ? (UInt64(words[1]) ?? 0) * UInt64(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
