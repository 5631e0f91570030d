import Foundation
import Support

/// What is done to messages, in thousandths of them: one line of numbers in a file, which is read again and again.
struct Losses: Equatable {
  var drop = 0
  var double = 0
  var delay = 0
  /// Longest delay, in milliseconds; half of the delayed messages wait a few only, so that those of one burst change places.
  var most = 0

  init() {}

  /// Nothing is lost where the file isn't there.
  init(file: String) {
    let numbers = ((try? String(contentsOfFile: file, encoding: .utf8)) ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard numbers.count == 4 else { return }
    (drop, double, delay, most) = (numbers[0], numbers[1], numbers[2], numbers[3])
  }

  /// When each copy of a message leaves, in seconds from now; none: it is lost.
  func copies(_ chance: inout Seeded) -> [Double] {
    func falls(_ share: Int) -> Bool { Int.random(in: 0..<1_000, using: &chance) < share }
    if falls(drop) { return [] }
    return (0..<(falls(double) ? 2 : 1)).map { _ in
      guard falls(delay) else { return 0 }
      return Double(Int.random(in: 1...max(1, Bool.random(using: &chance) ? 5 : most), using: &chance)) * 1e-3
    }
  }
}

/// What became of the messages so far.
struct Tally {
  var passed = 0
  var dropped = 0
  var doubled = 0
  var delayed = 0
  /// Those that left after one that had come later by the same way.
  var overtaken = 0
  /// Those whose receiver is gone or doesn't read.
  var undelivered = 0

  var text: String {
    "passed \(passed) dropped \(dropped) doubled \(doubled) delayed \(delayed) overtaken \(overtaken) undelivered \(undelivered)"
  }
}
