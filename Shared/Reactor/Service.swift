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
  /// - Returns: the exit code: 0; 1 after an error, which is logged; 2 for wrong options.
  public static func run<A: App & ~Copyable>(
    _ name: PeerName, _ options: ServiceOptions, makeApp: (Instance) throws(LabError) -> A
  ) -> Int32 {
    while true {
      do throws(LabError) {
        guard try live(name, options, makeApp) else { return 0 }
        Log.notice("begins anew", ["peer": name])
      } catch {
        let isOver = error.code != .resourceExhausted
        Log.error(isOver ? "service ends" : "service starts again", ["peer": name, "error": error, "code": error.code.rawValue])
        if isOver { return error.code == .invalidArgument ? 2 : 1 }
        sleep(pause)
      }
    }
  }

  /// - Returns: whether it wants to begin anew.
  private static func live<A: App & ~Copyable>(
    _ name: PeerName, _ options: ServiceOptions, _ makeApp: (Instance) throws(LabError) -> A
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
