import Model

/// How a cell is coloured where there are colours.
enum Tone: String {
  case plain = ""
  case good = "32"
  case bad = "31"
  case pending = "33"
}

/// Rows of aligned columns under a heading.
struct Table {
  struct Cell {
    var text: String
    var tone: Tone
    init(_ text: String, _ tone: Tone = .plain) {
      self.text = text
      self.tone = tone
    }
  }

  let heading: [String]
  private var rows: [[Cell]] = []

  init(_ heading: String...) { self.heading = heading }

  /// - Parameter cells: as many as the heading has.
  mutating func add(_ cells: Cell...) { rows.append(cells) }
  mutating func add(_ cells: [Cell]) { rows.append(cells) }

  func text(hasColour: Bool) -> String {
    var widths = heading.map(\.count)
    for row in rows { for (column, cell) in row.enumerated() { widths[column] = max(widths[column], cell.text.count) } }
    var text = line(heading.map { Cell($0) }, widths, hasColour: false)
    for row in rows { text += line(row, widths, hasColour: hasColour) }
    return text
  }

  private func line(_ cells: [Cell], _ widths: [Int], hasColour: Bool) -> String {
    var text = ""
    // Nothing stands behind the last cell that says something.
    let last = cells.lastIndex { !$0.text.isEmpty } ?? 0
    for (column, cell) in cells.enumerated() where column <= last {
      text += hasColour && cell.tone != .plain ? "\u{1b}[\(cell.tone.rawValue)m\(cell.text)\u{1b}[0m" : cell.text
      if column < last { text += String(repeating: " ", count: widths[column] - cell.text.count + 2) }
    }
    return text + "\n"
  }
}

extension Phase {
  var tone: Tone {
    switch self {
    case .ready, .stopped: .good
    case .failed: .bad
    case .pending, .preparing, .starting, .booting, .stopping, .unknown: .pending
    }
  }
}

extension LinkState {
  var tone: Tone {
    switch self {
    case .up: .good
    case .down: .bad
    case .unknown: .pending
    }
  }
}

extension JobPhase {
  var tone: Tone {
    switch self {
    case .done: .good
    case .failed: .bad
    case .running, .cancelled: .pending
    }
  }
}
