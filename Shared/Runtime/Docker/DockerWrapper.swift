import CLinux
import Engine
import Files
import Glibc
import JSON
import Locks
import Model

/// Has the engine know our runtime: `archetype-runc`, which puts a container into its node's sandbox.
///
/// The program lies on a disk that lasts. Its name and place are merged into `daemon.json`, the engine is told to read that (SIGHUP: no
/// container and no call notices), and asked whether it has. Both are looked at: an engine that was told forgets at its next start what the file
/// doesn't say, and a file with one mistake is ignored whole with only a line in the engine's log.
final class DockerWrapper: Sendable {
  /// Of the runtime, as containers name it.
  static let name = "archetype"

  private let engine: EngineClient
  private let source: String
  private let folder: String
  private let mayTellEngine: Bool
  /// It was seen in file and engine.
  private let isKnown = Guarded(false)
  /// Why the engine didn't take it, until when that is believed, and whether it was said.
  private let refused = Guarded<(error: LabError, until: UInt64, isTold: Bool)?>(nil)

  /// A file of settings is some kilobytes.
  private static let longestFile = 1 << 20
  /// An engine reads its file in some milliseconds.
  private static let patience: UInt64 = 5_000
  /// Settings that an engine can't take are mended by people.
  private static let retry: UInt64 = 10_000

  /// - Parameter mayTellEngine: whether its settings may be touched.
  init(engine: EngineClient, program: String, folder: String, mayTellEngine: Bool) {
    self.engine = engine
    source = program
    self.folder = folder
    self.mayTellEngine = mayTellEngine
  }

  private var target: String { "\(folder)/archetype-runc" }

  /// It is looked at again before the next start.
  func forget() { isKnown.withLock { $0 = false } }

  private var isInPlace: Bool { access(target, X_OK) == 0 }

  /// Puts the program back where others have removed it: an engine needs it also to end and to remove a container, which without it stays half
  /// dead for ever.
  func keepProgram() throws(LabError) { if !isInPlace { try install() } }

  /// Why the engine doesn't know our runtime, which it is told where it doesn't; nil: it does.
  ///
  /// - Throws: where nobody can say, the engine being away.
  func refusal() throws(LabError) -> LabError? {
    guard mayTellEngine else {
      return LabError(.failedPrecondition, "engine", "may not be told of Archetype's runtime (see the agent's --docker-sandbox)")
    }
    if let last = refused.withLock({ $0 }), clinux_boot_milliseconds() < last.until { return last.error }
    do throws(LabError) {
      try ensure()
      refused.withLock { $0 = nil }
      return nil
    } catch {
      guard error.code == .failedPrecondition else { throw error }
      refused.withLock { $0 = (error, clinux_boot_milliseconds() + Self.retry, $0?.error == error && $0?.isTold == true) }
      return error
    }
  }

  /// What the host's owner should know and wasn't told yet.
  func takeNotice() -> LabError? {
    refused.withLock { last in
      guard let error = last?.error, last?.isTold == false else { return nil }
      last?.isTold = true
      return error
    }
  }

  private func ensure() throws(LabError) {
    if isKnown.withLock({ $0 }), isInPlace { return }
    try install()
    let isLive = try isLive()
    let process = EngineProcess.find(engine.socket)
    let hasChanged: Bool
    do throws(LabError) { hasChanged = try merge(process.configuration) } catch {
      // Until its next start the engine has what it needs.
      guard isLive else { throw error }
      return
    }
    if !isLive {
      try process.reload()
      try waitUntilLive(process, hasChanged: hasChanged)
    }
    isKnown.withLock { $0 = true }
  }

  /// Puts the program in its place by rename: a start that is under way finds the old one or the new, whole.
  private func install() throws(LabError) {
    do throws(FileError) {
      let program = try File.read(source, most: 64 << 20)
      if (try? File.read(target, most: 64 << 20)) == program, access(target, X_OK) == 0 { return }
      makeFolders(folder)
      try File.replace(target, with: program, mode: 0o755, isDurable: true)
    } catch {
      let what = "can't be put at \(target) (install archetype-runc beside the agent; the folder must be on a disk)"
      throw LabError(.failedPrecondition, "archetype-runc", what, cause: "\(error)")
    }
  }

  private func isLive() throws(LabError) -> Bool { isNamed(in: try engine.call(EngineRequest(.get, "/info")).json()) }

  /// Whether an engine that says this of itself knows our runtime.
  func isNamed(in info: JSONValue) -> Bool { info["Runtimes"][Self.name]["path"].text == target }

  /// The engine's settings with the one entry of `runtimes`; nil: it is there.
  func merged(_ file: String) throws(LabError) -> [UInt8]? {
    var bytes: [UInt8] = []
    do throws(FileError) { bytes = try File.read(file, most: Self.longestFile) } catch {
      guard error.code == ENOENT else { throw LabError(.failedPrecondition, file, "can't be read", cause: "\(error)") }
    }
    let entry: JSONValue = ["path": .text(target)]
    do throws(JSONError) { return try JSONValue.setting(["runtimes", Self.name], to: entry, in: bytes) } catch {
      throw LabError(
        .failedPrecondition, file, "isn't what an engine reads, so nodes can't be given their interfaces (mend it)", cause: error.reason)
    }
  }

  /// Whether the file is another now.
  private func merge(_ file: String) throws(LabError) -> Bool {
    guard let merged = try merged(file) else { return false }
    do throws(FileError) {
      makeFolders(String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]))
      var old = stat()
      let mode = stat(file, &old) == 0 ? old.st_mode & 0o777 : 0o644
      try File.replace(file, with: merged, mode: mode, isDurable: true)
    } catch {
      throw LabError(.failedPrecondition, file, "can't be written (the engine must learn of Archetype's runtime there)", cause: "\(error)")
    }
    return true
  }

  private func waitUntilLive(_ process: EngineProcess, hasChanged: Bool) throws(LabError) {
    let deadline = clinux_boot_milliseconds() + Self.patience
    while clinux_boot_milliseconds() < deadline {
      if try isLive() { return }
      usleep(20_000)
    }
    throw LabError(
      .failedPrecondition, "engine",
      "has not taken over the runtime \(Self.name) of \(process.configuration) (its log says why: a mistake in the file, or a key that is an "
        + "option of dockerd too)")
  }
}

/// The engine's own process, and where it reads its settings.
struct EngineProcess: Sendable {
  private var pid: Int32?
  private(set) var configuration = "/etc/docker/daemon.json"

  /// The files in which engines note their process id.
  private static let notes = ["/run/docker.pid", "/var/run/docker.pid"]

  static func find(_ socket: String) -> EngineProcess {
    var process = EngineProcess()
    // Who made the socket: the engine, or systemd for it.
    let noted = notes.lazy.compactMap { (try? SmallFile.text($0)).flatMap { Int32($0.filter { !$0.isWhitespace }) } }
    process.pid = [clinux_peer(socket)].filter(isEngine).first ?? noted.first(where: isEngine)
    if let pid = process.pid, let file = option("--config-file", of: pid) { process.configuration = file }
    return process
  }

  private static func isEngine(_ pid: Int32) -> Bool { pid > 0 && (try? SmallFile.text("/proc/\(pid)/comm")) == "dockerd\n" }

  private static func option(_ name: String, of pid: Int32) -> String? {
    guard let line = try? SmallFile.text("/proc/\(pid)/cmdline") else { return nil }
    let words = line.split(separator: "\0").map(String.init)
    if let word = words.first(where: { $0.hasPrefix(name + "=") }) { return String(word.dropFirst(name.count + 1)) }
    guard let place = words.firstIndex(of: name), place + 1 < words.count else { return nil }
    return words[place + 1]
  }

  /// Has it read its settings again.
  func reload() throws(LabError) {
    let process = pid.map { clinux_pidfd_open($0) } ?? -1
    defer { if process >= 0 { close(process) } }
    // Opened first: what is looked at afterwards is what is signalled.
    guard process >= 0, let pid, Self.isEngine(pid), clinux_pidfd_signal(process, SIGHUP) == 0 else {
      throw LabError(
        .failedPrecondition, "engine", "its process can't be found to have it read \(configuration) (restart dockerd, or send it SIGHUP)")
    }
  }
}
