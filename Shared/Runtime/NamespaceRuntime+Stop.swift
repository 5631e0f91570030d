import CLinux
import Glibc
public import Model

extension NamespaceRuntime {
  /// Longest time from SIGKILL to the end of all of a node's processes: one that hangs in the kernel is reported instead.
  private static let killWait: UInt64 = 10_000
  /// Descriptors that are polled at a time.
  private static let pollWindow = 256
  /// Its control group is empty a moment after its last process was reaped.
  private static let groupWait: UInt64 = 2_000

  public func stop(_ keys: [NodeKey], grace: UInt64) -> [Result<Void, LabError>] {
    windows(keys) { end($0, first: SIGTERM, grace: min(grace, Limits.deadline)) }
  }

  public func kill(_ keys: [NodeKey]) -> [Result<Void, LabError>] {
    windows(keys) { end($0, first: SIGKILL, grace: 0) }
  }

  public func remove(_ keys: [NodeKey]) -> [Result<Void, LabError>] {
    windows(keys) { window in
      var outcomes = end(window, first: SIGKILL, grace: 0)
      let ended = window.indices.filter { if case .success = outcomes[$0] { true } else { false } }
      clearGroups(ended.map { window[$0] }, ended, &outcomes)
      for index in ended {
        do throws(LabError) { try layout.remove(window[index]) } catch { outcomes[index] = .failure(error) }
      }
      return outcomes
    }
  }

  private func windows(_ keys: [NodeKey], _ body: ([NodeKey]) -> [Result<Void, LabError>]) -> [Result<Void, LabError>] {
    stride(from: 0, to: keys.count, by: Self.pollWindow).flatMap { body(Array(keys[$0..<min($0 + Self.pollWindow, keys.count)])) }
  }

  private func end(_ keys: [NodeKey], first: Int32, grace: UInt64) -> [Result<Void, LabError>] {
    var outcomes = [Result<Void, LabError>](repeating: .success(()), count: keys.count)
    var processes: [(index: Int, record: NodeRecord, descriptor: Int32)] = []
    defer { for process in processes { close(process.descriptor) } }
    for (index, key) in keys.enumerated() {
      do throws(LabError) {
        guard let record = try record(key), let process = record.openProcess(boot: boot) else { continue }
        processes.append((index, record, process))
      } catch { outcomes[index] = .failure(error) }
    }
    for process in processes { clinux_pidfd_signal(process.descriptor, first) }
    if first != SIGKILL {
      waitForEnds(processes.map(\.descriptor), milliseconds: grace)
      for process in processes where !hasEnded(process.descriptor) { clinux_pidfd_signal(process.descriptor, SIGKILL) }
    }
    waitForEnds(processes.map(\.descriptor), milliseconds: Self.killWait)
    for process in processes {
      if hasEnded(process.descriptor) {
        _ = Ending(folder: layout.run(keys[process.index]), record: process.record, descriptor: process.descriptor)
        continue
      }
      outcomes[process.index] = .failure(
        LabError(.deadlineExceeded, keys[process.index].id, "doesn't end after SIGKILL (a process hangs in the kernel; it is tried again)"))
    }
    return outcomes
  }

  private func hasEnded(_ descriptor: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return Glibc.poll(&poll, 1, 0) == 1
  }

  /// Waits until all these processes have ended, or the time is over.
  private func waitForEnds(_ descriptors: [Int32], milliseconds: UInt64) {
    let deadline = clinux_boot_milliseconds() + milliseconds
    var left = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    while !left.isEmpty {
      let now = clinux_boot_milliseconds()
      guard now < deadline, poll(&left, UInt(left.count), Int32(clamping: deadline - now)) >= 0 || errno == EINTR else { return }
      left.removeAll { $0.revents != 0 }
    }
  }

  private func clearGroups(_ keys: [NodeKey], _ places: [Int], _ outcomes: inout [Result<Void, LabError>]) {
    let deadline = clinux_boot_milliseconds() + Self.groupWait
    var waiting = zip(keys, places).map { ($0, $1) }
    while true {
      var busy: [(NodeKey, Int)] = []
      for first in stride(from: 0, to: waiting.count, by: Spawner.window) {
        let part = waiting[first..<min(first + Spawner.window, waiting.count)]
        let requests = part.map { Spawner.Request(operation: .clear, body: RequestBody(group: layout.group($0.0)), descriptors: []) }
        for (item, outcome) in zip(part, spawner.perform(requests, subjects: part.map { $0.0.id })) {
          guard case .failure(let error) = outcome else { continue }
          outcomes[item.1] = .failure(LabError(error.code, error.subject, "can't be removed", cause: error.cause))
          busy.append(item)
        }
      }
      waiting = busy
      guard !waiting.isEmpty, clinux_boot_milliseconds() < deadline else { return }
      usleep(2_000)
      for item in waiting { outcomes[item.1] = .success(()) }
    }
  }
}
