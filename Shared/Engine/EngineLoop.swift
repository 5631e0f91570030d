import CCurl
import CLinux
import Glibc
import Locks
import Model

/// The client's thread, and what others give it.
final class EngineLoop: Sendable {
  private enum Command {
    case start(EngineJob)
    case cancel(UInt64)
  }

  private struct State {
    var commands: [Command] = []
    var last: UInt64 = 0
    var isOver = false
  }

  let socket: String
  /// Readable when there are commands.
  private let bell: Int32
  private let state = Guarded(State())

  init(socket: String) throws(LabError) {
    self.socket = socket
    bell = clinux_eventfd(0, 0)
    guard bell >= 0 else { throw LabError(.resourceExhausted, "engine", "no descriptors left", cause: String(cString: strerror(errno))) }
    // Once for the process, before its first use; later calls only count.
    guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else {
      throw LabError(.internalError, "engine", "libcurl can't be used")
    }
  }

  deinit { close(bell) }

  func submit(_ request: EngineRequest, _ receiver: any EngineReceiver, _ kind: EngineJob.Kind) -> UInt64 {
    let now = clinux_boot_milliseconds()
    let id = state.withLock { state in
      state.last += 1
      state.commands.append(
        .start(EngineJob(id: state.last, request: request, receiver: receiver, deadline: now + request.deadline, kind: kind)))
      return state.last
    }
    ring()
    return id
  }

  func cancel(_ id: UInt64) {
    state.withLock { $0.commands.append(.cancel(id)) }
    ring()
  }

  func end() {
    state.withLock { $0.isOver = true }
    ring()
  }

  private func ring() {
    var one: UInt64 = 1
    write(bell, &one, 8)
  }

  /// Until `end`.
  func run() {
    guard let multi = curl_multi_init() else { return refuseAll() }
    defer { curl_multi_cleanup(multi) }
    var transfers = Transfers(multi: multi, socket: socket)
    while true {
      let (commands, isOver) = state.withLock { state in
        defer { state.commands = [] }
        return (state.commands, state.isOver)
      }
      for command in commands {
        switch command {
        case .start(let job): transfers.add(job)
        case .cancel(let id): transfers.cancel(id)
        }
      }
      if isOver { return transfers.endAll() }
      transfers.proceed(at: clinux_boot_milliseconds())
      transfers.wait(bell: bell)
      var count: UInt64 = 0
      read(bell, &count, 8)
    }
  }

  /// Without memory for a transfer: whoever waits is told.
  private func refuseAll() {
    while true {
      let (commands, isOver) = state.withLock { state in
        defer { state.commands = [] }
        return (state.commands, state.isOver)
      }
      for case .start(let job) in commands { job.receiver.end(.failure(LabError(.resourceExhausted, "engine", "no memory for libcurl"))) }
      if isOver { return }
      var entry = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, -1)
      var count: UInt64 = 0
      read(bell, &count, 8)
    }
  }
}
