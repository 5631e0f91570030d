import AgentCore
import Model
import Testing

/// What probes and their silence say of the ways to other hosts.
struct WaysTests {
  private let far: IPAddress
  private let other: IPAddress
  private let needed = 1_500

  init() throws {
    far = try IPAddress("10.0.0.2")
    other = try IPAddress("10.0.0.3")
  }

  /// Ways with a host that has been told reachable.
  private func known() -> Ways {
    var ways = Ways()
    _ = ways.follow([far: needed])
    _ = ways.returned(from: far, size: needed)
    return ways
  }

  private var open: ObservedPath { ObservedPath(remote: far, reachable: true, mtu: needed) }

  private func told(_ news: [Observation]) -> ObservedPath? {
    if case .path(let path)? = news.last { path } else { nil }
  }

  @Test func aNewHostIsAskedAtOnceAndToldWithItsFirstAnswers() {
    var ways = Ways()
    let questions = ways.follow([far: needed])
    #expect(questions == [.probe(far, size: Ways.smallest), .probe(far, size: needed), .echo(far)])
    #expect(ways.isHurried)
    #expect(ways.returned(from: far, size: Ways.smallest).news == [])
    #expect(told(ways.returned(from: far, size: needed).news) == open)
    #expect(ways.returned(from: far, size: needed).news == [])
    #expect(!ways.isHurried)
    #expect(ways.follow([far: needed]) == [], "what is known needs no other question")
  }

  @Test func oneRoundWithoutAnAnswerIsNoCutAndIsAskedInAHurry() {
    var ways = known()
    #expect(ways.round().questions == [.probe(far, size: Ways.smallest)])
    #expect(!ways.isHurried)
    let second = ways.round()
    #expect(second.news == [])
    #expect(second.questions.contains(.echo(far)))
    #expect(ways.isHurried && ways.turn().contains(.probe(far, size: Ways.smallest)))
    #expect(ways.returned(from: far, size: Ways.smallest).news == [])
    #expect(ways.round().news == [])
  }

  /// What arrives meanwhile, and what is told of it.
  @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
  func aCutIsToldAfterThreeRoundsWithWhatStillArrives(heard: Bool, answers: Bool) {
    var ways = known()
    var news: [Observation] = []
    for _ in 0..<3 {
      let step = ways.round()
      news += step.news
      if heard { news += ways.heard(from: far).news }
      if answers, step.questions.contains(.echo(far)) { news += ways.answered(by: far).news }
    }
    #expect(news.count == 1)
    #expect(told(news) == ObservedPath(remote: far, reachable: false, mtu: 0, heard: heard, answers: answers))
    for _ in 0..<8 {
      let step = ways.round()
      news += step.news
      if heard { news += ways.heard(from: far).news }
      if answers { news += ways.answered(by: far).news }
    }
    #expect(news.count == 1, "nothing new is told while nothing changes")
    _ = ways.returned(from: far, size: Ways.smallest)
    #expect(told(ways.returned(from: far, size: needed).news) == open)
  }

  @Test func aHostThatNeverAnswersIsToldAfterThreeRounds() {
    var ways = Ways()
    _ = ways.follow([far: needed])
    #expect(ways.round().news == [] && ways.round().news == [])
    #expect(told(ways.round().news) == ObservedPath(remote: far, reachable: false, mtu: 0, heard: false, answers: false))
  }

  @Test func aFarAgentThatDiesIsNoCut() {
    var ways = known()
    for _ in 0..<20 {
      #expect(ways.round().news == [])
      for size in [Ways.smallest, needed] { #expect(ways.returned(from: far, size: size).news == []) }
    }
  }

  @Test func aProbeOfAHostThatDidNotAnswerYetIsAnsweredByOneOfOurs() {
    var ways = Ways()
    _ = ways.follow([far: needed])
    #expect(ways.heard(from: far).questions.contains(.probe(far, size: needed)))
    #expect(ways.heard(from: far).questions == [], "once a turn")
    _ = ways.turn()
    #expect(ways.heard(from: far).questions != [])
    #expect(ways.heard(from: other).questions == [], "nobody asked about it")
    _ = ways.returned(from: far, size: needed)
    _ = ways.turn()
    #expect(ways.heard(from: far).questions == [])
  }

  @Test func aWayTooNarrowForItsLinksIsToldAsWideAsWhatPasses() {
    var ways = Ways()
    _ = ways.follow([far: needed])
    var news: [Observation] = []
    for _ in 0..<4 {
      news += ways.returned(from: far, size: needed - 1).news
      news += ways.round().news
    }
    #expect(told(news) == ObservedPath(remote: far, reachable: true, mtu: Ways.smallest))
    #expect(told(ways.returned(from: far, size: needed).news) == open)
  }

  @Test func aLinkThatNeedsMoreIsAskedForAnew() {
    var ways = known()
    #expect(ways.follow([far: 9_000]).contains(.probe(far, size: 9_000)))
    #expect(ways.returned(from: far, size: needed).news == [])
    #expect(told(ways.returned(from: far, size: 9_000).news)?.mtu == 9_000)
  }

  @Test func aHostThatWasForgottenIsNewWhenItComesBack() {
    var ways = known()
    #expect(ways.follow([:]) == [])
    #expect(ways.returned(from: far, size: needed).news == [])
    #expect(ways.follow([far: needed]) != [])
    #expect(told(ways.returned(from: far, size: needed).news) == open)
  }

  /// Two hosts whose end of the tunnel appears at different times, over a way that may lose a direction: neither talks itself into a storm.
  @Test(arguments: [(true, true), (true, false), (false, true)])
  func twoHostsNeverTalkEachOtherIntoAStorm(there: Bool, back: Bool) throws {
    let addresses = [far, other]
    var sides = [Ways(), Ways()]
    var waiting: [(from: Int, question: Ways.Question)] = []
    for side in 0..<2 { waiting += sides[side].follow([addresses[1 - side]: needed]).map { (side, $0) } }
    var sent = 0
    for _ in 0..<10 {
      while !waiting.isEmpty, sent < 10_000 {
        let (side, question) = waiting.removeFirst()
        guard case .probe(_, let size) = question else { continue }
        sent += 1
        guard side == 0 ? there : back else { continue }
        waiting += sides[1 - side].heard(from: addresses[side]).questions.map { (1 - side, $0) }
        if there, back { waiting += sides[side].returned(from: addresses[1 - side], size: size).questions.map { (side, $0) } }
      }
      for side in 0..<2 { waiting += sides[side].round().questions.map { (side, $0) } }
    }
    #expect(sent < 200)
  }
}
