import Fuzzing
import Testing

/// What fuzzing began with and what it found, run again.
@Suite struct FuzzCorpusTests {
  @Test("No input of the corpus breaks a rule", arguments: FuzzTarget.allCases)
  func corpus(of target: FuzzTarget) throws {
    let inputs = try Corpus.inputs(of: target)
    #expect(!inputs.isEmpty)
    for (number, input) in inputs.enumerated() {
      #expect(throws: Never.self, "input \(number + 1)") { try target.run(input) }
    }
  }

  @Test("Any input cut anywhere is taken as well", arguments: FuzzTarget.allCases)
  func cut(of target: FuzzTarget) throws {
    for input in try Corpus.inputs(of: target) {
      for end in stride(from: 0, to: input.count, by: max(1, input.count / 16)) {
        #expect(throws: Never.self) { try target.run(Array(input[..<end])) }
      }
    }
  }
}
