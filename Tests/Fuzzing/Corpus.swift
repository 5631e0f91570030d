import Foundation

/// Inputs that are worth to be run again: examples to begin with, and what was found.
public enum Corpus {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Corpus").path

  /// Of `Corpus/TARGET.hex`: one input a line in hexadecimal, anything behind a `#` says what it is.
  public static func inputs(of target: FuzzTarget) throws -> [[UInt8]] {
    let path = "\(folder)/\(target.rawValue).hex"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return try text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
      let digits = line.prefix { $0 != "#" }.filter { $0 != " " }
      if digits.isEmpty { return nil }
      let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
      guard !bytes.contains(nil) else { throw FuzzFinding(description: "\(path):\(number + 1) is not hexadecimal") }
      return bytes.compactMap(\.self)
    }
  }
}
