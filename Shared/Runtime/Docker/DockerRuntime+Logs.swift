import Engine
public import Model

extension DockerRuntime {
  public func logs(_ key: NodeKey, offset: UInt64, limit: Int) throws(LabError) -> LogPart {
    guard let container = try all()[key]?.id else { throw LabError(.notFound, key.id, "has no log here (it was never started)") }
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
}
