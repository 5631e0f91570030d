import CLinux
import Glibc
import Model

/// What is written of a node before anything of it runs: one `name value` a line. It is how a later agent knows the node again.
package struct NodeRecord: Sendable, Hashable {
  package var pid: Int32 = 0
  package var startTime: UInt64 = 0
  var boot: String
  var startSerial: UInt64
  var specDigest: UInt64
  var config: BlobDigest?
  /// How far the node's log went when it was started.
  package var logStart: UInt64 = 0

  init(boot: String, startSerial: UInt64, specDigest: UInt64, config: BlobDigest?) {
    self.boot = boot
    self.startSerial = startSerial
    self.specDigest = specDigest
    self.config = config
  }

  /// Without `pid`, `start` and `log`, which the spawner adds.
  package var text: String {
    "boot \(boot)\nserial \(startSerial)\nspec \(specDigest)\n" + (config.map { "config \($0)\n" } ?? "")
  }

  /// Tells this life of the node from its others.
  var life: String { "\(pid) \(startTime)" }

  /// nil for what isn't a whole record.
  package init?(_ text: String) {
    var fields: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ", maxSplits: 1)
      if words.count == 2 { fields[words[0]] = words[1] }
    }
    guard let pid = fields["pid"].flatMap({ Int32($0) }), let start = fields["start"].flatMap({ UInt64($0) }), let boot = fields["boot"],
      let serial = fields["serial"].flatMap({ UInt64($0) }), let spec = fields["spec"].flatMap({ UInt64($0) })
    else { return nil }
    self.init(
      boot: String(boot), startSerial: serial, specDigest: spec, config: fields["config"].flatMap { try? BlobDigest(String($0)) })
    self.pid = pid
    startTime = start
    logStart = fields["log"].flatMap { UInt64($0) } ?? 0
  }

  /// A descriptor of the node's first process if exactly it is alive; nil if it has ended.
  func openProcess(boot now: String) -> Int32? {
    guard boot == now, startTime != 0 else { return nil }
    let descriptor = clinux_pidfd_open(pid)
    guard descriptor >= 0 else { return nil }
    // Looked at after the descriptor is there: it can't become another process any more.
    if let status = ProcessStatus(pid), status.startTime == startTime, !status.hasEnded { return descriptor }
    close(descriptor)
    return nil
  }
}

/// Fields of `/proc/PID/stat`.
struct ProcessStatus {
  var startTime: UInt64
  var hasEnded: Bool
  /// As of wait(2); of a process that has ended and wasn't reaped.
  var waitStatus: Int32

  init?(_ pid: Int32) {
    guard let text = try? SmallFile.text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    // proc(5): the third field is the first behind the name in parentheses.
    let fields = text[text.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
    guard fields.count > 49, let start = UInt64(fields[19]), let status = Int32(fields[49]) else { return nil }
    startTime = start
    hasEnded = fields[0] == "Z" || fields[0] == "X"
    waitStatus = status
  }
}
