import Arguments
import Engine
import Glibc
import Kernel
import Logging
import Metrics
import Model
import Reactor

/// The driver's life: until it is told to end.
enum DriverProgram {
  static func run(_ options: ServiceOptions) -> Int32 {
    if let code = HostEntry.run() { return code }
    do throws(LabError) {
      try Service.setLevel(options.logLevel)
      if options.arguments.flag("check") { try check(options) } else { try serve(options) }
      return 0
    } catch {
      Log.error("network driver", ["subject": error.subject, "error": error])
      return error.code == .invalidArgument ? 2 : 1
    }
  }

  /// As an engine begins.
  ///
  /// - Throws: `UNAVAILABLE` where nobody serves, `DEADLINE_EXCEEDED`.
  private static func check(_ options: ServiceOptions) throws(LabError) {
    let client = try EngineClient(socket: options.arguments.value("listen") ?? "")
    _ = try client.call(EngineRequest(.post, "/Plugin.Activate", deadline: 3_000))
  }

  private static func serve(_ options: ServiceOptions) throws(LabError) {
    var ends = sigset_t()
    sigemptyset(&ends)
    for signal in [SIGTERM, SIGINT] { sigaddset(&ends, signal) }
    // Before there is another thread, which they would end.
    pthread_sigmask(SIG_BLOCK, &ends, nil)
    signal(SIGPIPE, SIG_IGN)
    let place = try options.metrics.map { text throws(LabError) in try MetricsAddress(text) }
    var metrics = try MetricsServer(place, of: "network")
    let driver = try Driver(data: options.data)
    let listener = try Listener(options.arguments.value("listen") ?? "")
    let calls = Calls(Clock.makeInstance(), at: Clock.now())
    let server = try EngineServer(listener.descriptor) { path, body in calls.count { driver.answer(path, body) } }
    var notifier = Notifier(at: Clock.now())
    notifier.ready()
    var pause = timespec(tv_sec: 1, tv_nsec: 0)
    repeat {
      let now = Clock.now()
      guard let status = calls.status(at: now) else { continue }
      if metrics.isDue(at: now) { metrics.show(status, at: now) }
      notifier.tick(at: now)
    } while sigtimedwait(&ends, nil, &pause) < 0
    notifier.stopping()
    listener.remove()
    withExtendedLifetime(server) {}
  }
}
