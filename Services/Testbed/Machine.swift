import CLinux
import Glibc
import Model

/// A program with its surroundings inside a machine.
struct Command {
  var arguments: [String]
  var environment: [String] = []
  /// Where stdout and stderr go; nil: the caller's own stdin, stdout and stderr.
  var log: OpenFile?
  var folder = "/"
}

/// How to make a machine: namespaces that live as long as their PID 1.
struct MachineBlueprint {
  var name: String
  var first: Command
  /// Own `/sys` and `/run`; the control plane keeps the machine's, since its folders must be reachable there.
  var ownSystem: Bool
  var binds: [(source: String, target: String)]
  var settings: [(file: String, text: String)]

  /// - Returns: the process id of PID 1, as this program sees it.
  func boot() throws(LabError) -> pid_t {
    var report = clinux_report()
    let lists = [first.arguments, first.environment, binds.flatMap { [$0.source, $0.target] }, settings.flatMap { [$0.file, $0.text] }]
    let result = withCLists(lists) { lists in
      name.withCString { name in
        first.folder.withCString { folder in
          let command = clinux_command(argv: lists[0], envp: lists[1], folder: folder, output: first.log?.number ?? -1)
          var machine = clinux_machine(
            name: name, first: command, own_system: ownSystem ? 1 : 0, binds: lists[2], settings: lists[3])
          return clinux_machine_boot(&machine, &report)
        }
      }
    }
    if result != 0 { throw report.failure("machine \(name)", "can't be made") }
    return report.pid
  }
}

/// A machine that runs.
struct Machine {
  let name: String
  let first: LiveProcess

  /// Starts a program that outlives the caller, as a child of the machine's PID 1.
  func launch(_ subject: String, _ command: Command) throws(LabError) -> pid_t {
    var report = clinux_report()
    let result = with(command) { clinux_machine_launch(first.descriptor.number, &$0, &report) }
    if result != 0 { throw report.failure(subject, "can't be started") }
    return report.pid
  }

  /// Runs a program to its end, with the caller's stdin, stdout and stderr.
  /// - Returns: its exit code; 128 and the signal's number if one ended it; 127 and 126, as a shell, if it isn't there or can't be run.
  func run(_ command: Command) throws(LabError) -> Int32 {
    var report = clinux_report()
    var status: Int32 = 0
    let result = with(command) { clinux_machine_exec(first.descriptor.number, &$0, &status, &report) }
    if result == 0 { return status }
    guard report.words == "run" else { throw report.failure(name, "can't be entered") }
    let message = "error: \(command.arguments[0]): \(String(cString: strerror(report.error)))\n"
    write(STDERR_FILENO, message, message.utf8.count)
    return report.error == ENOENT ? 127 : 126
  }

  /// A socket in the machine's network namespace; the caller stays outside.
  func socket(_ domain: Int32, _ type: Int32, _ number: Int32) throws(LabError) -> OpenFile {
    let descriptor = clinux_machine_socket(first.descriptor.number, domain, type, number)
    guard descriptor >= 0 else { throw systemError(name, "a socket in its network can't be opened") }
    return OpenFile(descriptor)
  }

  private func with(_ command: Command, _ body: (inout clinux_command) -> Int32) -> Int32 {
    withCLists([command.arguments, command.environment]) { lists in
      command.folder.withCString { folder in
        var raw = clinux_command(argv: lists[0], envp: lists[1], folder: folder, output: command.log?.number ?? -1)
        return body(&raw)
      }
    }
  }
}

extension clinux_report {
  /// The step that failed.
  var words: String {
    withUnsafePointer(to: step) { $0.withMemoryRebound(to: CChar.self, capacity: 64) { String(cString: $0) } }
  }

  func failure(_ subject: String, _ what: String) -> LabError {
    let cause = systemError(subject, what, error)
    return LabError(cause.code, subject, cause.message, cause: "\(words): \(cause.cause)")
  }
}
