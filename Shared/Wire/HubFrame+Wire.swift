public import Machine
public import Model

extension HubFrame {
  /// The first frame.
  public func encode() -> [UInt8] { Codec.bytes(Proto.HubFrame(frame: choice)) }

  /// - Throws: `INVALID_ARGUMENT` for bytes that are no hub frame, and for names and topics that can't be.
  public init(decoding bytes: [UInt8]) throws(LabError) {
    self = try Codec.decoding("HubFrame") {
      guard let choice = try Proto.HubFrame(decoding: bytes).frame else { throw missing("frame") }
      return try HubFrame(choice)
    }
  }

  private var choice: Proto.HubFrame.Frame {
    switch self {
    case .hello(let hello): .hello(hello.message)
    case .welcome(let hub): .welcome(Proto.Welcome(hub: hub.number))
    case .helloRequired: .helloRequired(Proto.Nothing())
    case .refused(let code, let text): .refused(Proto.Refused(code: code.message, message: text))
    case .probe(let number): .probe(number)
    case .probed(let number): .probed(number)
    case .request(let peer): .request(peer.description)
    case .delivered(let peer): .delivered(peer.description)
    case .publish(let topic): .publish(topic.description)
    case .published(let peer, let topic): .published(Proto.Published(from: peer.description, topic: topic.description))
    case .synced(let number): .synced(number)
    case .undelivered(let peer, let id, let code, let text):
      .undelivered(Proto.Undelivered(to: peer.description, requestId: id.text, code: code.message, message: text))
    }
  }

  private init(_ choice: Proto.HubFrame.Frame) throws(LabError) {
    switch choice {
    case .hello(let hello): self = .hello(try Hello(hello))
    case .welcome(let welcome): self = .welcome(hub: Instance(welcome.hub))
    case .helloRequired: self = .helloRequired
    case .refused(let refused): self = .refused(try ErrorCode(refused.code), refused.message)
    case .probe(let number): self = .probe(number)
    case .probed(let number): self = .probed(number)
    case .request(let peer): self = .request(to: try PeerName(peer))
    case .delivered(let peer): self = .delivered(from: try PeerName(peer))
    case .publish(let topic): self = .publish(try Topic(topic))
    case .published(let published): self = .published(from: try PeerName(published.from), try Topic(published.topic))
    case .synced(let number): self = .synced(number)
    case .undelivered(let undelivered):
      self = .undelivered(
        to: try PeerName(undelivered.to), try RequestID(undelivered.requestId), try ErrorCode(undelivered.code), undelivered.message)
    }
  }
}

extension Hello: WireValue {
  /// A hello names few capabilities; more are an attempt to fill the hub's memory.
  private static let mostCapabilities = 64

  init(_ message: Proto.Hello) throws(LabError) {
    guard message.capabilities.count <= Self.mostCapabilities else {
      throw LabError(.outOfRange, message.name, "more than \(Self.mostCapabilities) capabilities")
    }
    self.init(
      name: try PeerName(message.name), instance: Instance(message.instance), protocolVersion: message.protocolVersion,
      capabilities: message.capabilities, build: message.build)
  }
  var message: Proto.Hello {
    Proto.Hello(
      name: name.description, instance: instance.number, protocolVersion: protocolVersion, capabilities: capabilities, build: build)
  }
}
