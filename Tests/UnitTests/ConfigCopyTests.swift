import ConfigCore
import Machine
import Model
import Testing

/// What the config service decides of backups.
struct ConfigCopyTests {
  private func core(revision: UInt64 = 5, backup: RequestID? = nil) -> ConfigCore {
    ConfigCore(
      intent: Intent(store: CoreScene.store, revision: Revision(revision)), remembered: RememberedRequests(), blobs: [],
      instance: CoreScene.configs, backup: backup)
  }

  private func ask(_ core: inout ConfigCore, _ request: ConfigsRequest, id: String, from peer: PeerName = .client("c")) throws
    -> [ConfigCore.Effect]
  {
    core.handle(.bus(try CoreScene.incoming(peer, id, .configs(request))), at: CoreScene.now(0))
  }

  private func end(_ core: inout ConfigCore, _ id: String, _ result: CopyResult) throws -> [ConfigCore.Effect] {
    core.handle(.copied(Incoming.Address(.client("c"), try RequestID(id)), .success(result)), at: CoreScene.now(0))
  }

  private func actions(_ effects: [ConfigCore.Effect]) -> [CopyAction] {
    effects.compactMap { if case .copy(_, let action) = $0 { action } else { nil } }
  }

  private func copy(_ revision: UInt64, of store: StoreIdentity = CoreScene.store) -> StoreCopy {
    StoreCopy(store: store, revision: Revision(revision), bytes: 3)
  }

  @Test func onlyCommandLinesMayBackUpAndRestore() throws {
    let id = try RequestID("x")
    for request in [ConfigsRequest.backup, .backupPart(id, offset: 0), .restorePart(id, offset: 0, [1]), .restore(id, bytes: 1)] {
      for peer in [PeerName.jobs, .agent(try HostName("h1"))] {
        var core = core()
        let effects = try ask(&core, request, id: "r", from: peer)
        #expect(effects.error("r") == .permissionDenied && actions(effects) == [])
      }
    }
  }

  @Test func oneBackupIsMadeAtATimeAndOnceHoweverOftenItIsAskedFor() throws {
    var core = core()
    #expect(actions(try ask(&core, .backup, id: "b1")) == [.make(try RequestID("b1"))])
    #expect(try ask(&core, .backup, id: "b1").isEmpty)
    #expect(try ask(&core, .backup, id: "b2").error("b2") == .aborted)
    #expect(try ask(&core, .backupPart(try RequestID("b1"), offset: 0), id: "p0").error("p0") == .notFound)
    #expect(try end(&core, "b1", .made(copy(5))).answer("b1")?.get() == .configs(.backup(copy(5))))
    #expect(try ask(&core, .backup, id: "b1").answer("b1")?.get() == .configs(.backup(copy(5))))
    #expect(actions(try ask(&core, .backupPart(try RequestID("b1"), offset: 2), id: "p1")) == [.read(at: 2)])
    #expect(try end(&core, "p1", .read([1])).answer("p1")?.get() == .configs(.backupPart([1])))
    _ = try end(&core, "p2", .read([]))
    #expect(try ask(&core, .backupPart(try RequestID("b1"), offset: 3), id: "p3").error("p3") == .notFound)
  }

  @Test func partsComeInTheirOrderAndMayComeAgain() throws {
    var core = core()
    let id = try RequestID("x")
    func part(_ offset: UInt64, _ id: String) -> ConfigsRequest? { (try? RequestID(id)).map { .restorePart($0, offset: offset, [1, 2]) } }
    #expect(actions(try ask(&core, try #require(part(0, "x")), id: "p0")) == [.take([1, 2], isFirst: true)])
    #expect(actions(try ask(&core, try #require(part(2, "x")), id: "p1")) == [.take([1, 2], isFirst: false)])
    for late in [0, 2] as [UInt64] {
      let effects = try ask(&core, try #require(part(late, "x")), id: "again")
      #expect(try effects.answer("again")?.get() == .configs(.restorePart) && actions(effects) == [])
    }
    #expect(try ask(&core, try #require(part(6, "x")), id: "p3").error("p3") == .aborted)
    #expect(try ask(&core, .restore(id, bytes: 6), id: "r").error("r") == .aborted)
    // Another one begins anew.
    #expect(actions(try ask(&core, try #require(part(0, "y")), id: "q0")) == [.take([1, 2], isFirst: true)])
    #expect(try ask(&core, .restore(id, bytes: 4), id: "r").error("r") == .aborted)
    #expect(actions(try ask(&core, .restore(try RequestID("y"), bytes: 2), id: "r")) == [.verify(try RequestID("y"), bytes: 2)])
    #expect(try ask(&core, .restore(try RequestID("y"), bytes: 2), id: "r").isEmpty)
    #expect(try ask(&core, try #require(part(0, "z")), id: "z0").error("z0") == .aborted)
  }

  @Test func aStoreGivesWayToItsOwnDeploymentsOnlyUnlessItIsEmpty() throws {
    let other = StoreIdentity(deployment: Deployment(random: 9), incarnation: Incarnation(random: 9))
    let cases: [(present: UInt64, copy: StoreCopy, isTaken: Bool)] = [
      (5, copy(3), true), (5, copy(9), true), (5, copy(0), false), (5, copy(3, of: other), false), (0, copy(3, of: other), true),
    ]
    for (present, copy, isTaken) in cases {
      var core = core(revision: present)
      let id = try RequestID("x")
      _ = try ask(&core, .restorePart(id, offset: 0, [1, 2, 3]), id: "p")
      _ = try ask(&core, .restore(id, bytes: 3), id: "r")
      let effects = try end(&core, "r", .verified(copy))
      #expect(actions(effects) == [isTaken ? .adopt : .refuse])
      #expect(effects.error("r") == (isTaken ? nil : .failedPrecondition))
      // From then on this life says and stores nothing.
      let late = try ask(&core, .standing, id: "late")
      #expect(late.error("late") == (isTaken ? .unavailable : nil))
      #expect(core.handle(.tick, at: CoreScene.now(0)).isEmpty == isTaken)
    }
  }

  @Test func aBackupInTheStoresPlaceChangesNothingUntilItIsDeclaredTheRightOne() throws {
    let id = try RequestID("x")
    var core = core(backup: id)
    #expect(core.suspension?.message.contains("archetype configs recover") == true)
    // Whose answer was lost asks again.
    #expect(try ask(&core, .restore(id, bytes: 3), id: "r").answer("r")?.get() == .configs(.restored(copy(5))))
    let put = ConfigsRequest.put(Put(changes: [.restraint(try HostName("h1"), .drained)], expect: []))
    #expect(try ask(&core, put, id: "put", from: .jobs).error("put") == .failedPrecondition)
    #expect(core.intent.revision == Revision(5))
    let basis = PutBasis(store: CoreScene.store, revision: Revision(5))
    #expect(try ask(&core, .recover(Incarnation(random: 7), of: basis), id: "recover").error("recover") == nil)
    #expect(core.suspension == nil)
    #expect(try ask(&core, .restore(id, bytes: 3), id: "r2").error("r2") == .aborted)
  }
}
