import Glibc
import Testing

@testable import Topology

@Suite("The example labs")
struct TopologyExamplesTests {
  private static let folder = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/compose/labs"

  private func content(_ path: String) -> String? {
    guard let file = fopen("\(Self.folder)/\(path)", "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "Each can be deployed as it is, and the files it names are there",
    arguments: [
      ("two-hosts.clab.yml", 2, 1), ("start-order.clab.yml", 3, 1), ("ospf-ring/ospf-ring.clab.yml", 8, 8),
    ])
  func examples(_ lab: (path: String, nodes: Int, links: Int)) throws {
    let resolution = Topology.resolve(try #require(content(lab.path)), file: lab.path)
    #expect(resolution.refusal == nil && resolution.allWarnings.isEmpty, "\(resolution)")
    #expect(resolution.lab?.nodes.count == lab.nodes && resolution.lab?.links.count == lab.links)
    #expect(resolution.lab?.nodes.allSatisfy { $0.host != nil } == true)
    let base = lab.path.split(separator: "/").dropLast().joined(separator: "/")
    for file in resolution.files { #expect(content("\(base)/\(file.source)") != nil, "\(file.source)") }
  }
}
