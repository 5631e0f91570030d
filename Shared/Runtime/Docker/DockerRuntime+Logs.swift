import CLinux
import Engine
public import Model

extension DockerRuntime {
  public func logs(_ key: NodeKey, offset: UInt64, limit: Int) throws(LabError) -> LogPart {
    guard let container = try all()[key]?.node?.id else { throw LabError(.notFound, key.id, "has no log here (it was never started)") }
    let bytes: [UInt8]
    do throws(LabError) {
      // From a terminal, so as it was printed. The engine keeps two files of four MiB and counts no bytes: it is asked for all.
      bytes = try containers.engine.call(EngineRequest(.get, "/containers/\(container)/logs", ["stdout": "1", "stderr": "1"])).body
    } catch { throw error.about(key) }
    let end = UInt64(bytes.count)
    // Where the engine has dropped the beginning, a reader that is behind goes on at the end.
    let start = min(offset, end)
    let part = Array(bytes[Int(start)...].prefix(max(limit, 0)))
    return LogPart(offset: start, bytes: part, next: start + UInt64(part.count), end: end)
  }

  public func output(_ key: NodeKey, limit: Int) throws(LabError) -> [UInt8] {
    guard let record = files.record(key) else { throw LabError(.failedPrecondition, key.id, "isn't running (start it first)") }
    let query: KeyValuePairs = ["stdout": "1", "stderr": "1", "tail": "\(Self.mostLines)", "since": Self.seconds(record.startedAt)]
    do throws(LabError) {
      return try containers.engine.call(EngineRequest(.get, "/containers/\(record.container)/logs", query)).body.suffix(limit)
    } catch { throw error.about(key) }
  }

  private static let mostLines = 500

  /// An engine tells times as RFC 3339 in UTC, and is told them as seconds of the epoch with a fraction.
  static func seconds(_ time: String) -> String {
    let fraction = time.split(separator: ".").dropFirst().first?.prefix { $0.isNumber } ?? "0"
    return "\(max(0, clinux_epoch_seconds(time))).\(fraction)"
  }
}
