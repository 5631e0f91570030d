import Model
import Testing

@testable import Wire

@Suite("Secrets on the wire")
struct WireSecretTests {
  private func isMarked(_ bytes: [UInt8]) -> Bool {
    let mark = Array(WireSamples.mark.utf8)
    guard bytes.count >= mark.count else { return false }
    return (0...(bytes.count - mark.count)).contains { bytes[$0] == mark[0] && Array(bytes[$0..<$0 + mark.count]) == mark }
  }

  @Test("No secret stands in a body, and every one in the frame for secrets")
  func bodies() throws {
    var found = 0
    for seed in 0..<100 as Range<UInt64> {
      var samples = WireSamples(seed: seed)
      let all =
        try samples.requests().map { Codec.encode($0) } + samples.replies().map { Codec.encode($0) }
        + samples.facts().map { Codec.encode($0) }
      for coded in all {
        #expect(!isMarked(coded.body), "\(coded.kind)")
        if !coded.secret.isEmpty {
          found += 1
          #expect(isMarked(coded.secret), "\(coded.kind)")
        }
      }
    }
    #expect(found > 100)
  }

  @Test("What is kept on disk is whole: it holds its secrets")
  func stored() throws {
    var samples = WireSamples(seed: 7)
    var node = try samples.node(try NodeName("r1"))
    node.environment = [EnvironmentVariable("PASSWORD", WireSamples.mark + "x")]
    let host: HostName = try samples.name()
    let lab = Lab(
      key: try samples.labKey(), generation: 1, wiring: 1, spec: LabSpec(name: try samples.name(), nodes: [node], links: []),
      nodes: [NodeIntent(born: Revision(1), host: host, desired: .running, startSerial: 0)])
    let record = RecordChange.lab(lab.key.name, lab)
    #expect(isMarked(Codec.encode(record)))
    #expect(try Codec.decodeRecord(Codec.encode(record)) == record)
  }

  @Test("A message without its secrets is refused, and the refusal repeats none")
  func lost() throws {
    let coded = Codec.encode(.configs(.putBlob(Digest.sha256([1]), [1])) as Request)
    #expect(throws: LabError.self) { try Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: []) }

    let nul = Proto.Secrets(values: [Array("\(WireSamples.mark)\0".utf8)])
    let node = Proto.NodeSpec(name: "r1", environment: [Proto.EnvironmentVariable(name: "A", secret: 0)])
    let request = Proto.ApplyLabRequest(spec: Proto.LabSpec(name: "l", nodes: [node]))
    let error = #expect(throws: LabError.self) {
      try Codec.decodeRequest(kind: "JobService.ApplyLab", body: request.encode(), secret: nul.encode())
    }
    #expect(error?.description.contains(WireSamples.mark) == false)
  }
}
