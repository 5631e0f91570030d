import Bus
import Glibc
import Machine
import Model

/// A peer of a live bus that a test drives by hand.
struct TestPeer: ~Copyable {
  struct Answer {
    var reply: Reply?
    var failure: LabError?
  }

  private var peer: Peer
  private var number = 0
  /// Milliseconds; nothing that a test waits for takes longer on the slowest machine.
  private static let patience: UInt64 = 20_000

  init(_ name: PeerName, _ address: BusAddress) throws {
    peer = try Peer(
      name: name, instance: Instance(.random(in: 1...UInt64.max)), address: address, keys: nil, build: "test", context: try Context())
  }

  private static func now() -> Now {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Now(boot: Instant(milliseconds: UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000), wall: 0)
  }

  /// Drives it until `found` has what it wants of one event; nil when the patience is over.
  private mutating func pump<Found>(_ most: UInt64 = patience, _ found: (PeerEvent) -> Found?) throws -> Found? {
    var poller = Poller()
    let end = Self.now().boot + most
    repeat {
      try peer.flush(at: Self.now())
      poller.clear()
      peer.poll(with: &poller)
      try poller.wait(min(20, end.since(Self.now().boot)))
      var result: Found?
      for event in try peer.receive(most: 64, at: Self.now()) where result == nil { result = found(event) }
      if let result { return result }
    } while Self.now().boot < end
    return nil
  }

  /// Until the hub has admitted it; false: it hasn't.
  mutating func connect() throws -> Bool {
    if peer.isConnected { return true }
    return try pump { if case .bus(.connected, _) = $0 { true } else { nil } } ?? false
  }

  /// Why the hub refuses it.
  mutating func refusal() throws -> LabError? { try pump { if case .refused(let error) = $0 { error } else { nil } } }

  mutating func follow(_ topic: Topic) throws { try peer.send(.subscribe(topic), trace: .fresh(), at: Self.now()) }

  private mutating func send(_ request: Request, _ to: PeerName) throws -> RequestID {
    number += 1
    let id = try RequestID("test\(number)")
    try peer.send(.send(Outgoing(to: to, id: id, request: request, deadline: Self.patience)), trace: .fresh(), at: Self.now())
    return id
  }

  /// A question and its answer.
  mutating func ask(_ request: Request, _ to: PeerName) throws -> Answer {
    guard try connect() else { return Answer(failure: LabError(.unavailable, "bus", "not admitted")) }
    let id = try send(request, to)
    let result = try pump { event -> Result<Reply, LabError>? in
      if case .bus(.reply(id, let result), _) = event { result } else { nil }
    }
    switch result {
    case .success(let reply): return Answer(reply: reply)
    case .failure(let error): return Answer(failure: error)
    case nil: return Answer()
    }
  }

  /// A question whose answer isn't waited for.
  /// - Returns: the code of any failure that the addressee's questions have met by now.
  mutating func post(_ request: Request, _ to: PeerName) throws -> ErrorCode? {
    guard try connect() else { return .unavailable }
    _ = try send(request, to)
    return try pump(1) { event in
      if case .bus(.reply(_, .failure(let error)), _) = event, error.subject == "\(to)" { error.code } else { nil }
    }
  }
}
