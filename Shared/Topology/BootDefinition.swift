internal import Kinds
internal import Model

/// What one level says of how its nodes start.
struct BootDefinition {
  typealias Text = TopologyFile.Text

  /// One of the two ways to say when a node is ready.
  struct Test {
    var mark: Mark
    var values: [String: Text] = [:]
    var words: [Text] = []
  }

  private(set) var startupDelay: Text?
  private(set) var ready: Test?
  private(set) var healthcheck: Test?
  private(set) var stages = StagesDefinition()

  init() {}

  init(_ section: Section, _ findings: inout Findings) {
    startupDelay = section.text("startup-delay", &findings)
    ready = Self.test(section, "ready", KnownKeys.ready, &findings)
    healthcheck = Self.test(section, "healthcheck", KnownKeys.healthcheck, &findings)
    stages = StagesDefinition(section, &findings)
  }

  private static func test(_ section: Section, _ key: String, _ keys: KnownKeys.Place, _ findings: inout Findings) -> Test? {
    guard let node = section.value(key), let inner = Section(node, keys, "\(key) in \(section.place)", &findings) else { return nil }
    var test = Test(mark: node.mark)
    for key in keys.supported.sorted() where key != "test" { test.values[key] = inner.text(key, &findings) }
    test.words = inner.texts("test", &findings)
    return test
  }

  var saysWhenReady: Bool { ready != nil || healthcheck != nil }

  /// - Parameter other: more specific.
  mutating func merge(_ other: BootDefinition) {
    startupDelay = other.startupDelay ?? startupDelay
    ready = other.ready ?? ready
    healthcheck = other.healthcheck ?? healthcheck
    stages.merge(other.stages)
  }
}

extension Resolver {
  /// `ready`, which is ours, goes before containerlab's `healthcheck`. Their times are seconds.
  func readiness(_ boot: BootDefinition, _ variables: MagicVariables, _ findings: inout Findings) -> Readiness? {
    if let ready = boot.ready { return readiness(ready: ready, variables, &findings) }
    if let healthcheck = boot.healthcheck { return readiness(healthcheck: healthcheck, variables, &findings) }
    return nil
  }

  private func readiness(ready: BootDefinition.Test, _ variables: MagicVariables, _ findings: inout Findings) -> Readiness? {
    let tests = ["command", "log", "port"].filter { ready.values[$0] != nil }
    guard tests.count == 1, let kind = tests.first, let text = ready.values[kind] else {
      findings.error(ready.mark, "ready", "ready needs exactly one of command, log and port")
      return nil
    }
    let test: Readiness.Test
    switch kind {
    case "command":
      let words = command(text, "command", variables, &findings)
      if words.isEmpty { return nil }
      test = .command(words)
    case "log":
      guard checked(text.mark, "log", &findings, { () throws(LabError) in _ = try LinePattern(text.text) }) != nil else { return nil }
      test = .log(text.text)
    default:
      guard let port = UInt16(text.text), port > 0 else {
        findings.error(text.mark, "port", "port \(text.text) is not a port (1 to 65535)")
        return nil
      }
      test = .port(port)
    }
    func time(_ key: String, _ standard: UInt64) -> UInt64 { milliseconds(ready.values[key], key, standard: standard, &findings) }
    return Readiness(test, startPeriod: time("start-period", 0), interval: time("interval", 1_000), deadline: time("timeout", 300_000))
  }

  private func readiness(healthcheck: BootDefinition.Test, _ variables: MagicVariables, _ findings: inout Findings) -> Readiness? {
    let words = healthcheck.words.map { variables.expand($0.text) }
    let test: Readiness.Test
    switch words.first {
    case "NONE": return nil
    case "CMD" where words.count > 1: test = .command(Array(words.dropFirst()))
    case "CMD-SHELL" where words.count == 2: test = .command(["sh", "-c", words[1]])
    default:
      findings.error(healthcheck.mark, "test", "test must be [CMD, PROGRAM, ARGUMENT…], [CMD-SHELL, COMMAND] or [NONE]")
      return nil
    }
    func time(_ key: String, _ standard: UInt64) -> UInt64 { milliseconds(healthcheck.values[key], key, standard: standard, &findings) }
    // Docker's own where the file says nothing.
    let (start, interval, timeout) = (time("start-period", 0), time("interval", 30_000), time("timeout", 30_000))
    var retries: UInt64 = 3
    if let text = healthcheck.values["retries"] {
      guard let number = UInt64(text.text), (1...10_000).contains(number) else {
        findings.error(text.mark, "retries", "retries \(text.text) is not a number (1 to 10000)")
        return nil
      }
      retries = number
    }
    return Readiness(
      test, startPeriod: start, interval: interval, timeout: timeout, deadline: start + retries * (interval + timeout))
  }

  /// A number of seconds, with a fraction or without, as milliseconds.
  func milliseconds(_ text: BootDefinition.Text?, _ key: String, standard: UInt64, _ findings: inout Findings) -> UInt64 {
    guard let text else { return standard }
    if let seconds = Double(text.text), seconds >= 0, seconds * 1_000 <= Double(Limits.readiness) { return UInt64(seconds * 1_000) }
    findings.error(text.mark, key, "\(key) \(text.text) is not a number of seconds (0 to \(Limits.readiness / 1_000))")
    return standard
  }
}
