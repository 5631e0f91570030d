import Arguments
import Bus
import Glibc
import Journal
import Logging
import Metrics
import Model
import Reactor

enum BusProgram {
  static func run(_ options: ServiceOptions) -> Int32 {
    var hasBegun = false
    do throws(LabError) {
      try Service.setLevel(options.logLevel)
      var addresses: [BusAddress] = []
      for text in options.arguments.values("listen") { addresses.append(try BusAddress(text)) }
      if addresses.isEmpty { addresses = [try BusAddress(options.bus)] }
      let metrics = try options.metrics.map { text throws(LabError) in try MetricsAddress(text) }
      switch try serve(addresses, options, metrics, &hasBegun) {
      case .stop: return 0
      case .startAgain: return startAgain()
      }
    } catch {
      Log.error("bus ends", ["error": error, "code": error.code.rawValue])
      return Service.exitCode(of: error, hasBegun: hasBegun)
    }
  }

  private static func serve(
    _ addresses: [BusAddress], _ options: ServiceOptions, _ metrics: MetricsAddress?, _ hasBegun: inout Bool
  ) throws(LabError) -> HubServer.End {
    let signals = try Signals()
    raiseDescriptorLimit()
    // One lock a folder, for the life of the process.
    for case .folder(let folder) in addresses { try HubFolder.lock(folder) }
    let context = try Context()
    let audit = AuditLog(folder: options.data)
    let gate = try openGate(addresses, options.keys, context)
    var server = try HubServer(
      addresses, gate: gate, isTraced: !options.arguments.flag("untraced"), audit: audit, signals: signals,
      metrics: try MetricsServer(metrics, of: "\(PeerName.bus)"), in: context)
    hasBegun = true
    let end = try server.run()
    audit.finish()
    return end
  }

  private static func openGate(_ addresses: [BusAddress], _ folder: String?, _ context: Context) throws(LabError) -> KeyGate? {
    let tcp = addresses.first { if case .tcp = $0 { true } else { false } }
    guard let tcp else { return nil }
    guard let folder else {
      throw LabError(
        .failedPrecondition, "\(tcp)",
        "the bus listens on TCP only with keys (make them: archetype keys init --keys DIR, then give --keys DIR)")
    }
    return try KeyGate(folder: folder, in: context)
  }

  /// Two connections a peer.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// Becomes the same program anew: a key was withdrawn, and only so do all connections end that it had made.
  private static func startAgain() -> Int32 {
    Log.notice("a key was withdrawn: all connections are made anew")
    var words: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
    words.append(nil)
    execv("/proc/self/exe", words)
    Log.error("can't start again", ["error": String(cString: strerror(errno))])
    return 1
  }
}
