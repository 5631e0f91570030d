import Foundation

extension TestLab {
  /// Processes of the services and agents by name, such as `bus` or `agent-h1`, as the testbed remembers them.
  public func services() throws -> [String: Int32] {
    let records = folder + "/pids"
    var found: [String: Int32] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: records) where !name.hasSuffix(".lock") && !name.hasPrefix("machine") {
      let words = try String(contentsOfFile: "\(records)/\(name)", encoding: .utf8).split(whereSeparator: \.isWhitespace)
      found[name] = words.first.flatMap { Int32($0) }
    }
    return found
  }
}
