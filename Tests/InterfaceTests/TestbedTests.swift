import Glibc
import Model
import Testing

@testable import Testbed

/// A testbed of the real programs.
@Suite(.serialized) struct TestbedTests {
  @Test func `all programs serve when up returns and after each was killed and started again`() throws {
    try withPrograms(hosts: 2) { testbed in
      for name in Programs.services + ["agent/h1", "agent/h2"] {
        let old = try #require(try testbed.processID(name))
        try testbed.kill(name)
        #expect(kill(old, 0) != 0)
        try testbed.start(name)
        let new = try #require(try testbed.processID(name))
        #expect(new != old)
        #expect(getpriority(Int32(PRIO_PROCESS.rawValue), id_t(new)) == -10)
      }
    }
  }

  @Test func `a host comes back without a bus and with its cable cut`() throws {
    try withPrograms(hosts: 1) { testbed in
      try testbed.kill("bus")
      try testbed.powerOff("h1")
      try testbed.powerOn("h1")
      try #expect(testbed.processID("agent/h1") != nil)
      try testbed.start("bus")
      try testbed.cut("h1", [.bus])
      try testbed.powerOff("h1")
      try testbed.powerOn("h1")
      try #expect(testbed.processID("agent/h1") != nil)
      try testbed.kill("jobs")
      try testbed.kill("bus")
      try testbed.start("jobs")
      try testbed.start("bus")
      try #expect(testbed.processID("jobs") != nil)
    }
  }

  @Test func `agents serve over an underlay of IPv6`() throws {
    try withPrograms(hosts: 2, ipv6: true) { testbed in
      try #expect(testbed.exec("h1", ["/bin/sh", "-c", "ping -6 -c1 -W5 fd00::2 >/dev/null"]) == 0)
    }
  }

  @Test func `a wiped disk doesn't take a host's keys`() throws {
    try withPrograms(hosts: 1) { testbed in
      try #expect(testbed.exec("h1", ["/bin/sh", "-c", "rm -rf /var/lib/archetype/*"]) == 0)
      try testbed.kill("agent/h1")
      try testbed.start("agent/h1")
      try testbed.powerOff("h1")
      try testbed.powerOn("h1")
    }
  }
}

/// Gives `body` a running testbed, and removes it.
private func withPrograms(hosts: Int, ipv6: Bool = false, _ body: (Testbed) throws -> Void) throws {
  var name = Array("/tmp/archetype-testbed-XXXXXX".utf8CString)
  let folder = String(cString: try #require(mkdtemp(&name)))
  let testbed = try Testbed(folder: folder + "/bed")
  defer { rmdir(folder) }
  try testbed.up(hosts: hosts, ipv6: ipv6)
  do { try body(testbed) } catch {
    try testbed.down()
    throw error
  }
  try testbed.down()
  #expect(!Files.exists(testbed.folder))
}
