import Model
import Testing
import Topology

@Suite struct ManagementTopologyTests {
  private func resolve(_ mgmt: String, node: String = "kind: linux") -> Resolution {
    Topology.resolve("name: x\n\(mgmt)topology:\n  nodes:\n    a: {\(node)}\n", file: "x.clab.yml")
  }

  @Test func aFileSaysWhetherThereIsAManagementNetworkAndHowItIs() throws {
    #expect(resolve("").lab?.management == nil)
    #expect(resolve("mgmt:\n").lab?.management == ManagementSpec())
    #expect(resolve("mgmt: {network: x, ipv4-subnet: auto, skip-when-unused: true}\n").lab?.management == ManagementSpec())
    let whole = resolve(
      "mgmt: {ipv4-subnet: 10.9.0.0/24, ipv4-gw: 10.9.0.9, ipv6-subnet: \"fd00::/64\", mtu: 1400, external-access: true}\n",
      node: "kind: linux, mgmt-ipv4: 10.9.0.2, mgmt-ipv6: \"fd00::2\"")
    #expect(whole.allWarnings.isEmpty && whole.isValid)
    #expect(
      whole.lab?.management
        == ManagementSpec(
          ipv4: .init(subnet: try Subnet("10.9.0.0/24"), gateway: try IPAddress("10.9.0.9")), ipv6: .init(subnet: try Subnet("fd00::/64")),
          mtu: 1_400, reachesOutside: true))
    #expect(whole.lab?.nodes[0].management.addresses.map(\.text) == ["10.9.0.2", "fd00::2"])
  }

  @Test func aNodesAddressAloneIsAWishForTheNetworkAndNoNetworkIsSaidAtTheNode() {
    let asked = resolve("", node: "kind: linux, mgmt-ipv4: 172.20.20.9")
    #expect(asked.lab?.management == ManagementSpec())
    let off = resolve("mgmt:\n", node: "kind: linux, network-mode: none")
    #expect(off.lab?.nodes[0].management == NodeManagement(isOff: true))
  }

  @Test(arguments: [
    ("mgmt: {ipv4-subnet: 10.9.0.1/24}\n", "has bits of a host set"), ("mgmt: {ipv4-subnet: \"fd00::/64\"}\n", "is of the other family"),
    ("mgmt: {ipv4-subnet: 10.9.0.0/31}\n", "has no room"), ("mgmt: {ipv4-subnet: 0.0.0.0/0}\n", "is too large"),
    ("mgmt: {ipv4-gw: 10.9.0.1}\n", "is an address of no subnet"),
    ("mgmt: {ipv4-subnet: 10.9.0.0/24, ipv4-gw: 10.9.0.0}\n", "is not an address"),
    ("mgmt: {mtu: 20}\n", "mtu 20"), ("mgmt: {ipv6-subnet: auto, mtu: 1279}\n", "is not 1280 to"),
    ("mgmt: [x]\n", "must be a mapping"),
  ])
  func whatCanNotBeIsAnErrorWithItsLine(_ mgmt: String, _ words: String) {
    let resolution = resolve(mgmt)
    #expect(resolution.errors.map(\.line) == [2] && resolution.errors[0].message.contains(words), "\(resolution.errors)")
  }

  @Test func anAddressOfANodeIsOneAndOfItsFamily() {
    for (node, words) in [
      ("mgmt-ipv4: \"fd00::2\"", "of the other family"), ("mgmt-ipv6: x", "not an IPv4 or IPv6 address"),
      ("network-mode: none, mgmt-ipv4: 10.9.0.2", "has no management address"),
    ] {
      let errors = resolve("mgmt:\n", node: "kind: linux, \(node)").errors
      #expect(errors.map(\.line) == [5] && errors[0].message.contains(words), "\(errors)")
    }
  }

  @Test func portsAreWrittenAsDockerWritesThemAndAreAWishForTheNetwork() throws {
    let ports = "[\"8080:80\", \"192.0.2.1:53:5353/udp\", \"9000-9002:90-92\", \"[2001:db8::1]:443:8443\", \"0.0.0.0:22:22\"]"
    let resolution = resolve("", node: "kind: linux, ports: \(ports)")
    #expect(resolution.isValid && resolution.lab?.management == ManagementSpec(), "\(resolution.errors)")
    #expect(
      resolution.lab?.nodes[0].management.ports.map(\.description) == [
        "8080/tcp>80", "192.0.2.1:53/udp>5353", "9000/tcp>90", "9001/tcp>91", "9002/tcp>92", "2001:db8::1:443/tcp>8443", "22/tcp>22",
      ])
  }

  @Test(arguments: [
    ("80", "needs the host's port too"), ("0:80", "is not a port"), ("80:99999", "is not a port"), ("1-3:1-2", "different lengths"),
    ("8080:80/sctp", "is not a transport"), ("host:8080:80", "is not an address"), ("9-8:1-2", "is not a port"),
  ])
  func aPortThatCanNotBeIsAnErrorWithItsLine(_ port: String, _ words: String) {
    let errors = resolve("", node: "kind: linux, ports: [\"\(port)\"]").errors
    #expect(errors.map(\.line) == [4] && errors[0].message.contains(words), "\(errors)")
  }

  @Test func aPortIsThereOnceAndNotWithoutANetwork() {
    let twice = resolve("", node: "kind: linux, ports: [\"80:80\", \"192.0.2.1:80:81\"]").errors
    #expect(twice.first?.message.contains("is there twice") == true, "\(twice)")
    let off = resolve("", node: "kind: linux, network-mode: none, ports: [\"80:80\"]").errors
    #expect(off.first?.message.contains("has no management address") == true, "\(off)")
  }
}
