import Arguments
import CSystemd
import Glibc
import Kernel
import Logging
import Model

/// The driver's life: until it is told to end.
enum DriverProgram {
  static func run(_ options: ServiceOptions) -> Int32 {
    if let code = HostEntry.run() { return code }
    do throws(LabError) {
      guard let level = LogLevel(options.logLevel) else {
        throw LabError(.invalidArgument, "--log-level", "'\(options.logLevel)' is none (error, warning, notice, debug or trace)")
      }
      Log.level = level
      try serve(options)
      return 0
    } catch {
      Log.error("network driver", ["subject": error.subject, "error": error])
      return error.code == .invalidArgument ? 2 : 1
    }
  }

  private static func serve(_ options: ServiceOptions) throws(LabError) {
    var ends = sigset_t()
    sigemptyset(&ends)
    for signal in [SIGTERM, SIGINT] { sigaddset(&ends, signal) }
    // Before there is another thread, which they would end.
    pthread_sigmask(SIG_BLOCK, &ends, nil)
    signal(SIGPIPE, SIG_IGN)
    let driver = try Driver(data: options.data)
    let listener = try Listener(options.arguments.value("listen") ?? "")
    let server = try EngineServer(listener.descriptor, answer: driver.answer)
    sd_notify(0, "READY=1")
    var end: Int32 = 0
    sigwait(&ends, &end)
    listener.remove()
    withExtendedLifetime(server) {}
  }
}
