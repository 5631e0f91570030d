public import Foundation

extension TestLab {
  /// Processes of the services, agents and machines by name, such as `bus`, `agent-h1` or `machine-h1`, as the testbed remembers them.
  public func recordedProcesses() throws -> [String: pid_t] {
    let records = folder + "/pids"
    var found: [String: pid_t] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: records) where !name.hasSuffix(".lock") {
      let words = try String(contentsOfFile: "\(records)/\(name)", encoding: .utf8).split(whereSeparator: \.isWhitespace)
      found[name] = words.first.flatMap { pid_t($0) }
    }
    return found
  }

  /// Of the services and agents only.
  public func services() throws -> [String: pid_t] { try recordedProcesses().filter { !$0.key.hasPrefix("machine-") } }

  /// All processes of a host: this machine's number of each by the number that the host sees.
  public func hostProcesses(of host: String) throws -> [Int: pid_t] {
    guard let first = try recordedProcesses()["machine-" + host] else { throw SupportError("\(host) doesn't run") }
    var parents: [pid_t: pid_t] = [:]
    var numbers: [pid_t: [Int]] = [:]
    for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
      guard let pid = pid_t(entry), let status = try? String(contentsOfFile: "/proc/\(entry)/status", encoding: .utf8) else { continue }
      for line in status.split(separator: "\n") {
        let words = line.split(whereSeparator: \.isWhitespace)
        if words[0] == "PPid:" { parents[pid] = pid_t(words[1]) }
        if words[0] == "NSpid:" { numbers[pid] = words.dropFirst().compactMap { Int($0) } }
      }
    }
    var found: [Int: pid_t] = [:]
    for (pid, levels) in numbers where levels.count > 1 {
      var above = pid
      while above != first, let parent = parents[above] { above = parent }
      if above == first { found[levels[1]] = pid }
    }
    return found
  }

  /// A host's address in the underlay, with its prefix length, and the device that has it.
  public func underlay(of host: String) throws -> (text: String, device: String) {
    let run = try on(host, "ip", "-o", "-4", "address", "show", "scope", "global")
    for line in run.output.split(separator: "\n") where line.contains(" 10.254.") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if let place = words.firstIndex(of: "inet") { return (String(words[place + 1]), String(words[1])) }
    }
    throw SupportError("\(host) has no underlay address: \(run.output)")
  }
}
