import Glibc
import Model

/// What a waiting command shows: a bar on a terminal, elsewhere a line for each event.
struct Progress {
  private let terminal: Terminal
  /// Nothing but the result and errors.
  private let isQuiet: Bool
  private var isDrawn = false
  private var lastNote = ""

  /// A bar that is still readable beside what is waited for.
  private static let barWidth = 20

  init(_ terminal: Terminal, isQuiet: Bool) {
    self.terminal = terminal
    self.isQuiet = isQuiet
  }

  /// Whether it wants summaries, which cost a question each.
  var hasBar: Bool { terminal.isTerminal && !isQuiet }

  mutating func event(_ event: LabEvent) {
    if !isQuiet && !terminal.isTerminal { Output.message(event.line) }
  }

  mutating func draw(_ lab: LabSummary) {
    guard hasBar else { return }
    isDrawn = true
    Output.write(Array("\r\u{1b}[K\(Self.bar(lab, width: terminal.width - 1))".utf8), to: STDERR_FILENO)
  }

  static func bar(_ lab: LabSummary, width: Int) -> String {
    let (done, total) = (lab.ready + lab.up, lab.nodes + lab.links)
    let filled = total == 0 ? barWidth : barWidth * done / total
    var text = "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled) + "]"
    text += " nodes \(lab.ready)/\(lab.nodes) links \(lab.up)/\(lab.links)"
    if !lab.reason.isEmpty { text += "; \(lab.reason)" }
    return String(text.prefix(max(barWidth, width)))
  }

  /// On a terminal: why nothing moves.
  mutating func note(_ text: String) {
    guard hasBar, text != lastNote else { return }
    clear()
    lastNote = text
    Output.message(text)
  }

  /// Before anything else is printed.
  mutating func clear() {
    guard isDrawn else { return }
    isDrawn = false
    Output.write(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO)
  }
}
