import CLinux
import Glibc
import Model

/// A program of this machine with a pipe to or from it.
final class LocalProgram {
  /// Which of its streams is the pipe; the other one is nothing, or our own.
  enum Pipe { case input, output }

  /// The pipe's end here.
  let descriptor: Int32
  private let process: pid_t
  private var isOpen = true

  /// - Throws: `FAILED_PRECONDITION` where it isn't installed.
  init(_ words: [String], pipe side: Pipe) throws(LabError) {
    var ends: [Int32] = [-1, -1]
    guard Glibc.pipe(&ends) == 0 else { throw Self.error(words[0], errno) }
    let isWriter = side == .input
    let (ours, theirs) = isWriter ? (ends[1], ends[0]) : (ends[0], ends[1])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if !isWriter { posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) }
    posix_spawn_file_actions_adddup2(&actions, theirs, isWriter ? STDIN_FILENO : STDOUT_FILENO)
    posix_spawn_file_actions_addclose(&actions, ours)
    posix_spawn_file_actions_addclose(&actions, theirs)
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for word in arguments { free(word) } }
    var process = pid_t()
    let failure = posix_spawnp(&process, words[0], &actions, nil, &arguments, clinux_environment())
    close(theirs)
    guard failure == 0 else {
      close(ours)
      throw Self.error(words[0], failure)
    }
    (descriptor, self.process) = (ours, process)
  }

  private static func error(_ program: String, _ number: Int32) -> LabError {
    LabError(.failedPrecondition, program, "can't be run (is it installed?)", cause: String(cString: strerror(number)))
  }

  /// Says that nothing follows and waits for its end.
  ///
  /// - Throws: where it failed; why it has said on standard error.
  func finish(_ subject: String) throws(LabError) {
    if isOpen { close(descriptor) }
    isOpen = false
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    guard status == 0 else { throw LabError(.failedPrecondition, subject, "was not copied") }
  }

  /// By SIGTERM: it removes what it has begun.
  func kill() {
    Glibc.kill(process, SIGTERM)
    try? finish("")
  }
}
