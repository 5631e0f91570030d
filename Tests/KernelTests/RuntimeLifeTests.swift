import Glibc
import Kernel
import Locks
import Model
import Runtime
import Testing

/// How nodes start, end and are found again.
@Suite struct RuntimeLifeTests {
  @Test func `a start of what runs changes nothing`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    let first = try bench.start(node)
    #expect(try bench.start(node) == first)
    #expect(try bench.runtime.list() == [first])
    #expect(first.isRunning && first.startSerial == 1 && !first.execDone)
  }

  @Test func `the exit of a command is the node's, by code and by signal`() throws {
    let bench = try RuntimeBench()
    let codes = try bench.node("a", ["/bin/sh", "-c", "exit 7"])
    let signals = try bench.node("b", ["/bin/sh", "-c", "kill -SEGV $$"])
    let missing = try bench.node("c", ["/no/such/program"])
    for outcome in bench.runtime.start([codes, signals, missing]) { _ = try outcome.get() }
    #expect(try bench.exit(of: codes.key).exit == .code(7))
    let listed = try bench.runtime.list()
    try eventually("all have ended") { try bench.runtime.list().allSatisfy { !$0.isRunning } }
    #expect(listed.count == 3)
    #expect(try bench.runtime.list().map(\.exit) == [.code(7), .signal(SIGSEGV), .code(127)])
    let log = try bench.runtime.logs(missing.key, offset: 0, limit: 1000)
    #expect(String(decoding: log.bytes, as: UTF8.self).contains("/no/such/program"))
  }

  @Test func `a killed first process is seen, and takes all of its node along`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1", ["/bin/sh", "-c", "sleep infinity & setsid sleep infinity"])
    let running = try bench.start(node)
    try eventually("three processes run") { try bench.exec(node.key, ["/bin/sh", "-c", "ls -d /proc/[0-9]* | wc -l"]).output >= "5" }
    #expect(kill(running.pid, SIGKILL) == 0)
    let exit = try bench.exit(of: node.key)
    #expect(exit.exit == .signal(SIGKILL) && exit.pid == running.pid && exit.startSerial == 1)
    #expect(throws: LabError.self) { try bench.exec(node.key, ["/bin/true"]) }
  }

  @Test func `another runtime takes over the nodes of the first and sees their ends`() throws {
    let bench = try RuntimeBench()
    var node = try bench.node("r1")
    node.specDigest = 0xfeed
    node.config = try BlobDigest(String(repeating: "ab", count: 32))
    node.startSerial = 9
    let running = try bench.start(node)
    try bench.runtime.mark(node.key, ended: .configure, warning: "exec 'x': exit code 1")
    #expect(
      try bench.runtime.list().map { [$0.execDone ? "done" : "", $0.ended?.rawValue ?? "", $0.execWarning] } == [
        ["", "configure", "exec 'x': exit code 1"]
      ])
    try bench.runtime.mark(node.key, ended: nil, warning: "exec 'x': exit code 1")
    try bench.runtime.markPassed(node.key, pid: running.pid)
    try bench.runtime.saveBackoff(node.key, [1, 2, 3])
    let second = try bench.secondRuntime()
    let found = try second.list()
    #expect(found.count == 1 && found[0].pid == running.pid && found[0].specDigest == 0xfeed && found[0].startSerial == 9)
    #expect(
      found[0].config == node.config && found[0].execDone && found[0].execWarning == "exec 'x': exit code 1"
        && found[0].hasPassed && second.loadBackoff(node.key) == [1, 2, 3])
    for outcome in second.stop([node.key], grace: 10_000) { try outcome.get() }
    var watched = pollfd(fd: second.eventDescriptor, events: Int16(POLLIN), revents: 0)
    #expect(poll(&watched, 1, 20_000) == 1)
    #expect(second.drain().map(\.exit) == [.signal(SIGTERM)])
    // The next start forgets what belonged to the last, but not the back-off.
    let next = try bench.start(node)
    #expect(!next.execDone && !next.hasPassed)
    // A word that was on its way since the life before.
    try bench.runtime.markPassed(node.key, pid: running.pid)
    #expect(try bench.runtime.list().map(\.hasPassed) == [false])
    #expect(bench.runtime.loadBackoff(node.key) == [1, 2, 3])
  }

  @Test func `a record of another process isn't taken for the node's`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    let path = "\(bench.runFolder(node.key))/state"
    let record = try SmallText.read(path)
    for outcome in bench.runtime.kill([node.key]) { try outcome.get() }
    // The number is another process's by now, or the host has booted since.
    let pid = record.split(separator: "\n").first { $0.hasPrefix("pid") } ?? ""
    #expect(system("sed -i 's/^\(pid)$/pid \(getpid())/' \(path)") == 0)
    #expect(try bench.runtime.list().map(\.isRunning) == [false])
    #expect(system("sed -i 's/^boot .*/boot 00000000-0000-0000-0000-000000000000/' \(path)") == 0)
    #expect(try bench.runtime.list().map(\.isRunning) == [false])
    for outcome in bench.runtime.remove([node.key]) { try outcome.get() }
  }

  @Test func `a stop asks first and kills after the grace`() throws {
    let bench = try RuntimeBench()
    let gentle = try bench.node("a", ["/bin/sh", "-c", "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done"])
    let deaf = try bench.node("b", ["/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.05; done"])
    for outcome in bench.runtime.start([gentle, deaf]) { _ = try outcome.get() }
    for node in [gentle, deaf] {
      try eventually("it is up") { try !bench.runtime.logs(node.key, offset: 0, limit: 10).bytes.isEmpty }
    }
    for outcome in bench.runtime.stop([gentle.key], grace: 20_000) { try outcome.get() }
    for outcome in bench.runtime.stop([deaf.key], grace: 100) { try outcome.get() }
    #expect(try bench.runtime.list().map(\.exit) == [.code(3), .signal(SIGKILL)])
    for outcome in bench.runtime.stop([gentle.key, deaf.key], grace: 0) { try outcome.get() }
  }

  @Test func `what a node wrote lasts over its restarts and not over its removal`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    for _ in 0..<3 {
      try bench.start(node)
      _ = try bench.exec(node.key, ["/bin/sh", "-c", "echo x >> /var/kept; rm -rf /usr/share/doc"])
      for outcome in bench.runtime.kill([node.key]) { try outcome.get() }
    }
    try bench.start(node)
    #expect(try bench.exec(node.key, ["/bin/sh", "-c", "wc -l < /var/kept; ls -d /usr/share/doc"]).output == "3\n")
    for outcome in bench.runtime.remove([node.key]) { try outcome.get() }
    try bench.start(node)
    #expect(try bench.exec(node.key, ["/bin/sh", "-c", "ls -d /var/kept"]).output.isEmpty)
  }

  @Test func `a log is bounded and keeps its offsets`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1", ["/bin/sh", "-c", "head -c 20m /dev/zero | tr '\\0' x; echo; echo end"])
    try bench.start(node)
    _ = try bench.exit(of: node.key)
    let size = UInt64(20 << 20) + 5
    let head = try bench.runtime.logs(node.key, offset: 0, limit: 10)
    #expect(head.end == size && head.offset >= UInt64(12 << 20) && head.bytes == Array(repeating: UInt8(ascii: "x"), count: 10))
    let tail = try bench.runtime.logs(node.key, offset: size - 4, limit: 100)
    #expect(tail.bytes == Array("end\n".utf8) && tail.next == size)
    #expect(try bench.runtime.logs(node.key, offset: size + 50, limit: 100).bytes.isEmpty)
  }

  @Test func `a death between clone and record leaves no process`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    let folder = bench.runFolder(node.key)
    // Whoever writes the record waits here for a reader.
    #expect(system("mkdir -p \(folder) && mkfifo \(folder)/new") == 0)
    let runtime = bench.runtime
    let starting = BlockingCall { runtime.start([node])[0] }
    var child: Int32 = 0
    var spawner: Int32 = 0
    try eventually("the node's first process is cloned") {
      for candidate in children(of: getpid()) where (try? SmallText.read("/proc/\(candidate)/cmdline"))?.contains(bench.folder) == true {
        if let found = children(of: candidate).first { (spawner, child) = (candidate, found) }
      }
      return child != 0
    }
    #expect(kill(spawner, SIGKILL) == 0)
    let outcome = try starting.join()
    #expect(throws: LabError.self) { _ = try outcome.get() }
    try eventually("the unknown process is gone") { !processExists(child) }
    unlink("\(folder)/new")
    #expect(try bench.runtime.list().isEmpty)
    // The next request has a new spawner.
    #expect(try bench.start(node).isRunning)
  }

  @Test func `two hundred nodes start, stop and leave nothing`() throws {
    let bench = try RuntimeBench()
    _ = try bench.pins.openOrCreate("shared")
    var nodes: [NodeStart] = []
    for number in 0..<200 {
      nodes.append(
        NodeStart(
          key: try bench.key("n\(number)"), startSerial: 1, hostName: "n\(number)", arguments: ["/bin/sleep", "infinity"],
          sandbox: .path(bench.pins.path("shared"))))
    }
    func mounts() throws -> Int { try SmallText.read("/proc/self/mountinfo").split(separator: "\n").count { $0.contains(bench.folder) } }
    let before = try mounts()
    let started = try bench.runtime.start(nodes).map { try $0.get() }
    #expect(try bench.runtime.list().filter(\.isRunning).count == 200)
    #expect(try mounts() == before)
    for outcome in bench.runtime.stop(nodes.map(\.key), grace: 20_000) { try outcome.get() }
    for outcome in bench.runtime.remove(nodes.map(\.key)) { try outcome.get() }
    #expect(bench.runtime.drain().count == 200)
    #expect(try bench.runtime.list().isEmpty && bench.runtime.foldersOnDisk().isEmpty)
    #expect(bench.groups.isEmpty)
    for node in started { #expect(!processExists(node.pid)) }
    for folder in ["nodes", "data", "disks"] { #expect(access("\(bench.folder)/\(folder)/\(bench.deployment)", F_OK) != 0) }
  }
}

/// A call that blocks, on a thread of its own: those that tests share may all be taken.
private final class BlockingCall<Value: Sendable>: Sendable {
  private let value = Guarded<Value?>(nil)

  init(_ body: @escaping @Sendable () -> Value) {
    let work = Unmanaged.passRetained(
      ThreadWork { [self] in
        let result = body()
        value.withLock { $0 = result }
      })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ThreadWork>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, work.toOpaque())
    if code == 0 { pthread_detach(thread) } else { work.release() }
  }

  func join() throws -> Value {
    try eventually("the call returns") { value.withLock { $0 != nil } }
    return try #require(value.withLock { $0 })
  }
}

private final class ThreadWork: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Processes whose parent is `pid`.
private func children(of pid: Int32) -> [Int32] {
  var found: [Int32] = []
  guard let processes = opendir("/proc") else { return [] }
  defer { closedir(processes) }
  while let entry = readdir(processes) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } }
    guard let number = Int32(name), let text = try? SmallText.read("/proc/\(number)/stat"), let end = text.lastIndex(of: ")") else {
      continue
    }
    let fields = text[end...].split(separator: " ")
    if fields.count > 2, fields[2] == "\(pid)" { found.append(number) }
  }
  return found
}
