public import Model
import Wire

extension RecordChange {
  /// Bytes that it takes with its secrets, as it is stored; it takes about as many as it is sent.
  public var byteCount: Int { Codec.encode(self).count }
}
