import Glibc
import Kernel
import Kinds
import Model
import Runtime
import Testing

/// Real routers of the distribution's packages.
@Suite struct RuntimeRouterTests {
  @Test func `two FRR nodes become full OSPF neighbours, and vtysh works by exec`() throws {
    let cables = try FabricBench()
    _ = try cables.cable("r1", "r2")
    let bench = try RuntimeBench()
    let program = try HostCommand.of(image: "quay.io/frrouting/frr:8.4.1")
    for number in 1...2 {
      var node = NodeStart(
        key: try bench.key("r\(number)"), startSerial: 1, hostName: "r\(number)", arguments: program.arguments,
        sandbox: .path(cables.pins.path("r\(number)")))
      node.interfaces = ["eth1"]
      let own = ["/etc/frr/daemons": "ospfd=yes\n", "/etc/frr/frr.conf": configuration(number)]
      node.files = program.files.map { file in
        NodeStart.File(path: file.path, bytes: Array((own[file.path] ?? file.content).utf8), mode: file.mode)
      }
      try bench.start(node)
    }
    try eventually("the routers are neighbours") {
      try bench.exec(bench.key("r1"), ["vtysh", "-c", "show ip ospf neighbor"]).output.contains("Full/")
    }
    try eventually("they know each other's networks") {
      try bench.exec(bench.key("r1"), ["/bin/ping", "-c1", "-W1", "10.255.0.2"]).exit == .code(0)
    }
    #expect(try bench.runtime.list().allSatisfy(\.isRunning))
  }

  private func configuration(_ number: Int) -> String {
    """
    interface lo
     ip address 10.255.0.\(number)/32
    interface eth1
     ip address 10.2.0.\(number)/30
     ip ospf network point-to-point
     ip ospf hello-interval 1
     ip ospf dead-interval 4
    router ospf
     network 10.2.0.0/30 area 0
     network 10.255.0.0/24 area 0

    """
  }
}
