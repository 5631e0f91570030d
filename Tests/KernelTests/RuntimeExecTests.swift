import Glibc
import Model
import Runtime
import Testing

/// Commands that are run in nodes.
@Suite struct RuntimeExecTests {
  @Test func `exec passes output, errors, exit code and signal through`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    let run = try bench.exec(node.key, ["/bin/sh", "-c", "echo out; echo err >&2; exit 42"])
    #expect(run.exit == .code(42) && run.output == "out\n" && run.errors == "err\n")
    #expect(try bench.exec(node.key, ["/bin/sh", "-c", "kill -9 $$"]).exit == .signal(SIGKILL))
    #expect(try bench.exec(node.key, ["no-such-program"]).exit == .code(127))
  }

  @Test func `exec is in the node's namespaces and control groups`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    let running = try bench.start(node)
    for kind in ["mnt", "pid", "net", "uts", "ipc"] {
      var buffer = [CChar](repeating: 0, count: 64)
      let length = readlink("/proc/\(running.pid)/ns/\(kind)", &buffer, buffer.count)
      let expected = String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
      #expect(try bench.exec(node.key, ["/bin/readlink", "/proc/self/ns/\(kind)"]).output == "\(expected)\n")
    }
    let group = try SmallText.read("/proc/\(running.pid)/cgroup")
    #expect(group.contains("archetype/\(bench.deployment)/h1/lab@1+r1@1"))
    #expect(try bench.exec(node.key, ["/bin/cat", "/proc/self/cgroup"]).output == group)
  }

  @Test func `exec at a terminal has one of the node's own, of the size that is told`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    let script = "tty; stty size; read word; echo got $word; stty size"
    let process = try bench.runtime.exec(
      node.key, ExecCommand(["/bin/sh", "-c", script], input: .terminal(TerminalSize(rows: 30, columns: 100))))
    let input = try #require(process.input)
    var printed = ""
    func read(until word: String) throws {
      try eventually("the terminal shows \(word)") {
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let count = Glibc.read(process.output, &buffer, buffer.count)
        if count > 0 { printed += String(decoding: buffer[0..<count], as: UTF8.self) }
        return printed.contains(word)
      }
    }
    try read(until: "30 100")
    process.resize(TerminalSize(rows: 40, columns: 120))
    #expect(write(input, "hello\r", 6) == 6)
    try read(until: "40 120")
    #expect(printed.hasPrefix("/dev/pts/") && printed.contains("got hello"), "\(printed)")
    var outcome: Exit?
    try eventually("it has ended") {
      outcome = try process.outcome()
      return outcome != nil
    }
    #expect(outcome == .code(0))
  }

  @Test func `exec reads its input to the end`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    let process = try bench.runtime.exec(node.key, ExecCommand(["/bin/cat"], input: .stream))
    let input = try #require(process.input)
    #expect(write(input, "hello\n", 6) == 6)
    process.closeInput()
    #expect(try bench.finish(process).output == "hello\n")
    #expect(try bench.exec(node.key, ["/bin/cat"]).exit == .code(0))
  }

  @Test func `a killed exec takes its children along and the node stays`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    let process = try bench.runtime.exec(node.key, ExecCommand(["/bin/sh", "-c", "sleep 1000 & sleep 1000"]))
    #expect(try process.outcome() == nil)
    process.kill()
    #expect(try bench.finish(process).exit == .signal(SIGKILL))
    #expect(try bench.runtime.list().map(\.isRunning) == [true])
  }

  @Test func `an exec ends with its node`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    let process = try bench.runtime.exec(node.key, ExecCommand(["/bin/sleep", "1000"]))
    for outcome in bench.runtime.kill([node.key]) { try outcome.get() }
    let exit = try? bench.finish(process).exit
    #expect(exit == .signal(SIGKILL) || exit == nil)
  }
}
