import Glibc
import Locks
import Machine
import Model

/// Whose `exec` was begun, a line each in /run: the agent's next life begins none of them a second time. It goes with the host's boot, as
/// the commands do.
final class ExecJournal: Sendable {
  private static let path = "/run/archetype/execs"

  /// Those of earlier lives, oldest first.
  let addresses: [Incoming.Address]
  private let count: Guarded<Int>

  init() {
    addresses = Self.read().suffix(Limits.rememberedRequests)
    // Begun anew with the next one: what is older than these is of no use.
    count = Guarded(2 * Limits.rememberedRequests)
  }

  /// Written before the command is begun.
  ///
  /// - Throws: `RESOURCE_EXHAUSTED` where it can't be written: nothing may begin then.
  func add(_ address: Incoming.Address) throws(LabError) {
    let isWritten = count.withLock { count in
      if count >= 2 * Limits.rememberedRequests {
        let kept = (Self.read() + [address]).suffix(Limits.rememberedRequests)
        guard Self.write(kept.map(Self.line).joined(), O_TRUNC, to: Self.path + ".new"), rename(Self.path + ".new", Self.path) == 0 else {
          return false
        }
        count = kept.count
        return true
      }
      guard Self.write(Self.line(address), O_APPEND, to: Self.path) else { return false }
      count += 1
      return true
    }
    guard isWritten else {
      throw LabError(
        .resourceExhausted, "exec", "can't be noted in \(Self.path) (free some space in /run)", cause: String(cString: strerror(errno)))
    }
  }

  /// Neither part has a space.
  private static func line(_ address: Incoming.Address) -> String { "\(address.peer) \(address.id)\n" }

  private static func read() -> [Incoming.Address] {
    guard let file = fopen(path, "re") else { return [] }
    defer { fclose(file) }
    var addresses: [Incoming.Address] = []
    var buffer = [CChar](repeating: 0, count: 512)
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let words = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
        whereSeparator: \.isWhitespace)
      guard words.count == 2, let peer = try? PeerName(String(words[0])), let id = try? RequestID(String(words[1])) else { continue }
      addresses.append(Incoming.Address(peer, id))
    }
    return addresses
  }

  private static func write(_ text: String, _ how: Int32, to path: String) -> Bool {
    let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0o600)
    guard file >= 0 else { return false }
    defer { close(file) }
    let bytes = Array(text.utf8)
    return Glibc.write(file, bytes, bytes.count) == bytes.count
  }
}
