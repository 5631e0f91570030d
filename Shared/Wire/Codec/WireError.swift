/// Bytes that are not the message they should be, or a value that has no bytes.
public struct WireError: Error, Hashable, CustomStringConvertible {
  /// The message's type, where in it, and the cause; never the content, which may be secret.
  public let message: String

  public init(message: String) { self.message = message }

  public var description: String { message }
}
