import Arguments
import Bus
import Glibc
import Locks
import Machine
import Model
import Reactor
import Testing

/// The loop of a service on a real bus.
@Suite(.serialized) struct ReactorTests {
  /// Answers `list` once its work, done by a worker, has come back and is committed.
  struct ListCore: ServiceMachine {
    enum Event: ServiceEvent {
      case bus(BusEvent)
      case tick
      case worked(Incoming.Address)
    }
    enum Effect: ServiceEffect {
      case bus(BusEffect)
      case work(Incoming.Address)
      case store
      var busEffect: BusEffect? { if case .bus(let effect) = self { effect } else { nil } }
    }
    var wakeAt: Instant? { nil }
    mutating func handle(_ event: Event, at now: Now) -> [Effect] {
      switch event {
      case .bus(.request(let incoming)): [.work(incoming.from)]
      case .worked(let address): [.store, .bus(.reply(address, .success(.jobs(.jobs([])))))]
      case .bus, .tick: []
      }
    }
  }

  final class Journal: Sendable {
    let lines = Guarded<[String]>([])
    func write(_ line: String) { lines.withLock { $0.append(line) } }
  }

  struct TestApp: App, ~Copyable {
    var core = ListCore()
    let workers: Workers<ListCore.Event>
    let journal: Journal
    var descriptors: [Int32] { [workers.descriptor] }

    mutating func perform(_ effects: [ListCore.Effect], at now: Now) throws(LabError) -> [ListCore.Event] {
      for effect in effects {
        switch effect {
        case .work(let address):
          journal.write("work")
          _ = workers.submit { [.worked(address)] }
        case .store: journal.write("store")
        case .bus: continue
        }
      }
      return []
    }
    mutating func commit(at now: Now) throws(LabError) { journal.write("commit") }
    mutating func readable(_ descriptor: Int32, at now: Now) throws(LabError) -> [ListCore.Event] { workers.collect() }
    mutating func end(at now: Now) { journal.write("end") }
  }

  /// A service on a thread of its own, which alone gets the signal that ends it.
  final class Running: Sendable {
    let address: BusAddress
    let journal = Journal()
    let code = Guarded<Int32?>(nil)
    let thread = Guarded<pthread_t?>(nil)
    init(_ address: BusAddress) { self.address = address }

    func run() {
      thread.withLock { $0 = pthread_self() }
      let words = ["--bus", "\(address)", "--log-level", "error"]
      guard case .run(let options)? = try? ServiceOptions.parse("archetype-test", version: "", summary: "", words, environment: [:]) else {
        return
      }
      let result = Service.run(.jobs, options) { _ throws(LabError) in
        TestApp(workers: try Workers(threads: 2, most: 16), journal: journal)
      }
      code.withLock { $0 = result }
    }

    func end() { if let thread = thread.withLock({ $0 }) { pthread_kill(thread, SIGTERM) } }
  }

  private func start(_ service: Running) throws {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(service).toOpaque()
    let error = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Running>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, argument)
    try #require(error == 0)
    pthread_detach(thread)
  }

  private func waitFor(_ condition: () -> Bool) -> Bool {
    let end = Clock.now().boot + patience
    while Clock.now().boot < end {
      if condition() { return true }
      usleep(5_000)
    }
    return false
  }

  @Test func aReplyLeavesAfterItsCommitAndSIGTERMEndsTheService() throws {
    let bus = try BusProcess()
    let service = Running(bus.address)
    try start(service)
    var client = try bus.client()
    let reply = try client.call(.jobs(.list), to: .jobs, id: try RequestID("r1"))
    #expect(reply == .jobs(.jobs([])))
    let lines = service.journal.lines.withLock { $0 }
    #expect(lines == ["work", "commit", "store", "commit"])
    service.end()
    #expect(waitFor { service.code.withLock { $0 } != nil })
    #expect(service.code.withLock { $0 } == 0)
    #expect(service.journal.lines.withLock { $0 }.last == "end")
  }

  @Test func aServiceWhoseNameIsTakenEndsWithAnError() throws {
    let bus = try BusProcess()
    let first = Running(bus.address)
    try start(first)
    var client = try bus.client()
    _ = try client.call(.jobs(.list), to: .jobs, id: try RequestID("r1"))
    let second = Running(bus.address)
    try start(second)
    #expect(waitFor { second.code.withLock { $0 } != nil })
    #expect(second.code.withLock { $0 } == 1)
    _ = try client.call(.jobs(.list), to: .jobs, id: try RequestID("r2"))
    first.end()
    #expect(waitFor { first.code.withLock { $0 } != nil })
  }

  @Test func workersDoAllThatTheyTakeAndRefuseWhatIsTooMuch() throws {
    let workers = try Workers<Int>(threads: 4, most: 100)
    let gate = Guarded(false)
    let isOpen: @Sendable () -> Bool = { gate.withLock { $0 } }
    var taken = 0
    for number in 0..<300 {
      let isTaken = workers.submit {
        while !isOpen() { usleep(1_000) }
        return [number]
      }
      if isTaken { taken += 1 }
    }
    #expect((100...104).contains(taken))
    gate.withLock { $0 = true }
    var results: [Int] = []
    #expect(
      waitFor {
        results += workers.collect()
        return results.count == taken
      })
    #expect(Set(results).count == taken)
    #expect(workers.underWay == 0)
  }
}
