import Foundation
import Support
import Testing

/// Keys, roles, enrolment and the audit log, as commands use them.
@Suite(.serialized) final class RightsTests {
  private let base: String
  private let address: String
  private var bus: StartedCommand
  /// Without a config service it takes what it is asked, and does nothing.
  private let jobs: StartedCommand

  init() throws {
    base = NSTemporaryDirectory() + "archetype-keys-\(UUID().uuidString.prefix(8))"
    address = "tcp://127.0.0.1:\(UInt16.random(in: 20_000...29_000))"
    try FileManager.default.createDirectory(atPath: base + "/data", withIntermediateDirectories: true)
    let made = try CommandRun.run(TestLab.builtPrograms + "/archetype", ["keys", "init", "--keys", base + "/hub"])
    guard made.exit == 0 else { throw SupportError(made.errors) }
    bus = try Self.startBus(base, address)
    jobs = try StartedCommand(TestLab.builtPrograms + "/archetype-jobs", ["--bus", "ipc://\(base)/bus", "--data", base + "/data"])
  }

  deinit {
    _ = jobs.terminate()
    _ = bus.terminate()
    try? FileManager.default.removeItem(atPath: base)
  }

  private static func startBus(_ base: String, _ address: String) throws -> StartedCommand {
    try StartedCommand(
      TestLab.builtPrograms + "/archetype-bus",
      ["--listen", "ipc://\(base)/bus", "--listen", address, "--keys", base + "/hub", "--data", base + "/data"])
  }

  private func archetype(_ words: String...) throws -> CommandRun { try CommandRun.run(TestLab.builtPrograms + "/archetype", words) }

  /// As a user with keys of the own.
  private func by(_ user: String, _ words: String...) throws -> CommandRun {
    try CommandRun.run(
      TestLab.builtPrograms + "/archetype", words + ["--bus", address, "--keys", "\(base)/hub/clients/\(user)", "--format", "json"])
  }

  /// Whether it reached the job service, which says that it waits for another.
  private func isPassed(_ run: CommandRun) -> Bool { run.errors.contains("has not heard from the config service") }

  private func keys(_ words: String...) throws -> CommandRun {
    let run = try CommandRun.run(TestLab.builtPrograms + "/archetype", words + ["--keys", base + "/hub", "--format", "json"])
    #expect(run.exit == 0, "\(words): \(run.errors)")
    return run
  }

  private func audit() throws -> [[String: Any]] {
    let run = try archetype("audit", "--bus", "ipc://\(base)/bus", "--format", "json")
    #expect(run.exit == 0, "\(run.errors)")
    return run.output.split(separator: "\n").compactMap {
      try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
  }

  private func listed() throws -> [String] {
    try (keys("keys", "list").json() as? [[String: Any]] ?? []).compactMap { $0["peer"] as? String }
  }

  @Test func whoMayDoWhatIsSaidByTheRoleOfTheKeyAndWhoDidItByTheAuditLog() throws {
    _ = try keys("keys", "client", "anna", "--role", "viewer")
    _ = try keys("keys", "client", "olaf")
    #expect(try eventually { try isPassed(by("olaf", "job", "cancel", "2j9c1k7x0.0")) })
    let refused = try by("anna", "job", "cancel", "2j9c1k7x0.0")
    #expect(refused.exit == 1 && refused.errors.contains("needs the role operator"), "\(refused.errors)")
    #expect(try isPassed(by("anna", "job", "list")))
    #expect(try by("olaf", "audit").exit == 1)
    #expect(try by("anna", "trace", "--count", "1").errors.contains("needs the role operator"))

    let records = try audit()
    let olaf = try #require(records.first { $0["key"] as? String == "cli/olaf" })
    #expect(olaf["kind"] as? String == "JobService.Cancel" && olaf["subject"] as? String == "2j9c1k7x0.0" && olaf["refusal"] is NSNull)
    let anna = try #require(records.first { $0["key"] as? String == "cli/anna" })
    #expect((anna["refusal"] as? String)?.contains("viewer") == true)
    #expect(records.compactMap { $0["number"] as? Int } == Array(1...records.count))

    // It outlives the bus, and goes on numbering.
    bus.signal(SIGTERM)
    #expect(bus.wait(limit: 30).exit == 0)
    bus = try Self.startBus(base, address)
    #expect(try eventually { try isPassed(by("olaf", "job", "cancel", "2j9c1k7x0.1")) })
    let later = try audit()
    #expect(later.count > records.count && later.prefix(records.count).map { $0["at"] as? String } == records.map { $0["at"] as? String })
    #expect(later.compactMap { $0["number"] as? Int } == Array(1...later.count))

    _ = try keys("keys", "revoke", "cli/anna")
    #expect(try eventually { try by("anna", "job", "list").errors.contains("doesn't know this key") })
    #expect(try listed() == ["cli/local", "cli/olaf"])
  }

  @Test func aKeyIsChangedWithoutAMomentInWhichNoneIsGood() throws {
    _ = try keys("keys", "client", "olaf")
    #expect(try eventually { try isPassed(by("olaf", "job", "list")) })
    _ = try keys("keys", "rotate", "cli/olaf", "--out", base + "/hub/clients/new")
    for _ in 0..<2 {
      #expect(try eventually { try isPassed(by("new", "job", "list")) })
      #expect(try isPassed(by("olaf", "job", "list")), "the old one too")
    }
    _ = try keys("keys", "rotate", "cli/olaf", "--finish")
    #expect(try eventually { try by("olaf", "job", "list").errors.contains("doesn't know this key") })
    #expect(try eventually { try isPassed(by("new", "job", "list")) })
    #expect(try listed() == ["cli/local", "cli/olaf"])
  }

  @Test func theBusChangesItsKeyWhenAllHaveTheNextOne() throws {
    func hub(_ folder: String) throws -> String { try String(contentsOfFile: "\(base)/hub/\(folder)/hub.pub", encoding: .utf8) }
    for user in ["olaf", "anna"] { _ = try keys("keys", "client", user) }
    #expect(try archetype("keys", "rotate", "bus", "--finish", "--keys", base + "/hub").exit == 1, "there is no next one")
    _ = try keys("keys", "rotate", "bus")
    let next = try hub("next/bus")
    _ = try keys("keys", "rotate", "bus")
    #expect(try hub("next/bus") == next, "what was handed out stays good")
    // Olaf has taken his folder to his machine before, and Anna is to be given hers.
    let olaf = base + "/hub/olaf"
    try FileManager.default.moveItem(atPath: base + "/hub/clients/olaf", toPath: olaf)
    #expect(try eventually { try isPassed(by("../olaf", "job", "list")) })
    _ = try keys("keys", "rotate", "bus", "--finish")
    #expect(try hub("clients/anna") == next && hub("") == next)
    #expect(try eventually { try isPassed(by("anna", "job", "list")) })
    #expect(try by("../olaf", "job", "list").errors.contains("can't be reached"))
    try next.write(toFile: olaf + "/hub.pub", atomically: true, encoding: .utf8)
    #expect(try isPassed(by("../olaf", "job", "list")))
  }

  @Test func aHostBringsItsOwnKeyOnce() throws {
    let enrolled = try keys("host", "enroll", "h9", "--at", address).json() as? [String: Any]
    let token = try #require(enrolled?["token"] as? String)
    #expect(try listed() == ["cli/enroll.h9", "cli/local"])
    // The bus, which may not have begun yet, looks into its folder every second: only for its begin is the command given again.
    #expect(try eventually { try archetype("status", "bus", "--bus", "ipc://\(base)/bus").exit == 0 })
    #expect(try archetype("host", "join", token, "--keys", base + "/h9").exit == 0)
    #expect(try listed() == ["agent/h9", "cli/local"])
    let secret = try String(contentsOfFile: base + "/h9/peer.key", encoding: .utf8)
    #expect(secret.contains("name agent/h9"))
    let again = try archetype("host", "join", token, "--keys", base + "/thief")
    #expect(again.exit != 0 && !FileManager.default.fileExists(atPath: base + "/thief/peer.key"), "\(again.errors)")
    #expect(again.errors.contains("archetype host enroll h9"), "\(again.errors)")
    #expect(try archetype("host", "join", "h9@nonsense", "--keys", base + "/x").exit == 2)
    #expect(try audit().contains { $0["kind"] as? String == "PeerService.Enroll" && $0["key"] as? String == "cli/enroll.h9" })
    // The agent that has it is let in, by its own name only.
    let status = try CommandRun.run(
      TestLab.builtPrograms + "/archetype", ["status", "bus", "--bus", address, "--keys", base + "/h9", "--format", "json"])
    #expect(status.exit == 1 && status.output.contains("agent/h9 may not send"), "\(status.output)")
  }
}
