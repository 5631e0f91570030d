import Glibc
import Model

/// One call of the built `archetype`, and what came of it.
struct CommandCall {
  var code: Int32
  var output: String
  var errors: String

  /// The programs are built beside the tests.
  private static var program: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
    let path = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/archetype"
  }

  /// Runs `archetype` to its end, its bus that of an empty folder unless the words say another.
  init(_ words: String..., environment: [String: String] = ["ARCHETYPE_BUS": "ipc:///nonexistent"]) throws {
    let files = try (TemporaryFile(), TemporaryFile())
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, files.0.path, O_WRONLY | O_TRUNC, 0)
    posix_spawn_file_actions_addopen(&actions, 2, files.1.path, O_WRONLY | O_TRUNC, 0)
    var arguments = ([Self.program] + words).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var process: pid_t = 0
    let failure = posix_spawn(&process, Self.program, &actions, nil, &arguments, &variables)
    guard failure == 0 else { throw LabError(.internalError, Self.program, "can't be started", cause: String(cString: strerror(failure))) }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    output = try files.0.text()
    errors = try files.1.text()
  }
}

/// A file that goes with its owner.
final class TemporaryFile {
  let path: String

  init(_ text: String = "") throws {
    var name = Array("/tmp/archetype-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    guard descriptor >= 0 else { throw LabError(.internalError, "/tmp", "no file can be made", cause: String(cString: strerror(errno))) }
    path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let bytes = Array(text.utf8)
    let written = write(descriptor, bytes, bytes.count)
    close(descriptor)
    guard written == bytes.count else { throw LabError(.internalError, path, "can't be written") }
  }

  func text() throws -> String {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw LabError(.notFound, path, "is gone") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &part, part.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += part.prefix(count)
    }
  }

  deinit { unlink(path) }
}
