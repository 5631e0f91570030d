import CLinux
import Glibc
import Model

/// How a node's first process ended, from all places that may know.
struct Ending {
  var exit: Exit
  /// Why, where the exit doesn't say it.
  var reason = ""

  /// - Parameters:
  ///   - folder: the node's run folder.
  ///   - record: of the life that ended.
  ///   - descriptor: pidfd of the process, if there was one in time.
  init(folder: String, record: NodeRecord, descriptor: Int32?) {
    // Another life may have begun since, to which the folder belongs then.
    let isLatest = (try? SmallFile.text("\(folder)/state")).flatMap(NodeRecord.init) == record
    if isLatest, let written = (try? SmallFile.text("\(folder)/exit")).flatMap(Ending.init) {
      self = written
      return
    }
    // It wrote nothing: it was killed.
    exit = Self.asked(record, descriptor) ?? .unknown
    guard isLatest else { return }
    // The kernel tells it to whoever holds a descriptor, and only now; the next to ask reads it here.
    switch exit {
    case .code(let code): try? SmallFile.write("\(folder)/exit", Array("code \(code)\n".utf8))
    case .signal(let signal): try? SmallFile.write("\(folder)/exit", Array("signal \(signal)\n".utf8))
    case .unknown: break
    }
  }

  /// What `archetype-init` wrote: `code N` or `signal N`, and a reason in the next line.
  private init?(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let words = lines[0].split(separator: " ")
    guard words.count == 2, let value = Int32(words[1]) else { return nil }
    exit = words[0] == "signal" ? .signal(value) : .code(value)
    reason = lines.count > 1 ? String(lines[1]) : ""
  }

  private static func asked(_ record: NodeRecord, _ descriptor: Int32?) -> Exit? {
    var status: Int32 = 0
    if let descriptor, clinux_ended_status(descriptor, &status) == 0 { return exit(status) }
    // Not reaped yet, or reaped while we looked.
    if let process = ProcessStatus(record.pid), process.startTime == record.startTime, process.hasEnded { return exit(process.waitStatus) }
    if let descriptor, clinux_ended_status(descriptor, &status) == 0 { return exit(status) }
    return nil
  }

  private static func exit(_ waitStatus: Int32) -> Exit {
    let signal = waitStatus & 0x7f
    return signal == 0 ? .code((waitStatus >> 8) & 0xff) : .signal(signal)
  }
}
