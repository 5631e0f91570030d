import Arguments
import Glibc
import Machine
import Model
import Testing

@testable import Metrics

struct MetricsTests {
  private func status(serving: Bool = true, build: String = "0.1.0", figures: [Figure] = []) -> ProgramStatus {
    ProgramStatus(
      build: build, instance: Instance(255), uptime: 61_005, processor: 7, memory: 4_096, isServing: serving, handled: 12, waiting: 3,
      longestRound: 1_000_020, complaint: .init(at: 1_700_000_000_250, text: "disk \"full\""), figures: figures)
  }

  @Test func everyMetricHasItsMeaningTypeAndUnit() {
    let text = MetricsText(status(figures: [Figure("revision", 41), Figure("full", 1)]), of: "configs", age: 1).text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last == "" && (lines.count - 1) % 3 == 0)
    var samples: [String] = []
    for place in stride(from: 0, to: lines.count - 1, by: 3) {
      let name = lines[place + 2].prefix { $0 != " " && $0 != "{" }
      #expect(lines[place].hasPrefix("# HELP \(name) ") && lines[place].hasSuffix("."), "\(lines[place])")
      let type = name.hasSuffix("_total") ? "counter" : "gauge"
      #expect(lines[place + 1] == "# TYPE \(name) \(type)")
      samples.append(String(lines[place + 2]))
    }
    #expect(
      samples == [
        "archetype_info{peer=\"configs\",version=\"0.1.0\",instance=\"\(Instance(255))\"} 1", "archetype_serving 1",
        "archetype_age_seconds 1", "archetype_uptime_seconds 61.005", "archetype_processor_seconds_total 0.007",
        "archetype_resident_bytes 4096", "archetype_handled_total 12", "archetype_waiting 3",
        "archetype_longest_round_seconds 1.000020", "archetype_last_complaint_timestamp_seconds 1700000000.250",
        "archetype_revision 41", "archetype_disk_full 1",
      ])
  }

  @Test func whatAFormatCantHoldIsEscaped() {
    let text = MetricsText(status(build: "a\\b\"c\nd", figures: [Figure("a\\b\nö", 2)]), of: "x", age: 0).text
    #expect(text.contains("version=\"a\\\\b\\\"c\\nd\""))
    // A name in which only some letters may stand, and the text that says what it was.
    #expect(
      text.hasSuffix(
        "# HELP archetype_a_b___ The figure 'a\\\\b\\nö' of this service.\n# TYPE archetype_a_b___ gauge\narchetype_a_b___ 2\n"))
  }

  @Test func theSameWordOfTheBusIsAnotherMetric() {
    let bus = status(figures: [Figure("full", 5)])
    #expect(MetricsText(bus, of: "bus", age: 0).text.contains("\narchetype_bus_refused_total 5\n"))
  }

  @Test(arguments: [
    ("9470", "127.0.0.1:9470"), ("127.0.0.1:9470", "127.0.0.1:9470"), ("0.0.0.0:1", "0.0.0.0:1"), ("[::1]:65535", "[::1]:65535"),
    ("[::]:9470", "[::]:9470"),
  ]) func aPortIsOfThisMachineUnlessAnAddressIsWrittenOut(text: String, expected: String) throws {
    #expect(try MetricsAddress(text).description == expected)
  }

  @Test(arguments: [
    "", "0", "65536", "x", ":9470", "*:9470", "localhost:9470", "127.0.0.1", "127.0.0.1:", "::1:9470", "[127.0.0.1]:1", "٩٤٧٠",
  ])
  func whatNamesNoPlaceIsRefused(text: String) {
    #expect(throws: LabError.self) { try MetricsAddress(text) }
  }

  @Test func nothingIsServedUnlessTheOptionOrItsVariableSaysSo() throws {
    func place(_ words: [String], _ environment: [String: String]) throws -> String? {
      guard case .run(let options) = try ServiceOptions.parse("x", version: "", summary: "", words, environment: environment) else {
        return ""
      }
      return options.metrics
    }
    #expect(try place([], [:]) == nil)
    #expect(try place([], ["ARCHETYPE_METRICS": "9470"]) == "9470")
    #expect(try place(["--metrics", "[::1]:1"], ["ARCHETYPE_METRICS": "9470"]) == "[::1]:1")
  }

  @Test func onlyWhoShowsItselfIsLiveAndOnlyWhoServesIsReady() {
    func codes(_ status: ProgramStatus?, _ age: Int) -> [UInt32] {
      ["/metrics", "/live", "/ready", "/", "/metrics/x"].map { MetricsAnswer("GET", $0, status, of: "x", age: age).code }
    }
    #expect(codes(nil, 0) == [503, 503, 503, 404, 404])
    #expect(codes(status(), 1) == [200, 200, 200, 404, 404])
    #expect(codes(status(serving: false), 1) == [200, 200, 503, 404, 404])
    #expect(codes(status(), MetricsAnswer.mostAge + 1) == [200, 503, 503, 404, 404])
    #expect(MetricsAnswer("HEAD", "/live", status(), of: "x", age: 0).code == 200)
    #expect(MetricsAnswer("POST", "/metrics", status(), of: "x", age: 0).code == 405)
  }
}

/// The server itself, at a port of this machine.
@Suite(.serialized) struct MetricsServerTests {
  /// A port that was free a moment ago.
  private func freePort() throws -> UInt16 {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    try #require(withName(0) { bind(probe, $0, $1) } == 0)
    var name = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(probe, $0, &length) }
    }
    try #require(result == 0)
    return UInt16(bigEndian: name.sin_port)
  }

  private func withName(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  private func connection(to port: UInt16) throws -> Int32 {
    let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(withName(port) { connect(connection, $0, $1) } == 0)
    return connection
  }

  /// The whole answer, once it is there.
  private func get(_ path: String, _ port: UInt16) throws -> String {
    let connection = try connection(to: port)
    defer { close(connection) }
    return try answer(to: path, on: connection)
  }

  /// Empty: it was cut off.
  private func answer(to path: String, on connection: Int32) throws -> String {
    let question = "GET \(path) HTTP/1.0\r\n\r\n"
    _ = question.withCString { send(connection, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    var text: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4_096)
    while case let count = read(connection, &part, part.count), count > 0 { text += part[..<count] }
    return String(decoding: text, as: UTF8.self)
  }

  private static let shown = ProgramStatus(
    build: "1", instance: Instance(1), uptime: 1, processor: 1, memory: 1, isServing: true, handled: 7, waiting: 0,
    longestRound: 1, complaint: nil, figures: [])

  @Test func whatWasShownLastIsServedAlsoBesideThoseWhoNeverAsk() throws {
    let port = try freePort()
    var server = try MetricsServer(try MetricsAddress("\(port)"), of: "jobs")
    let now = Now(boot: Instant(milliseconds: 5_000), wall: 0)
    #expect(try get("/metrics", port).hasPrefix("HTTP/1.1 503 "))
    var isDue = server.isDue(at: now)
    #expect(isDue)
    server.show(Self.shown, at: now)
    isDue = server.isDue(at: now)
    let wakeAt = server.wakeAt
    #expect(!isDue && wakeAt == now.boot + 1_000)
    let text = try get("/metrics", port)
    #expect(text.hasPrefix("HTTP/1.1 200 ") && text.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
    #expect(text.contains("\narchetype_handled_total 7\n"))
    #expect(try get("/ready", port).hasSuffix("\r\n\r\nready\n"))

    // More than are served at once: the oldest is cut off for the next, and only that.
    let silent = try (0..<16).map { _ in try connection(to: port) }
    defer { for connection in silent { close(connection) } }
    #expect(try get("/live", port).hasSuffix("\r\n\r\nlive\n"))
    #expect(try !answer(to: "/live", on: silent[0]).hasSuffix("live\n"))
    #expect(try answer(to: "/live", on: silent[1]).hasSuffix("\r\n\r\nlive\n"))
  }

  @Test func aPortThatIsTakenIsRefusedAndOneThatWasGivenBackIsNot() throws {
    let place = try MetricsAddress("\(try freePort())")
    do {
      let first = try MetricsServer(place, of: "jobs")
      let error = refusal { () throws(LabError) in _ = try MetricsServer(place, of: "jobs") }
      #expect(error?.code == .unavailable && error?.message.contains("a port of its own") == true)
      let wakeAt = first.wakeAt
      #expect(wakeAt == .zero)
    }
    let error = refusal { () throws(LabError) in _ = try MetricsServer(place, of: "jobs") }
    #expect(error == nil)
    let none = try MetricsServer(nil, of: "jobs")
    let wakeAt = none.wakeAt
    #expect(wakeAt == nil)
  }
}
