import CProtobufC
import Glibc

/// Checks hostile bytes against a message's descriptor before protobuf-c sees them, because protobuf-c 1.4 itself
/// * gives strings as C strings, so that a NUL would cut them silently, and doesn't look at their UTF-8;
/// * takes memory without a limit (an empty message in a list is two bytes here and hundreds there);
/// * merges a message that comes twice in one field, copying its lists anew each time, and fails if a oneof in it is unset.
///   No writer of ours sends a message field twice, so it is refused.
///
/// It walks fields only; what is in a number is left to protobuf-c. Depth needs no limit: the generator refuses recursive types.
struct Scan {
  /// Far more than a frame (1 MiB) or a blob: only a file could be longer, and files travel in chunks.
  static let largestInput = 64 << 20

  /// What protobuf-c may take for a message: 64 bytes for each byte of it, and a little to begin with. An interface's ordinal and MTU, the
  /// smallest things we list, cost 16 a byte; only thousands of empty messages cost more than 64, and those nobody sends.
  private static func budget(_ input: Int) -> Int { min(1 << 20 + 64 * input, 512 << 20) }

  /// protobuf-c notes every field it has seen in 32 bytes: 16 of them on the stack, more in slabs that double.
  static let notesOnStack = 16
  static let noteCost = 64

  var left: Int
  let root: UnsafePointer<ProtobufCMessageDescriptor>

  static func check(_ bytes: UnsafeRawBufferPointer, _ type: UnsafePointer<ProtobufCMessageDescriptor>) throws(WireError) {
    guard bytes.count <= largestInput else {
      throw WireError(message: "\(String(cString: type.pointee.name)): \(bytes.count) bytes are too many")
    }
    var scan = Scan(left: budget(bytes.count), root: type)
    try scan.message(bytes, type)
  }
}
