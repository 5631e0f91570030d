import Foundation
import Fuzzing

/// `archetype-fuzz --target=TARGET [option of libFuzzer]… FOLDER`: searches for inputs that break a rule of the target.
///
/// Begins with the inputs of the corpus, which it puts into FOLDER, and with what earlier runs left there. What covers something new stays
/// there too; a find is written beside it. There is no `main` here: it is libFuzzer's, which calls the two functions below.
enum Driver {
  private static let argument = CommandLine.arguments.first { $0.hasPrefix("--target=") }
  static let target = argument.flatMap { FuzzTarget(rawValue: String($0.dropFirst("--target=".count))) }

  static func begin() {
    guard let target, let folder = CommandLine.arguments.last, !folder.hasPrefix("-"), CommandLine.arguments.count > 2 else {
      let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
      end("usage: archetype-fuzz --target=TARGET [option of libFuzzer]… FOLDER   (TARGET: \(names))")
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      for (number, input) in try Corpus.inputs(of: target).enumerated() {
        try Data(input).write(to: URL(fileURLWithPath: "\(folder)/corpus-\(number)"))
      }
    } catch { end("error: \(folder): \(error)") }
  }

  private static func end(_ text: String) -> Never {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
    exit(2)
  }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> Int32 {
  Driver.begin()
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  do { try Driver.target?.run(Array(UnsafeBufferPointer(start: bytes, count: count))) } catch { fatalError("\(error)") }
  return 0
}
