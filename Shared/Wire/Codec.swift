public import Model

/// A message's kind, its body, and the third frame, which alone holds secrets; empty when there are none.
public typealias Coded = (kind: String, body: [UInt8], secret: [UInt8])

/// The model to bytes and back, one function a direction for each sort of message.
///
/// Encoding doesn't fail. Decoding throws `INVALID_ARGUMENT`, with the message's kind as subject, for whatever is unknown, out of range,
/// not whole or no message at all: nothing is taken in part. Fields that are unknown are passed over.
public enum Codec {}

extension Codec {
  /// Bytes that no reader takes (0 is no field's tag). They stand for a value that has no bytes: a string with a NUL, or more than
  /// `Scan.largestInput`. So the receiver refuses it and says why, and never takes a part for the whole.
  static let unreadable: [UInt8] = [0]

  static func bytes(_ message: some ProtoMessage) -> [UInt8] { (try? message.encode()) ?? unreadable }

  /// Runs a decoding and gives its error the message's kind.
  static func decoding<Value>(_ kind: String, _ body: () throws -> Value) throws(LabError) -> Value {
    do {
      return try body()
    } catch let error as LabError {
      let text = error.subject.isEmpty ? error.message : "\(error.subject): \(error.message)"
      throw LabError(.invalidArgument, kind, text, cause: error.cause)
    } catch {
      throw LabError(.invalidArgument, kind, "\(error)")
    }
  }

  /// Runs one call of a generated client, which can't fail over an `Encoder` although its type says so.
  static func encoded(_ call: () throws -> (kind: String, body: [UInt8])) -> (kind: String, body: [UInt8]) {
    (try? call()) ?? ("", unreadable)
  }

  static func unknown(_ kind: String) -> LabError {
    LabError(.invalidArgument, kind, "\(unknownWords) (the sender may be newer than this)")
  }

  /// Of all versions: a newer one knows by them that it has asked an older one.
  private static let unknownWords = "unknown kind of message"

  /// Whether a peer has refused a request because it doesn't know such requests.
  public static func isOlder(_ refusal: LabError) -> Bool {
    refusal.code == .invalidArgument && refusal.message.hasPrefix(unknownWords)
  }
}

/// Takes requests from the generated clients and gives their kind and bytes, so that no method's name is written twice.
struct Encoder: RequestChannel {
  func call<Request: ProtoMessage, Reply: ProtoMessage>(
    _ method: String, _ request: Request, returning: Reply.Type
  ) -> (kind: String, body: [UInt8]) {
    (method, Codec.bytes(request))
  }
}
