import Model

/// Collects what may be secret while a message is written: the message has the indices, the third frame the values.
struct SecretWriter {
  private var values: [[UInt8]] = []

  /// The value's index.
  mutating func add(_ value: [UInt8]) -> UInt32 {
    values.append(value)
    return UInt32(values.count - 1)
  }

  /// The third frame; empty when there is nothing secret.
  func encode() -> [UInt8] { values.isEmpty ? [] : Codec.bytes(Proto.Secrets(values: values)) }
}

/// The values of a third frame.
struct SecretReader {
  private let values: [[UInt8]]

  init(decoding frame: [UInt8]) throws { values = try Proto.Secrets(decoding: frame).values }

  func value(at index: UInt32) throws(LabError) -> [UInt8] {
    guard index < values.count else { throw LabError(.invalidArgument, "secret \(index)", "the message has \(values.count) secrets") }
    return values[Int(index)]
  }

  func blob(at index: UInt32) throws(LabError) -> [UInt8] {
    let bytes = try value(at: index)
    guard bytes.count <= Limits.blobBytes else {
      throw LabError(.outOfRange, "blob", "\(bytes.count) bytes are more than the \(Limits.blobBytes) that a blob may have")
    }
    return bytes
  }

  func backupPart(at index: UInt32) throws(LabError) -> [UInt8] {
    let bytes = try value(at: index)
    guard bytes.count <= Limits.backupPartBytes else {
      throw LabError(.outOfRange, "backup", "\(bytes.count) bytes are more than the \(Limits.backupPartBytes) that a part may have")
    }
    return bytes
  }

  /// - Throws: for what can't be a C string in UTF-8, without repeating it.
  func text(at index: UInt32) throws(LabError) -> String {
    let bytes = try value(at: index)
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      throw LabError(.invalidArgument, "secret \(index)", "not UTF-8 text without NUL")
    }
    return text
  }
}
