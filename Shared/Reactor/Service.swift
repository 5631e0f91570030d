public import Arguments
import Bus
import Glibc
import Logging
import Metrics
public import Model

/// A service's life, from its options to its exit code.
public enum Service {
  /// How long a service that ran out of something waits before it starts again, in seconds.
  private static let pause: UInt32 = 1

  /// Runs a service until it is told to end. Call it first in `main`: signals are taken before there are threads. One that runs out of disk
  /// or memory starts again from what it has stored: what it can do then, it does.
  ///
  /// - Parameter makeApp: opens what the service keeps; it learns the process's instance.
  /// - Returns: the exit code: 0, or that of an error, which is logged.
  public static func run<A: App & ~Copyable>(
    _ name: PeerName, _ options: ServiceOptions, makeApp: (Instance) throws(LabError) -> A
  ) -> Int32 {
    while true {
      var hasBegun = false
      do throws(LabError) {
        guard try live(name, options, makeApp, &hasBegun) else { return 0 }
        Log.notice("begins anew", ["peer": name])
      } catch {
        let isOver = error.code != .resourceExhausted
        Log.error(isOver ? "service ends" : "service starts again", ["peer": name, "error": error, "code": error.code.rawValue])
        if isOver { return exitCode(of: error, hasBegun: hasBegun) }
        sleep(pause)
      }
    }
  }

  /// How a service ends by an error, for those who start it again: 2 for wrong options, 78 (`EX_CONFIG` of sysexits.h) where it can't begin
  /// until somebody puts keys or data right, 1 where another start may succeed.
  ///
  /// - Parameter hasBegun: whether all that it needs was there. What goes wrong afterwards may be otherwise at the next start.
  public static func exitCode(of error: LabError, hasBegun: Bool = false) -> Int32 {
    if hasBegun { return 1 }
    return switch error.code {
    case .invalidArgument, .unimplemented: 2
    case .failedPrecondition: 78
    case .notFound, .alreadyExists, .permissionDenied, .unauthenticated, .resourceExhausted, .aborted, .outOfRange, .internalError,
      .unavailable, .deadlineExceeded, .cancelled, .unknown:
      1
    }
  }

  /// - Returns: whether it wants to begin anew.
  private static func live<A: App & ~Copyable>(
    _ name: PeerName, _ options: ServiceOptions, _ makeApp: (Instance) throws(LabError) -> A, _ hasBegun: inout Bool
  ) throws(LabError) -> Bool {
    try setLevel(options.logLevel)
    let address = try BusAddress(options.bus)
    let metrics = try options.metrics.map { text throws(LabError) in try MetricsAddress(text) }
    let signals = try Signals()
    let instance = Clock.makeInstance()
    let keys = try Keys.loadPeer(options.keys, at: address)
    let app = try makeApp(instance)
    let peer = try Peer(name: name, instance: instance, address: address, keys: keys, build: Build.version, context: try Context())
    var reactor = Reactor(app: app, peer: peer, signals: signals, metrics: try MetricsServer(metrics, of: "\(name)"))
    hasBegun = true
    return try reactor.run()
  }

  /// - Throws: `INVALID_ARGUMENT` with the levels that there are.
  public static func setLevel(_ text: String) throws(LabError) {
    guard let level = LogLevel(text) else {
      throw LabError(.invalidArgument, "--log-level", "'\(text)' is none of \(LogLevel.allCases.map { "\($0)" }.joined(separator: ", "))")
    }
    Log.level = level
  }
}
