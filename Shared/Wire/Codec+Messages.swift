public import Model

extension Codec {
  /// A request's kind, `Service.Method`, and its bytes.
  public static func encode(_ request: Request) -> Coded {
    var secrets = SecretWriter()
    let (kind, body) =
      switch request {
      case .configs(let request): request.encode(&secrets)
      case .jobs(let request): request.encode(&secrets)
      case .reconciler(let request): request.encode()
      case .agent(let request): request.encode(&secrets)
      case .peer(let request): request.encode()
      }
    return (kind, body, secrets.encode())
  }

  public static func decodeRequest(kind: String, body: [UInt8], secret: [UInt8]) throws(LabError) -> Request {
    try decoding(kind) {
      let secrets = try SecretReader(decoding: secret)
      switch try Service(kind) {
      case .configs(let method): return .configs(try ConfigsRequestReader(secrets: secrets).handle(method, body))
      case .jobs(let method): return .jobs(try JobsRequestReader(secrets: secrets).handle(method, body))
      case .reconciler(let method): return .reconciler(try ReconcilerRequestReader().handle(method, body))
      case .agent(let method): return .agent(try AgentRequestReader(secrets: secrets).handle(method, body))
      case .peer(let method): return .peer(try PeerRequestReader().handle(method, body))
      }
    }
  }

  /// A reply's kind and its bytes. The kind names a method that gives replies of this form; the request is known by its id.
  public static func encode(_ reply: Reply) -> Coded {
    var secrets = SecretWriter()
    let (kind, body) =
      switch reply {
      case .configs(let reply): reply.encode(&secrets)
      case .jobs(let reply): reply.encode()
      case .reconciler(let reply): reply.encode()
      case .agent(let reply): reply.encode(&secrets)
      case .peer(let reply): reply.encode()
      }
    return (kind, body, secrets.encode())
  }

  public static func decodeReply(kind: String, body: [UInt8], secret: [UInt8]) throws(LabError) -> Reply {
    try decoding(kind) {
      let secrets = try SecretReader(decoding: secret)
      switch try Service(kind) {
      case .configs(let method): return .configs(try ConfigsReplyReader(secrets: secrets).handleReply(method, body))
      case .jobs(let method): return .jobs(try JobsReplyReader().handleReply(method, body))
      case .reconciler(let method): return .reconciler(try ReconcilerReplyReader().handleReply(method, body))
      case .agent(let method): return .agent(try AgentReplyReader(secrets: secrets).handleReply(method, body))
      case .peer(let method): return .peer(try PeerReplyReader().handleReply(method, body))
      }
    }
  }

  /// Every kind that a request may have, for filters and help.
  public static var requestKinds: [String] {
    Proto.ConfigServiceMethod.allCases.map(\.rawValue) + Proto.JobServiceMethod.allCases.map(\.rawValue)
      + Proto.ReconcilerServiceMethod.allCases.map(\.rawValue) + Proto.AgentServiceMethod.allCases.map(\.rawValue)
      + Proto.PeerServiceMethod.allCases.map(\.rawValue)
  }

  /// Every kind that a publication may have.
  public static var factKinds: [String] { Proto.FactMethod.allCases.map(\.rawValue) }

  /// A request's service with its method.
  private enum Service {
    case configs(Proto.ConfigServiceMethod)
    case jobs(Proto.JobServiceMethod)
    case reconciler(Proto.ReconcilerServiceMethod)
    case agent(Proto.AgentServiceMethod)
    case peer(Proto.PeerServiceMethod)

    init(_ kind: String) throws(LabError) {
      if let method = Proto.ReconcilerServiceMethod(rawValue: kind) {
        self = .reconciler(method)
      } else if let method = Proto.ConfigServiceMethod(rawValue: kind) {
        self = .configs(method)
      } else if let method = Proto.JobServiceMethod(rawValue: kind) {
        self = .jobs(method)
      } else if let method = Proto.AgentServiceMethod(rawValue: kind) {
        self = .agent(method)
      } else if let method = Proto.PeerServiceMethod(rawValue: kind) {
        self = .peer(method)
      } else {
        throw unknown("")
      }
    }
  }
}
