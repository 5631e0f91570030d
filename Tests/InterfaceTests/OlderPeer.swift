import Bus
import Foundation
import Machine
import Model
import Support
import Wire

/// A peer that says the frames that an older one has said.
struct OlderPeer: ~Copyable {
  private let socket: Socket
  /// What was said, from the peer's greeting on.
  private let records: [TraceRecord]
  private let speech: OlderProtocol
  private var isWelcome = false
  /// What it was answered, by the request's id.
  private var answers: [String: Result<Reply, LabError>] = [:]
  /// Parts of what it was told that its version doesn't know.
  private(set) var unknown: Set<String> = []

  init(_ name: PeerName, _ older: Older, _ address: BusAddress) throws {
    let socket = try Socket(.dealer, in: try Context())
    try socket.connect(address.requests)
    self.socket = socket
    records = older.life(of: name)
    speech = older.speech
  }

  /// Greets until it is welcome; false: it isn't.
  mutating func greet() throws -> Bool {
    guard let frame = records.first?.frame else { return false }
    isWelcome = false
    _ = try socket.send([frame])
    return try eventually {
      try hear()
      return isWelcome
    }
  }

  func requests(_ kind: String) -> [TraceRecord] { records.filter { $0.requestKind == kind } }

  /// Asks as was asked.
  ///
  /// - Parameter session: of a request whose body begins with one (a fixed64, field 1): the one in the place of the older reconciler's.
  /// - Returns: nil: no answer.
  mutating func ask(_ record: TraceRecord?, in session: Session? = nil) throws -> Result<Reply, LabError>? {
    guard let record else { return nil }
    let envelope = try Envelope(decoding: record.envelope)
    var bytes = record.envelope
    if let session, let start = bytes.firstRange(of: envelope.body)?.lowerBound {
      for index in 0..<8 { bytes[start + 1 + index] = UInt8(truncatingIfNeeded: session.number >> (8 * index)) }
    }
    answers[envelope.requestID] = nil
    var isSaid = false
    _ = try eventually {
      if !isSaid { isSaid = try socket.send([record.frame, bytes]) == .sent }
      try hear()
      // As everyone does while a service starts, it asks again.
      if case .failure(let error)? = answers[envelope.requestID], error.isTransient {
        answers[envelope.requestID] = nil
        isSaid = false
      }
      return answers[envelope.requestID] != nil
    }
    return answers[envelope.requestID]
  }

  /// Hears, and refuses what its version doesn't know, until that is so.
  mutating func serve(until isOver: () -> Bool) throws -> Bool {
    try eventually {
      try hear()
      return isOver()
    }
  }

  /// In the words of all versions.
  private func refuse(_ asked: Envelope, _ asker: PeerName) throws {
    var words = LabError(.internalError, asked.kind, "is known")
    do throws(LabError) { _ = try Codec.decodeRequest(kind: "AgentService.Unheard", body: [], secret: []) } catch { words = error }
    let reply = Envelope(kind: asked.kind, isReply: true, requestID: asked.requestID, instance: 7, failure: words)
    _ = try socket.send([HubFrame.request(to: asker).encode(), reply.encode()])
  }

  /// Takes what has come.
  private mutating func hear() throws {
    while let message = try socket.receive() {
      guard let first = message.frames.first, let frame = try? HubFrame(decoding: first) else { continue }
      unknown.formUnion(speech.unknown(in: first, as: ".archetype.HubFrame"))
      switch frame {
      case .welcome: isWelcome = true
      case .probe(let number): _ = try socket.send([HubFrame.probed(number).encode()])
      case .delivered(let from) where message.frames.count > 1:
        try take(message.frames[1], message.frames.count > 2 ? message.frames[2] : [], from: from)
      case .hello, .helloRequired, .refused, .probed, .request, .delivered, .publish, .published, .synced, .undelivered: continue
      }
    }
  }

  private mutating func take(_ bytes: [UInt8], _ secret: [UInt8], from asker: PeerName) throws {
    let envelope = try Envelope(decoding: bytes)
    unknown.formUnion(speech.unknown(in: bytes, as: ".archetype.Envelope"))
    if let failure = envelope.failure {
      answers[envelope.requestID] = .failure(failure)
      return
    }
    guard let type = speech.type(of: envelope.kind, isReply: envelope.isReply) else {
      unknown.insert(envelope.kind)
      if !envelope.isReply { try refuse(envelope, asker) }
      return
    }
    unknown.formUnion(speech.unknown(in: envelope.body, as: type))
    guard envelope.isReply else { return }
    answers[envelope.requestID] = .success(try Codec.decodeReply(kind: envelope.kind, body: envelope.body, secret: secret))
  }
}
