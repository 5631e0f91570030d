import Bus
import Foundation
import HubCore
import Machine
import Model
import Reactor
import Testing
import Wire

@testable import HubCore

/// Who may send, publish and follow what, cell by cell, by a real bus with a real key for each.
@Suite(.serialized) struct BusRightsTests {
  private static let everyone: [PeerName] = [.configs, .jobs, .links, .reconciler, .client("anna")]

  private let base: String
  private let bus: BusProcess
  private let address: BusAddress
  private let h1: PeerName

  init() throws {
    h1 = .agent(try HostName("h1"))
    base = NSTemporaryDirectory() + "archetype-rights-\(UUID())"
    try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    try Keys.makeHub("\(base)/hub")
    for peer in Self.everyone + [h1] { try Keys.makePeer(name: peer, hubFolder: "\(base)/hub", peerFolder: "\(base)/\(Self.folder(peer))") }
    for role in Role.allCases {
      try Keys.makePeer(
        name: .client(role.rawValue), role: role, hubFolder: "\(base)/hub", peerFolder: "\(base)/cli-\(role.rawValue)")
    }
    let port = UInt16.random(in: 20_000...29_000)
    address = .tcp(host: "127.0.0.1", port: port)
    bus = try BusProcess(["--listen", "\(address)", "--keys", "\(base)/hub"])
    _ = try bus.client()
  }

  private static func folder(_ peer: PeerName) -> String { "\(peer)".replacingOccurrences(of: "/", with: "-") }

  /// What comes of a request, while nobody is there to answer it: `unavailable`, where it would have been passed on.
  private func code(_ client: inout BlockingClient, _ request: Request, to peer: PeerName) throws -> ErrorCode? {
    do throws(LabError) {
      _ = try client.call(request, to: peer, id: RequestID(Clock.makeInstance(), 1), patience: 0)
      return nil
    } catch { return error.code }
  }

  private func client(_ name: PeerName) throws -> BlockingClient {
    var asked = name
    if case .client(let held) = name { asked = .client("\(held).1") }
    return try BlockingClient(
      address: address, keys: "\(base)/\(Self.folder(name))", name: asked, instance: Clock.makeInstance(), build: "test", clock: Clock.now)
  }

  @Test func whatEachRoleMayAskFor() throws {
    defer { try? FileManager.default.removeItem(atPath: base) }
    var samples = WireSamples(seed: 1)
    var asked: Set<String> = []
    let requests = try samples.requests()
    for role in Role.allCases {
      var client = try client(.client(role.rawValue))
      for request in requests {
        let kind = Codec.encode(request).kind
        asked.insert(kind)
        let code = try code(&client, request, to: .jobs)
        #expect(code == (role < Rights.right(to: kind).need ? .permissionDenied : .unavailable), "\(role) \(kind)")
      }
    }
    #expect(asked == Set(Codec.requestKinds))
  }

  @Test func whoMaySendToWhom() throws {
    defer { try? FileManager.default.removeItem(atPath: base) }
    let other = PeerName.agent(try HostName("h2"))
    for from in Self.everyone + [h1] {
      var client = try client(from)
      for to in Self.everyone + [h1, other, .bus] where to != from {
        let code = try code(&client, .peer(.status), to: to)
        #expect((code == .permissionDenied) == !Permissions.maySend(from, to: to), "\(from) to \(to): \(String(describing: code))")
      }
    }
  }

  @Test func whoMayPublishAndFollowWhat() throws {
    defer { try? FileManager.default.removeItem(atPath: base) }
    let topics: [Topic] = [.intent, .assign(try HostName("h1")), .assign(try HostName("h2")), .lab(try LabName("ring")), .all]
    for from in Self.everyone + [h1] {
      // Everybody follows everything, and the local folder's guest hears what is let through at all.
      var guest = try bus.peer(.client("guest"))
      var follower = try bus.peer(from, keys: "\(base)/\(Self.folder(from))", at: address)
      for topic in topics {
        try guest.send(.subscribe(topic), trace: .fresh(), at: Clock.now())
        try follower.send(.subscribe(topic), trace: .fresh(), at: Clock.now())
      }
      #expect(try connect(&guest))
      #expect(try connect(&follower))
      var number: UInt64 = 0
      func publish(_ topics: [Topic], by peer: inout Peer) throws {
        for topic in topics {
          number += 1
          let fact = Publication(topic: topic, number: number, previous: number - 1, fact: .head)
          try peer.send(.publish(fact), trace: .fresh(), at: Clock.now())
        }
        try peer.flush(at: Clock.now())
      }
      // What the peer itself publishes: the last is the one that must come.
      try publish(topics, by: &follower)
      for name in [PeerName.configs, .reconciler] where name != from {
        var writer = try bus.peer(name)
        #expect(try connect(&writer))
        try publish(topics.filter { Permissions.mayPublish(name, $0) }, by: &writer)
        _ = try pump(&writer, most: 50) { $0.reply }
      }
      var heard: Set<Topic> = []
      _ = try pump(&guest, most: 400) { event -> Bool? in
        if let publication = event.publication, publication.number <= UInt64(topics.count) { heard.insert(publication.topic) }
        return nil
      }
      #expect(heard == Set(topics.filter { Permissions.mayPublish(from, $0) }), "\(from)")
      var followed: Set<Topic> = []
      _ = try pump(&follower, most: 400) { event -> Bool? in
        if let publication = event.publication { followed.insert(publication.topic) }
        return nil
      }
      let published = Set(topics.filter { Permissions.mayPublish(.configs, $0) || Permissions.mayPublish(.reconciler, $0) })
      #expect(followed == published.filter { Permissions.mayFollow(from, .admin, $0) }, "\(from)")
    }
  }
}
