import Model

/// What is answered to one question.
struct MetricsAnswer: Equatable {
  /// Seconds: who hasn't shown itself for longer stands still. As long as systemd's watchdog waits.
  static let mostAge = 10

  var code: UInt32
  var body: String

  /// - Parameters:
  ///   - status: what was shown last; nil: nothing yet.
  ///   - name: of the program.
  ///   - age: seconds since then.
  init(_ method: String, _ path: String, _ status: ProgramStatus?, of name: String, age: Int) {
    guard method == "GET" || method == "HEAD" else {
      (code, body) = (405, "only GET and HEAD\n")
      return
    }
    let isLive = status != nil && age <= Self.mostAge
    switch (path, status) {
    case ("/metrics", let status?): (code, body) = (200, MetricsText(status, of: name, age: age).text)
    case ("/metrics", nil): (code, body) = (503, "not begun yet\n")
    case ("/live", _): (code, body) = isLive ? (200, "live\n") : (503, "stands still\n")
    case ("/ready", _):
      let isReady = isLive && status?.isServing == true
      (code, body) = isReady ? (200, "ready\n") : (503, isLive ? "doesn't serve yet, or the bus is away\n" : "stands still\n")
    case _: (code, body) = (404, "here are /metrics, /live and /ready\n")
    }
  }
}
