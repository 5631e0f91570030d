public import Bus
import Glibc
import Logging
public import Model

/// A service's life, from its options to its exit code.
public enum Service {
  /// What every service is told on its command line.
  public struct Settings: Sendable {
    public var bus: BusAddress
    /// The folder of `peer.key`; needed for TCP.
    public var keys: String?
    public var build: String
    public init(bus: BusAddress, keys: String?, build: String) {
      self.bus = bus
      self.keys = keys
      self.build = build
    }
  }

  /// Runs a service until it is told to end. Call it first in `main`: signals are taken before there are threads.
  ///
  /// - Parameter makeApp: opens what the service keeps; it learns the process's instance.
  /// - Returns: the exit code: 0, or 1 after an error, which is logged.
  public static func run<A: App & ~Copyable>(
    _ name: PeerName, _ settings: Settings, makeApp: (Instance) throws(LabError) -> A
  ) -> Int32 {
    do throws(LabError) {
      let signals = try Signals()
      let instance = Clock.makeInstance()
      let keys: PeerKeys? = if case .tcp = settings.bus, let folder = settings.keys { try Keys.loadPeer(folder) } else { nil }
      let app = try makeApp(instance)
      let peer = try Peer(
        name: name, instance: instance, address: settings.bus, keys: keys, build: settings.build, context: try Context())
      var reactor = Reactor(app: app, peer: peer, signals: signals)
      try reactor.run()
      return 0
    } catch {
      Log.error("service ends", ["peer": name, "error": error, "code": error.code.rawValue])
      return 1
    }
  }
}
