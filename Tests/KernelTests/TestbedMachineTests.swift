import Glibc
import Model
import Testing

@testable import Testbed

/// Machines, networks and processes of a testbed with a sleeper in the place of every service.
@Suite struct TestbedMachineTests {
  @Test func `hosts reach each other over the underlay and the control plane over the management network`() throws {
    try withTestbed(hosts: 2) { testbed in
      try #expect(testbed.ping("h1", "10.254.0.2"))
      try #expect(testbed.ping("h2", "10.254.0.1"))
      try #expect(testbed.ping("h2", "10.253.0.1"))
      try #expect(testbed.output("h2", "hostname") == "h2")
    }
  }

  @Test func `an underlay of IPv6 has the MTU that was asked for`() throws {
    try withTestbed(hosts: 2, mtu: 9000, ipv6: true) { testbed in
      try #expect(testbed.shell("h1", "ping -6 -c1 -W5 -M do -s 8952 fd00::2 >/dev/null") == 0)
      try #expect(testbed.output("h1", "cat /sys/class/net/eth0/mtu /sys/class/net/mgmt/mtu") == "9000\n1500")
    }
  }

  @Test func `the machine's own devices and mounts are as before`() throws {
    let before = devices()
    try withTestbed(hosts: 2) { testbed in
      #expect(devices() == before)
      let mounts = Files.read("/proc/self/mountinfo") ?? ""
      for trace in [testbed.folder, MountPlace.data.path, "archetype-testbed"] { #expect(!mounts.contains(trace)) }
    }
    #expect(devices() == before)
  }

  @Test func `a power cut ends all that runs in a host and leaves its disk`() throws {
    try withTestbed(hosts: 2) { testbed in
      try #expect(testbed.shell("h2", "touch /run/volatile /var/lib/archetype/kept && (setsid sleep 1000 &)") == 0)
      let agent = try #require(try testbed.processID("agent/h2"))
      try testbed.powerOff("h2")
      try testbed.powerOff("h2")
      #expect(kill(agent, 0) != 0)
      try #expect(testbed.processID("agent/h2") == nil)
      #expect(throws: LabError.self) { try testbed.exec("h2", ["true"]) }
      #expect(throws: LabError.self) { try testbed.start("agent/h2") }
      try testbed.powerOn("h2")
      try #expect(testbed.output("h2", "ls /var/lib/archetype; test -e /run/volatile || echo gone; pgrep sleep | wc -l") == "kept\ngone\n1")
      try #expect(testbed.ping("h1", "10.254.0.2"))
    }
  }

  @Test func `a cut cable stays cut through a power cut, and the other one works`() throws {
    try withTestbed(hosts: 2) { testbed in
      try testbed.cut("h2", [.underlay])
      try #expect(testbed.output("h2", "cat /sys/class/net/eth0/carrier /sys/class/net/mgmt/carrier") == "0\n1")
      try testbed.powerOff("h2")
      try testbed.powerOn("h2")
      try #expect(testbed.output("h2", "cat /sys/class/net/eth0/carrier /sys/class/net/mgmt/carrier") == "0\n1")
      try testbed.heal("h2")
      try #expect(testbed.ping("h2", "10.254.0.1"))
      try testbed.cut("h2")
      try #expect(testbed.output("h2", "cat /sys/class/net/eth0/carrier /sys/class/net/mgmt/carrier") == "0\n0")
      try testbed.heal("h2", [.bus])
      try #expect(testbed.ping("h2", "10.253.0.1"))
    }
  }

  @Test func `a killed process is dead and stays so until it is started`() throws {
    try withTestbed(hosts: 1) { testbed in
      for name in ["bus", "reconciler", "agent/h1"] {
        let old = try #require(try testbed.processID(name))
        try testbed.kill(name)
        #expect(kill(old, 0) != 0)
        try testbed.kill(name)
        try #expect(testbed.processID(name) == nil)
        try testbed.start(name)
        let new = try #require(try testbed.processID(name))
        try testbed.start(name)
        try #expect(testbed.processID(name) == new)
      }
      for name in ["agent/h2", "h1", "", "agent/"] { #expect(throws: LabError.self) { try testbed.kill(name) } }
    }
  }

  @Test func `a number that the kernel gave to another process is not taken for the old one`() throws {
    #expect(RecordedProcess(pid: getpid(), start: 1).open() == nil)
  }

  @Test func `exec passes the exit code, the folder and signals on`() throws {
    try withTestbed(hosts: 1) { testbed in
      try #expect(testbed.shell("h1", "exit 7") == 7)
      try #expect(testbed.shell("h1", "kill -9 $$") == 137)
      try #expect(testbed.exec("h1", ["/no/such/program"]) == 127)
      try #expect(testbed.exec("h1", ["/etc"]) == 126)
      try #expect(testbed.output("h1", "pwd") == String(cString: try #require(getcwd(nil, 0))))
      #expect(throws: LabError.self) { try testbed.exec("h2", ["true"]) }
    }
  }

  @Test func `testbeds side by side don't meet`() throws {
    try withTestbed(hosts: 1) { small in
      try withTestbed(hosts: 2) { large in
        try #expect(large.ping("h1", "10.254.0.2"))
        try #expect(small.ping("h1", "10.254.0.2") == false)
        try large.powerOff("h1")
        try #expect(small.exec("h1", ["true"]) == 0)
      }
      try #expect(small.ping("h1", "10.253.0.1"))
    }
  }

  @Test func `a host's control groups are its own and go with its power`() throws {
    try withTestbed(hosts: 2) { testbed in
      let id = try testbed.manifest().id
      let binds = ControlGroups(id: id).make(host: "h1").filter { $0.source.contains(id) }
      let bind = try #require(binds.first)
      try #expect(testbed.shell("h1", "mkdir -p \(bind.target)/archetype/one/two") == 0)
      #expect(Files.exists(bind.source + "/archetype/one/two"))
      try #expect(testbed.shell("h2", "test -e \(bind.target)/archetype") == 1)
      try testbed.powerOff("h1")
      #expect(!Files.exists(bind.source))
    }
  }
}

/// Names of the devices in the network namespace of this process.
private func devices() -> [Substring] {
  (Files.read("/proc/net/dev") ?? "").split(separator: "\n").dropFirst(2).compactMap { $0.split(separator: ":").first }
}
