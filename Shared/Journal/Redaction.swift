/// Takes out of a line what looks like a secret: a best effort, for lines that others wrote.
enum Redaction {
  static func line(_ line: String) -> String {
    let named =
      #/(?i)([\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api[_-]?key|private[_-]?key|credential|authorization)[\w.-]*["']?\s*[=:]\s*)("[^"]*"|'[^']*'|(?:bearer|basic)\s+\S+|\S+)/#
    let bearer = #/(?i)\b(bearer|basic)\s+[\w.~+\/=-]{8,}/#
    let address = #/(\w+:\/\/[^\s:\/@]+:)[^\s@\/]+@/#
    return line.replacing(named) { "\($0.output.1)***" }.replacing(bearer) { "\($0.output.1) ***" }.replacing(address) {
      "\($0.output.1)***@"
    }
  }
}
