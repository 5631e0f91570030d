public import Model

extension Codec {
  /// A publication's kind and bytes.
  public static func encode(_ fact: Fact) -> Coded {
    var secrets = SecretWriter()
    let client = Proto.FactClient(channel: Encoder())
    let (kind, body) = encoded {
      switch fact {
      case .intent(let change): try client.intent(change.message(&secrets))
      case .assigned(let revision): try client.assigned(Proto.AssignedFact(revision: revision.number))
      case .event(let event): try client.event(event.message)
      case .head: try client.head(Proto.Nothing())
      }
    }
    return (kind, body, secrets.encode())
  }

  public static func decodeFact(kind: String, body: [UInt8], secret: [UInt8]) throws(LabError) -> Fact {
    guard let method = Proto.FactMethod(rawValue: kind) else { throw unknown(kind) }
    return try decoding(kind) { try FactReader(secrets: SecretReader(decoding: secret)).handle(method, body) }
  }
}

private struct FactReader: Proto.FactHandler {
  let secrets: SecretReader
  func intent(_ request: Proto.IntentChange) throws -> Fact { .intent(try IntentChange(request, secrets)) }
  func assigned(_ request: Proto.AssignedFact) -> Fact { .assigned(Revision(request.revision)) }
  func event(_ request: Proto.LabEvent) throws -> Fact { .event(try LabEvent(request)) }
  func head(_ request: Proto.Nothing) -> Fact { .head }
}
