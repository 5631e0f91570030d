import Glibc
import Kernel
import Model
import Runtime
import Testing

/// What a node is, seen from inside.
@Suite struct RuntimeNodeTests {
  @Test func `a node has its own name, processes, devices and files`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    func shell(_ command: String) throws -> String { try bench.exec(node.key, ["/bin/sh", "-c", command]).output }
    #expect(try shell("hostname; cat /etc/hostname") == "r1\nr1\n")
    #expect(try shell("cat /proc/1/comm").hasPrefix("archetype-init"))
    #expect(try shell("grep -c r1 /etc/hosts") == "1\n")
    #expect(try shell("ls /sys/class/net") == "lo\n")
    #expect(try shell("ip link show lo | grep -c UP") == "1\n")
    #expect(
      try shell("ls /tmp /run/lock; echo x > /dev/null; head -c 2 /dev/zero | wc -c; ls /dev/pts") == "/run/lock:\n\n/tmp:\n2\nptmx\n")
    #expect(try shell("readlink /proc/self/ns/net") != "net:[\(bench.folder)]\n")
    #expect(try shell("wc -l < /proc/self/mountinfo") == "8\n")
    #expect(try shell("printf '#!/bin/sh\\necho run\\n' > /usr/local/bin/own; chmod +x /usr/local/bin/own; own") == "run\n")
    #expect(access("/usr/local/bin/own", F_OK) != 0)
  }

  @Test func `a node can't change the host's clock nor reach its disks`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1")
    try bench.start(node)
    #expect(try bench.exec(node.key, ["/bin/date", "-s", "2001-01-01"]).exit == .code(1))
    #expect(try bench.exec(node.key, ["/bin/mknod", "/dev/sda", "b", "8", "0"]).exit == .code(1))
  }

  @Test func `a node without a command waits, and ends when it is told to`() throws {
    let bench = try RuntimeBench()
    let node = try bench.node("r1", [])
    try bench.start(node)
    #expect(try bench.exec(node.key, ["/bin/sh", "-c", "ls /proc | grep -c '^[0-9]'"]).exit == .code(0))
    #expect(try bench.runtime.stop([node.key], grace: 60_000).map { try $0.get() }.count == 1)
    #expect(try bench.exit(of: node.key).exit == .signal(SIGTERM))
  }

  @Test func `its interfaces are there before its command`() throws {
    let bench = try RuntimeBench()
    var node = try bench.node("r1", ["/bin/sh", "-c", "ls /sys/class/net; exec sleep infinity"])
    node.interfaces = ["eth1"]
    let sandbox = bench.pins.path("r1")
    try bench.start(node)
    #expect(try bench.runtime.logs(node.key, offset: 0, limit: 100).bytes.isEmpty)
    #expect(system("nsenter --net=\(sandbox) ip link add eth1 type veth peer name far") == 0)
    try eventually("the command runs") { try !bench.runtime.logs(node.key, offset: 0, limit: 100).bytes.isEmpty }
    let log = try bench.runtime.logs(node.key, offset: 0, limit: 100)
    #expect(String(decoding: log.bytes, as: UTF8.self) == "eth1\nfar\nlo\n")
  }

  @Test func `an interface that doesn't come ends the node with the reason`() throws {
    let bench = try RuntimeBench()
    var node = try bench.node("r1")
    node.interfaces = ["eth7"]
    node.interfaceWait = 50
    try bench.start(node)
    let exit = try bench.exit(of: node.key)
    #expect(exit.exit == .code(125) && exit.reason.contains("eth7"))
  }

  @Test func `files, binds, settings and environment are in place`() throws {
    let bench = try RuntimeBench()
    var node = try bench.node("r1", ["/bin/sh", "-c", "pwd; echo $NAME; exec sleep infinity"])
    #expect(system("mkdir -p \(bench.folder)/src && echo bound > \(bench.folder)/src/file") == 0)
    node.files = [NodeStart.File(path: "/etc/deep/er/conf", bytes: Array("text\n".utf8), mode: 0o640, owner: "daemon:daemon")]
    node.binds = [
      try NodeStart.Bind("\(bench.folder)/src/file:/opt/x/file:ro"), NodeStart.Bind(source: "\(bench.folder)/src", target: "/mnt/src"),
    ]
    node.settings = [Setting("net.ipv4.ip_forward", "1"), Setting("net/ipv4/conf/lo/rp_filter", "2")]
    node.environment = [EnvironmentVariable("NAME", "value")]
    node.workingFolder = "/usr/lib"
    try bench.start(node)
    func shell(_ command: String) throws -> String { try bench.exec(node.key, ["/bin/sh", "-c", command]).output }
    #expect(try shell("cat /etc/deep/er/conf; stat -c '%U:%G %a' /etc/deep/er/conf") == "text\ndaemon:daemon 640\n")
    #expect(
      try shell("cat /opt/x/file /mnt/src/file; echo no > /opt/x/file; echo yes > /mnt/src/new; cat /mnt/src/new") == "bound\nbound\nyes\n")
    #expect(try shell("cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/lo/rp_filter") == "1\n2\n")
    try eventually("it printed") { try bench.runtime.logs(node.key, offset: 0, limit: 100).bytes.count > 10 }
    let log = try bench.runtime.logs(node.key, offset: 9, limit: 100)
    #expect(String(decoding: log.bytes, as: UTF8.self) == "value\n")
  }

  @Test func `a bind without a source is refused and leaves nothing`() throws {
    let bench = try RuntimeBench()
    var node = try bench.node("r1")
    node.binds = [NodeStart.Bind(source: "/nowhere/at/all", target: "/x")]
    let error = #expect(throws: LabError.self) { try bench.start(node) }
    #expect(error?.message.contains("/nowhere/at/all") == true)
    #expect(try bench.runtime.foldersOnDisk().isEmpty)
  }

  @Test func `limits hold for all of a node`() throws {
    let bench = try RuntimeBench()
    var node = try bench.node("r1")
    node.processes = 12
    node.memory = 64 << 20
    try bench.start(node)
    let forks = try bench.exec(node.key, ["/bin/sh", "-c", "for i in $(seq 30); do sleep 2 & done; wait"])
    #expect(forks.errors.contains("fork"))
    #expect(try bench.exec(node.key, ["/bin/sh", "-c", "head -c 200m /dev/zero | tail"]).exit != .code(0))
  }
}
