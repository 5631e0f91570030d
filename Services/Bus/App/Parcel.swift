import HubCore
import Model
import Wire

/// What the hub hands on unread: the frames behind its own.
struct Parcel: HubPayload {
  var envelope: [UInt8]
  var secret: [UInt8]?

  /// Nil: not one or two frames.
  init?(_ frames: ArraySlice<[UInt8]>) {
    guard let first = frames.first, frames.count <= 2 else { return nil }
    envelope = first
    secret = frames.dropFirst().first
  }

  var frames: [[UInt8]] { secret.map { [envelope, $0] } ?? [envelope] }

  var waitingRequest: RequestID? {
    guard let read = try? Envelope(decoding: envelope), !read.isReply, !read.requestID.isEmpty else { return nil }
    return try? RequestID(read.requestID)
  }

  var kind: String? {
    guard let read = try? Envelope(decoding: envelope), !read.isReply else { return nil }
    return read.kind
  }

  /// Of its secrets; nil: there are none.
  var digest: String? { secret.map { "\(Digest.sha256($0))" } }
}
