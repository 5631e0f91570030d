import CLinux
import Glibc

/// A thread that runs one body.
public enum OwnThread {
  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// - Returns: why it can't be started, in the system's words; nil: it runs.
  public static func start(_ body: @escaping @Sendable () -> Void) -> String? {
    let start = Unmanaged.passRetained(Start(body))
    let error = clinux_start_thread(
      { if let start = $0 { Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body() } }, start.toOpaque())
    guard error != 0 else { return nil }
    start.release()
    return String(cString: strerror(error))
  }
}
