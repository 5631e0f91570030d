import CCurl
import CLinux
import Glibc
import Model

/// All transfers of a client: which are on their way, which wait, and whether anybody answers.
struct Transfers {
  private let multi: UnsafeMutableRawPointer
  private let socket: String
  private var waiting: [EngineJob] = []
  private var active: [UnsafeMutableRawPointer: Transfer] = [:]
  /// Why nothing is asked at present; nil: the engine answers.
  private var trouble: LabError?
  private var nextProbe: UInt64 = 0

  /// A call that has taken this long is a reason to ask whether the engine answers at all, in milliseconds.
  private static let slow: UInt64 = 3_000
  /// Its answer to that takes it a millisecond, and much longer on a machine that is too busy for anything.
  private static let probePatience: UInt64 = 5_000
  private static let probePause: UInt64 = 1_000

  init(multi: UnsafeMutableRawPointer, socket: String) {
    self.multi = multi
    self.socket = socket
  }

  mutating func add(_ job: EngineJob) {
    if let trouble, job.kind != .probe { return job.receiver.end(.failure(trouble)) }
    if job.kind == .call { waiting.append(job) } else { begin(job, at: clinux_boot_milliseconds()) }
  }

  private mutating func begin(_ job: EngineJob, at now: UInt64) {
    guard let transfer = Transfer(job, socket: socket, at: now), curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
      return job.receiver.end(.failure(LabError(.resourceExhausted, "engine", "no memory for a request")))
    }
    active[transfer.handle] = transfer
  }

  mutating func cancel(_ id: UInt64) {
    for transfer in active.values where transfer.job.id == id { drop(transfer, LabError(.cancelled, "engine", "nobody waits any more")) }
  }

  /// Takes a transfer away before its end.
  private mutating func drop(_ transfer: Transfer, _ error: LabError) {
    active[transfer.handle] = nil
    curl_multi_remove_handle(multi, transfer.handle)
    transfer.job.receiver.end(.failure(error))
  }

  mutating func endAll() {
    let error = LabError(.cancelled, "engine", "this agent ends")
    for transfer in active.values { drop(transfer, error) }
    for job in waiting { job.receiver.end(.failure(error)) }
    waiting = []
  }

  /// All that can be done without waiting.
  mutating func proceed(at now: UInt64) {
    expire(at: now)
    watch(at: now)
    var calls = active.values.count { $0.job.kind == .call }
    while calls < EngineClient.callsAtOnce, !waiting.isEmpty {
      begin(waiting.removeFirst(), at: now)
      calls += 1
    }
    for transfer in active.values where transfer.isPaused && hasRoom(transfer) || transfer.isHungry && hasMore(transfer) {
      (transfer.isPaused, transfer.isHungry) = (false, false)
      curl_easy_pause(transfer.handle, CURLPAUSE_CONT)
    }
    var running: Int32 = 0
    curl_multi_perform(multi, &running)
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
      let result = ccurl_result(message)
      guard let transfer = active.removeValue(forKey: handle) else { continue }
      curl_multi_remove_handle(multi, handle)
      if transfer.job.kind == .probe { answered(result) }
      transfer.end(result)
    }
  }

  private func hasRoom(_ transfer: Transfer) -> Bool {
    guard let room = transfer.job.receiver.room else { return true }
    var entry = pollfd(fd: room, events: Int16(POLLOUT), revents: 0)
    return poll(&entry, 1, 0) == 1
  }

  private func hasMore(_ transfer: Transfer) -> Bool {
    guard let source = transfer.job.request.source else { return true }
    var entry = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 0) == 1
  }

  private func deadline(of transfer: Transfer) -> UInt64? {
    if transfer.job.kind == .stream && transfer.hasBegun { return nil }
    return transfer.job.request.source == nil ? transfer.job.deadline : transfer.lastSent + transfer.job.request.deadline
  }

  private mutating func expire(at now: UInt64) {
    for transfer in active.values {
      guard let deadline = deadline(of: transfer), deadline <= now else { continue }
      let seconds = transfer.job.request.deadline / 1_000
      if transfer.job.kind == .probe { answered(CURLE_OPERATION_TIMEDOUT) }
      drop(transfer, LabError(.deadlineExceeded, "engine", "hasn't answered within \(seconds) s (it is asked again)"))
    }
    let late = waiting.filter { $0.deadline <= now }
    guard !late.isEmpty else { return }
    waiting.removeAll { $0.deadline <= now }
    for job in late { job.receiver.end(.failure(LabError(.deadlineExceeded, "engine", "is too busy (it is asked again)"))) }
  }

  /// Asks whether the engine answers at all, where a call takes long or it didn't.
  private mutating func watch(at now: UInt64) {
    let isSlow = active.values.contains { $0.job.kind == .call && now >= $0.began + Self.slow }
    guard isSlow || trouble != nil, now >= nextProbe, !isAsking else { return }
    nextProbe = now + Self.probePause
    let request = EngineRequest(.get, "/_ping", deadline: Self.probePatience)
    add(EngineJob(id: 0, request: request, receiver: Nobody.one, deadline: now + Self.probePatience, kind: .probe))
  }

  private var isAsking: Bool { active.values.contains { $0.job.kind == .probe } }

  /// Of a probe. One that isn't there any more says so to each call by itself.
  private mutating func answered(_ code: CURLcode) {
    guard code == CURLE_OPERATION_TIMEDOUT else {
      trouble = nil
      return
    }
    let error = LabError(.unavailable, "engine", "doesn't answer (it hangs; see its log, or restart dockerd)")
    trouble = error
    for job in waiting { job.receiver.end(.failure(error)) }
    waiting = []
  }

  /// Until there is something to do.
  func wait(bell: Int32) {
    let now = clinux_boot_milliseconds()
    var next = active.values.compactMap { deadline(of: $0) }.min()
    if let first = waiting.map(\.deadline).min() { next = min(next ?? first, first) }
    // While a question is out, its own deadline is the next thing to do.
    if !isAsking {
      if trouble != nil { next = min(next ?? nextProbe, nextProbe) }
      if let oldest = active.values.filter({ $0.job.kind == .call }).map(\.began).min() {
        let due = max(oldest + Self.slow, nextProbe)
        next = min(next ?? due, due)
      }
    }
    var extra = [curl_waitfd(fd: bell, events: Int16(CURL_WAIT_POLLIN), revents: 0)]
    for transfer in active.values where transfer.isPaused {
      if let room = transfer.job.receiver.room { extra.append(curl_waitfd(fd: room, events: Int16(CURL_WAIT_POLLOUT), revents: 0)) }
    }
    for transfer in active.values where transfer.isHungry {
      if let source = transfer.job.request.source { extra.append(curl_waitfd(fd: source, events: Int16(CURL_WAIT_POLLIN), revents: 0)) }
    }
    let pause = next.map { $0 > now ? min($0 - now, Self.longestPause) : 0 } ?? Self.longestPause
    curl_multi_poll(multi, &extra, UInt32(extra.count), Int32(pause), nil)
  }

  private static let longestPause: UInt64 = 60_000
}

/// Takes a probe's answer.
private final class Nobody: EngineReceiver {
  static let one = Nobody()
  var room: Int32? { nil }
  func take(_ bytes: UnsafeRawBufferPointer) -> EngineTake { .taken }
  func end(_ outcome: Result<Int, LabError>) {}
}
