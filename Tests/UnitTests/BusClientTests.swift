import Bus
import Glibc
import Machine
import Model
import Reactor
import Testing

/// The command line's end, and keys over TCP, on a real bus.
@Suite(.serialized) struct BusClientTests {
  private func open(_ address: BusAddress, keys: String? = nil) throws -> BlockingClient {
    try BlockingClient(address: address, keys: keys, instance: Clock.makeInstance(), build: "test", clock: Clock.now)
  }

  @Test func withoutABusTheErrorSaysWhereAndWhatToDo() throws {
    do {
      _ = try open(.folder("/tmp/no-such-bus"))
      Issue.record("there is no bus")
    } catch {
      let error = try #require(error as? LabError)
      #expect(error.code == .unavailable)
      #expect(error.message.contains("ipc:///tmp/no-such-bus"))
    }
    let bus = try BusProcess()
    _ = try bus.client()
    // A killed bus leaves its socket files.
    bus.kill()
    #expect(throws: LabError.self) { _ = try open(bus.address) }
  }

  @Test func anAbsentServiceIsNamed() throws {
    let bus = try BusProcess()
    var client = try bus.client()
    do throws(LabError) {
      _ = try client.call(.jobs(.list), to: .jobs, id: try RequestID("r"), patience: 300)
      Issue.record("nobody can have answered")
    } catch {
      #expect(error.code == .unavailable)
      #expect(error.subject == "jobs")
    }
  }

  @Test func aSecondBusInTheSameFolderIsRefused() throws {
    let bus = try BusProcess()
    _ = try bus.client()
    let second = BusProcess(sharing: bus)
    try second.start()
    #expect(second.wait() == 1)
    _ = try bus.client()
  }

  @Test func aKeySpeaksOnlyAsItsNameAndAnUnknownOneNotAtAll() throws {
    let base = try makeFolder()
    defer { removeFolder(base) }
    let h1 = PeerName.agent(try HostName("h1"))
    try Keys.makeHub("\(base)/hub")
    try Keys.makePeer(name: h1, hubFolder: "\(base)/hub", peerFolder: "\(base)/h1")
    // A key of another hub's folder, but with this hub's public key.
    try Keys.makeHub("\(base)/other")
    try Keys.makePeer(name: h1, hubFolder: "\(base)/other", peerFolder: "\(base)/stranger")
    try copy("\(base)/h1/hub.pub", "\(base)/stranger/hub.pub")

    let port = UInt16.random(in: 20_000...29_000)
    let bus = try BusProcess(["--listen", "tcp://127.0.0.1:\(port)", "--keys", "\(base)/hub"])
    let address = BusAddress.tcp(host: "127.0.0.1", port: port)

    var good = try bus.peer(h1, keys: "\(base)/h1", at: address)
    try good.send(.subscribe(.assign(try HostName("h1"))), trace: .fresh(), at: Clock.now())
    try good.send(.subscribe(.assign(try HostName("h2"))), trace: .fresh(), at: Clock.now())
    #expect(try connect(&good))
    var forger = try bus.peer(.configs, keys: "\(base)/h1", at: address)
    #expect(try pump(&forger) { $0.refusal }?.code == .permissionDenied)
    var stranger = try bus.peer(h1, keys: "\(base)/stranger", at: address)
    #expect(try pump(&stranger) { $0.refusal }?.code == .unauthenticated)

    // By TCP the agent hears its own assignment, and not another's that it asked for.
    var configs = try bus.peer(.configs)
    #expect(try connect(&configs))
    for (number, name) in [(UInt64(1), "h2"), (2, "h1")] {
      let fact = Publication(topic: .assign(try HostName(name)), number: number, previous: 0, fact: .assigned(Revision(number)))
      try configs.send(.publish(fact), trace: .fresh(), at: Clock.now())
    }
    #expect(try pump(&good) { $0.publication }?.number == 2)

    // A key that is taken away ends its connection; a new one is let in without a restart.
    #expect(unlink("\(base)/hub/peers/agent@h1.pub") == 0)
    #expect(try pump(&good) { $0.refusal }?.code == .unauthenticated)
    try Keys.makePeer(name: h1, hubFolder: "\(base)/hub", peerFolder: "\(base)/h1")
    var again: LabError?
    for _ in 0..<20 {
      var peer = try bus.peer(h1, keys: "\(base)/h1", at: address)
      // Either it is connected, or the hub hasn't looked into its folder yet.
      let found: LabError?? = try pump(&peer) { event in
        if case .bus(.connected, _) = event { .some(nil) } else { event.refusal.map { .some($0) } }
      }
      again = found ?? LabError(.unknown, "", "")
      if again == nil { break }
      usleep(200_000)
    }
    #expect(again == nil)
  }

  private func makeFolder() throws -> String {
    var template = Array("/tmp/archetype-bus-keys.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  private func removeFolder(_ base: String) {
    for folder in ["hub", "other"] {
      for name in ["peers/agent@h1.pub", "hub.key"] { unlink("\(base)/\(folder)/\(name)") }
      rmdir("\(base)/\(folder)/peers")
    }
    for folder in ["h1", "stranger"] { for name in ["peer.key", "hub.pub"] { unlink("\(base)/\(folder)/\(name)") } }
    for folder in ["hub", "other", "h1", "stranger", ""] { rmdir("\(base)/\(folder)") }
  }

  private func copy(_ from: String, _ to: String) throws {
    unlink(to)
    try #require(link(from, to) == 0)
  }
}
