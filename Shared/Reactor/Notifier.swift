import CSystemd
public import Machine

/// Tells the service manager how we are, if it asked to be told (`NOTIFY_SOCKET`).
public struct Notifier: Sendable {
  /// Half of the time after which it would end us; nil: no watchdog.
  private let pause: UInt64?
  private var due: Instant?
  public private(set) var isReady = false

  public init(at now: Now) {
    var microseconds: UInt64 = 0
    pause = sd_watchdog_enabled(0, &microseconds) > 0 ? max(microseconds / 2_000, 1) : nil
    due = pause.map { now.boot + $0 }
  }

  public var wakeAt: Instant? { due }

  public mutating func ready() {
    guard !isReady else { return }
    isReady = true
    sd_notify(0, "READY=1")
  }

  public mutating func tick(at now: Now) {
    guard let pause, let due, due <= now.boot else { return }
    self.due = now.boot + pause
    sd_notify(0, "WATCHDOG=1")
  }

  public func stopping() { sd_notify(0, "STOPPING=1") }
}
