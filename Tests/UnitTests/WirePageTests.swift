import Glibc
import Testing

@Suite("The protocol on one page")
struct WirePageTests {
  private static let folder = "\(#filePath)".split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/proto/"

  private func text(_ name: String) throws -> String {
    let descriptor = open(Self.folder + name, O_RDONLY)
    try #require(descriptor >= 0, "\(name) can't be read")
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "Every message, service and method of the proto files is named on the page",
    arguments: ["model", "configs", "jobs", "reconciler", "agent", "facts", "envelope", "store"])
  func names(_ file: String) throws {
    let page = Set(try text("README.md").split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init))
    var found = 0
    for line in try text(file + ".proto").split(separator: "\n") {
      let words = line.split { " {(;".contains($0) }.map(String.init)
      guard words.count > 1, ["message", "service", "rpc"].contains(words[0]) else { continue }
      found += 1
      #expect(page.contains(words[1]), "\(file).proto: \(words[0]) \(words[1])")
    }
    #expect(found > 0)
  }
}
