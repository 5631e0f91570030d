import Kinds
import Model
import Runtime
import Testing

/// What a node has printed and what listens in it, as a test of readiness reads them.
struct ReadinessReadingTests {
  private func matches(_ pattern: String, _ output: String) throws -> Bool { try LinePattern(pattern).matches(Array(output.utf8)) }

  @Test func aLineMatchesWithoutWhatATerminalObeys() throws {
    #expect(try matches("^System ready$", "booting\r\n\u{1b}[1;32mSystem\u{1b}[0m ready\u{7}\r\n"))
    #expect(try matches("login:", "x login: "))
    #expect(try !matches("^ready", "not ready\n"))
    #expect(try !matches("a.*b", "a\nb\n"))
    #expect(try !matches("x", "\u{1b}[") && !matches("x", ""))
  }

  @Test func whatIsNoPatternIsSaid() { #expect(throws: LabError.self) { _ = try LinePattern("(") } }

  @Test func theKernelsTableNamesPortsThatAreListenedOn() {
    let table = """
        sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
         0: 00000000:00B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
         1: 0100007F:1F90 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1
      """
    let ports = ListeningPorts(table)
    #expect(ports.contains(179) && !ports.contains(8080) && !ports.contains(49152))
    #expect(!ListeningPorts(of: "/nonexistent").contains(179))
  }
}
