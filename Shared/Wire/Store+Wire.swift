public import Model

/// What is kept on disk. Secrets are in the same bytes: a store's file is as private as what it holds.
extension Codec {
  /// One record as the intent store keeps it.
  public static func encode(_ record: RecordChange) -> [UInt8] { seal(record) }

  public static func decodeRecord(_ bytes: [UInt8]) throws(LabError) -> RecordChange { try open(bytes) }

  /// An assignment as an agent keeps it for the time when it is alone.
  public static func encode(_ assignment: Assignment) -> [UInt8] { seal(assignment) }

  /// - Throws: also when only a part can be read: an agent acts on all of an assignment or on none of it.
  public static func decodeAssignment(_ bytes: [UInt8]) throws(LabError) -> Assignment { try open(bytes) }

  /// One event as the log keeps it.
  public static func encode(_ event: LabEvent) -> [UInt8] { bytes(event.message) }

  public static func decodeEvent(_ bytes: [UInt8]) throws(LabError) -> LabEvent {
    try decoding("LabEvent") { try LabEvent(Proto.LabEvent(decoding: bytes)) }
  }

  /// A record of the ends that an agent keeps in /run.
  public static func encode(_ write: EndWrite) -> [UInt8] {
    let record: Proto.EndRecord.Record =
      switch write {
      case .begin(let deployment, let series): .begin(Proto.EndBegin(deployment: deployment.text, ends: series.message))
      case .add(let end): .end(end.message)
      case .acknowledged(let number): .acknowledged(number)
      }
    return bytes(Proto.EndRecord(record: record))
  }

  public static func decodeEndWrite(_ bytes: [UInt8]) throws(LabError) -> EndWrite {
    try decoding("EndRecord") {
      switch try Proto.EndRecord(decoding: bytes).record {
      case .begin(let begin): return .begin(try Deployment(begin.deployment), try EndSeries(required: begin.ends))
      case .end(let end): return .add(try NodeEnd(end))
      case .acknowledged(let number): return .acknowledged(number)
      case nil: throw missing("kind of a record")
      }
    }
  }

  private static func seal(_ value: some SecretWireValue) -> [UInt8] {
    var secrets = SecretWriter()
    let body = bytes(value.message(&secrets))
    return bytes(Proto.Sealed(body: body, secrets: secrets.encode()))
  }

  private static func open<Value: SecretWireValue>(_ bytes: [UInt8]) throws(LabError) -> Value {
    try decoding("\(Value.self)") {
      let sealed = try Proto.Sealed(decoding: bytes)
      return try Value(Value.Message(decoding: sealed.body), SecretReader(decoding: sealed.secrets))
    }
  }
}
