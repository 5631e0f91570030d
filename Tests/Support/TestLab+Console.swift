import Foundation

extension TestLab {
  /// `archetype console` at a terminal, as `script` makes one; each `text` is typed once what it comes after has been printed.
  ///
  /// - Returns: all that was printed, the exit code behind "ended with".
  public func atConsole(_ lab: String, _ node: String, typed: [(after: String, text: String)]) throws -> String {
    let fifo = folder + "/typed-\(node)"
    guard mkfifo(fifo, 0o600) == 0 else { throw SupportError("\(fifo) can't be made") }
    defer { unlink(fifo) }
    let command = "stty rows 33 columns 99; \(programs)/archetype console \(lab) \(node); echo ended with $?"
    let console = try StartedCommand("/bin/sh", ["-c", "exec script -qec '\(command)' /dev/null < \(fifo)"], environment: environment)
    let keys = open(fifo, O_WRONLY)
    defer { close(keys) }
    for (prompt, text) in typed {
      guard eventually({ console.printed.contains(prompt) }), write(keys, text, text.utf8.count) == text.utf8.count else {
        throw SupportError("no \(prompt) to type behind: \(console.printed)")
      }
    }
    return console.wait(limit: 60).output
  }
}
