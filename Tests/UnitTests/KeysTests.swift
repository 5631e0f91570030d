import Bus
import Glibc
import Model
import Testing

struct KeysTests {
  private func folder() throws -> String {
    var template = Array("/tmp/archetype-keys-test.XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
  }

  private func remove(_ folder: String) {
    for name in [
      "hub/peers/agent@h1.pub", "hub/peers/agent@h2.pub", "hub/hub.key", "h1/peer.key", "h1/hub.pub", "h2/peer.key", "h2/hub.pub",
    ] {
      unlink("\(folder)/\(name)")
    }
    for name in ["hub/peers", "hub", "h1", "h2", ""] { rmdir("\(folder)/\(name)") }
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test func aPeersKeyIsBoundToItsNameAndReadableByItsOwnerOnly() throws {
    let base = try folder()
    defer { remove(base) }
    let name = PeerName.agent(try HostName("h1"))
    try Keys.makeHub("\(base)/hub")
    try Keys.makePeer(name: name, hubFolder: "\(base)/hub", peerFolder: "\(base)/h1")
    let hub = try Keys.loadHub("\(base)/hub")
    let peer = try Keys.loadPeer("\(base)/h1")
    #expect(hub.known == [peer.own.publicKey: KnownKey(name: name)])
    #expect(peer.hub == hub.own.publicKey)
    for path in ["hub/hub.key", "hub/peers/agent@h1.pub", "h1/peer.key", "h1/hub.pub"] { #expect(mode("\(base)/\(path)") == 0o600) }
    for path in ["hub", "hub/peers", "h1"] { #expect(mode("\(base)/\(path)") == 0o700) }
  }

  @Test func aKeyMadeAgainReplacesTheFirst() throws {
    let base = try folder()
    defer { remove(base) }
    let name = PeerName.agent(try HostName("h1"))
    try Keys.makeHub("\(base)/hub")
    let hub = try Keys.loadHub("\(base)/hub").own.publicKey
    try Keys.makePeer(name: name, hubFolder: "\(base)/hub", peerFolder: "\(base)/h1")
    let first = try Keys.loadPeer("\(base)/h1").own.publicKey
    try Keys.makeHub("\(base)/hub")
    try Keys.makePeer(name: name, hubFolder: "\(base)/hub", peerFolder: "\(base)/h1")
    let second = try Keys.loadPeer("\(base)/h1").own.publicKey
    #expect(first != second)
    let read = try Keys.loadHub("\(base)/hub")
    #expect(read.own.publicKey == hub)
    #expect(read.known == [second: KnownKey(name: name)])
    #expect(unlink("\(base)/hub/peers/agent@h1.pub") == 0)
    #expect(try Keys.loadHub("\(base)/hub").known.isEmpty)
  }

  @Test func missingAndSpoiltKeysSayWhatToDo() throws {
    let base = try folder()
    defer { remove(base) }
    do throws(LabError) {
      _ = try Keys.loadHub("\(base)/hub")
      Issue.record("there is no key")
    } catch {
      #expect(error.message.contains("archetype keys init"))
    }
    try Keys.makeHub("\(base)/hub")
    let name = PeerName.agent(try HostName("h1"))
    try Keys.makePeer(name: name, hubFolder: "\(base)/hub", peerFolder: "\(base)/h1")
    // A peer's file under another's name would let it speak as that.
    rename("\(base)/hub/peers/agent@h1.pub", "\(base)/hub/peers/agent@h2.pub")
    #expect(throws: LabError.self) { try Keys.loadHub("\(base)/hub") }
    truncate("\(base)/h1/peer.key", 20)
    #expect(throws: LabError.self) { try Keys.loadPeer("\(base)/h1") }
  }
}
