import Glibc
public import Model

extension Command.Option {
  /// `--bus` and `--keys`: of every service and every command.
  public static let bus = Command.Option.value(
    "bus", "ADDRESS", "the bus: ipc:///FOLDER or tcp://HOST:PORT", standard: "ipc:///run/archetype", variable: "ARCHETYPE_BUS")
  public static let keys = Command.Option.value(
    "keys", "DIR", "keys for TCP", variable: "ARCHETYPE_KEYS")
  public static let data = Command.Option.value("data", "DIR", "where the service keeps its data", standard: "/var/lib/archetype")
  public static let metrics = Command.Option.value(
    "metrics", "ADDRESS:PORT", "serve /metrics, /live and /ready there; PORT alone: for this machine", variable: "ARCHETYPE_METRICS")
  public static let logLevel = Command.Option.value("log-level", "LEVEL", "error, warning, notice, debug or trace", standard: "notice")
}

/// The options that every service has.
public struct ServiceOptions: Sendable {
  public var bus: String
  /// The folder of `peer.key`; needed for TCP.
  public var keys: String?
  public var data: String
  public var logLevel: String
  /// Where metrics are served; nil: nowhere.
  public var metrics: String?
  /// All that was given, for options of the service's own.
  public var arguments: Arguments

  /// What a service's command line asks for.
  public enum Wish: Sendable {
    case run(ServiceOptions)
    /// Print this on stdout and end with 0.
    case print(String)
  }

  /// - Parameters:
  ///   - program: `archetype-configs`.
  ///   - isOnBus: whether it speaks to others by the bus.
  ///   - arguments: without the program's name.
  /// - Throws: `INVALID_ARGUMENT`; the exit code is 2.
  public static func parse(
    _ program: String, version: String, summary: String, extra: [Command.Option] = [], isOnBus: Bool = true, _ arguments: [String],
    environment: [String: String]
  ) throws(LabError) -> Wish {
    let command = Command(program, summary, options: extra + (isOnBus ? [.bus, .keys] : []) + [.data, .logLevel, .metrics])
    if arguments.contains("--version") { return .print("\(program) \(version)\n") }
    if arguments.contains("--help") || arguments.contains("-h") { return .print(command.help()) }
    let parsed = try command.parse(arguments, environment: environment)
    return .run(
      ServiceOptions(
        bus: parsed.value("bus") ?? "", keys: parsed.value("keys"), data: parsed.value("data") ?? "",
        logLevel: parsed.value("log-level") ?? "", metrics: parsed.value("metrics"), arguments: parsed))
  }
}

/// This release.
public enum Build {
  public static let version = "0.1.0"
}

extension ServiceOptions {
  /// Reads this process's command line; prints what was asked for or what is wrong, and ends the process then.
  public static func read(
    _ program: String, _ summary: String, extra: [Command.Option] = [], isOnBus: Bool = true
  ) -> ServiceOptions {
    do throws(LabError) {
      let words = Array(CommandLine.arguments.dropFirst())
      let wish = try parse(
        program, version: Build.version, summary: summary, extra: extra, isOnBus: isOnBus, words, environment: environment())
      switch wish {
      case .run(let options): return options
      case .print(let text):
        say(text, on: 1)
        exit(0)
      }
    } catch {
      say("error: \(error)\n", on: 2)
      exit(2)
    }
  }

  /// The variables that stand in for options.
  public static func environment() -> [String: String] {
    var result: [String: String] = [:]
    for name in ["ARCHETYPE_BUS", "ARCHETYPE_KEYS", "ARCHETYPE_METRICS"] {
      if let value = getenv(name) { result[name] = String(cString: value) }
    }
    return result
  }

  private static func say(_ text: String, on descriptor: Int32) {
    let bytes = Array(text.utf8)
    _ = write(descriptor, bytes, bytes.count)
  }
}
