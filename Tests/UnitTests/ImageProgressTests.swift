import Model
import Testing

@testable import Runtime

/// How far a pull or a load is, by what an engine says of its layers.
struct ImageProgressTests {
  private let progress = ImageProgress()

  private func hear(_ status: String, _ layer: String, _ done: Int? = nil, of all: Int? = nil) {
    let detail = done.map { "\"current\":\($0),\"total\":\(all ?? 0)" } ?? ""
    progress.hear(Array("{\"status\":\"\(status)\",\"progressDetail\":{\(detail)},\"id\":\"\(layer)\"}".utf8))
  }

  @Test func whatHasComeCountsOnceThoughItIsUnpackedAfterwards() {
    hear("Pulling fs layer", "a")
    #expect(progress.percent == nil)
    hear("Downloading", "a", 50, of: 100)
    #expect(progress.percent == 50)
    hear("Downloading", "b", 0, of: 300)
    #expect(progress.percent == 12)
    hear("Download complete", "a")
    #expect(progress.percent == 25)
    hear("Extracting", "a", 1, of: 100)
    #expect(progress.percent == 25)
    hear("Downloading", "b", 300, of: 300)
    hear("Pull complete", "b")
    #expect(progress.percent == 100)
  }

  @Test func aLoadIsToldInMebibytes() {
    hear("Loading layer", "a", 2 << 20, of: 4 << 20)
    #expect(progress.text == "2 of 4 MiB")
    progress.hear(Array(#"{"stream":"Loaded image: busybox:latest\n"}"#.utf8))
    #expect(progress.takeNames() == ["busybox:latest"] && progress.takeNames() == [])
  }

  @Test func whatTheEngineSaysIsTheReasonThoughItsAnswerIsWhole() {
    progress.hear(Array(#"{"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"}"#.utf8))
    progress.end(.success(200))
    #expect(progress.failure?.message == "manifest unknown")
  }
}
