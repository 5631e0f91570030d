import ConfigCore
import Machine
import Model
import Testing
import Wire

/// The config service's decisions, without a store.
struct ConfigCoreTests {
  private let content: [UInt8] = [1, 2, 3]

  private func core(_ records: [RecordChange] = []) -> ConfigCore {
    var intent = Intent(store: CoreScene.store, revision: Revision(1))
    for record in records { intent.load(record, at: Revision(1)) }
    return ConfigCore(intent: intent, remembered: RememberedRequests(), blobs: [])
  }

  private func ask(_ core: inout ConfigCore, _ peer: PeerName, _ request: ConfigsRequest, at time: UInt64 = 0, id: String = "r") throws
    -> [ConfigCore.Effect]
  {
    core.handle(.bus(try CoreScene.incoming(peer, id, .configs(request))), at: CoreScene.now(time))
  }

  @Test func onlyCommandLinesPutBlobs() throws {
    for (peer, isAllowed) in [(PeerName.client("c"), true), (.agent(try HostName("h1")), false), (.jobs, false)] {
      var core = core()
      let effects = try ask(&core, peer, .putBlob(Digest.sha256(content), content))
      #expect(effects.error("r") == (isAllowed ? nil : .permissionDenied), "\(peer)")
      #expect(effects.contains { if case .store = $0 { true } else { false } } == isAllowed)
    }
  }

  @Test func aBlobIsTakenUnderItsOwnDigestOnly() throws {
    for (digest, isRight) in [(Digest.sha256(content), true), (Digest.sha256([9]), false)] {
      let coded = Codec.encode(Request.configs(.putBlob(digest, content)))
      let read = try? Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret)
      #expect((read != nil) == isRight)
    }
  }

  @Test func aPutThatChangesNothingIsRefusedAndLeavesNothing() throws {
    for peer in [PeerName.client("c"), .agent(try HostName("h1")), .reconciler, .jobs, .links] {
      var core = core()
      let effects = try ask(&core, peer, .put(Put(changes: [], expect: [])))
      #expect([.permissionDenied, .invalidArgument].contains(effects.error("r")), "\(peer)")
      #expect(!effects.contains { if case .store = $0 { true } else { false } })
      #expect(core.intent.revision == Revision(1))
    }
  }

  @Test func contentThatADeployAsksAboutHasItsWholeGraceAgain() throws {
    let digest = Digest.sha256(content)
    for request in [ConfigsRequest.missingBlobs([digest]), .putBlob(digest, content)] {
      var core = core()
      _ = try ask(&core, .client("c"), .putBlob(digest, content))
      _ = core.handle(.tick, at: CoreScene.now(0))
      // Just before its end.
      _ = try ask(&core, .client("c"), request, at: 3_599_000, id: "s")
      func drops(_ time: UInt64) -> Bool {
        core.handle(.tick, at: CoreScene.now(time)).contains { if case .store(.dropBlob) = $0 { true } else { false } }
      }
      #expect(!drops(3_660_000))
      #expect(!drops(7_200_000))
      #expect(drops(7_300_000))
    }
  }
}
