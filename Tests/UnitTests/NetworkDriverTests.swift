import JSON
import Model
import NetworkCore
import Testing

/// What an engine's user may say of a network of a lab, and what the engine asks and is told.
@Suite struct NetworkDriverTests {
  private static let network = String(repeating: "ab", count: 32)
  private static let endpoint = String(repeating: "0f", count: 32)

  @Test(arguments: [
    ["lab": "ring", "link": "ext:eth3"], ["lab": "ring", "node": "ext", "interface": "eth3"],
  ])
  func `a link's end is named at once or in two words`(options: [String: String]) throws {
    let network = try LabNetwork(options: options)
    #expect(network.lab.text == "ring" && network.place == .interface(try NodeName("ext"), try Ordinal(3)))
    #expect(try LabNetwork(bytes: network.bytes) == network)
  }

  @Test func `the management network is a segment`() throws {
    let network = try LabNetwork(options: ["lab": "ring", "segment": "mgmt"])
    #expect(network.place == .management)
    #expect(try LabNetwork(bytes: network.bytes) == network)
  }

  @Test(arguments: [
    [:], ["lab": "ring"], ["link": "ext:eth1"], ["lab": "ring", "link": "ext"], ["lab": "ring", "link": "ext:"],
    ["lab": "ring", "link": "ext:wan0"], ["lab": "ring", "link": "ext:eth0"], ["lab": "ri ng", "link": "ext:eth1"],
    ["lab": "ring", "link": "e/t:eth1"], ["lab": "ring", "node": "ext"], ["lab": "ring", "interface": "eth1"],
    ["lab": "ring", "link": "ext:eth1", "segment": "mgmt"], ["lab": "ring", "segment": "lan"],
    ["lab": "ring", "link": "ext:eth1", "mtu": "9000"], ["lab": "ring", "link": "ext:eth99999"],
  ])
  func `what names no place is refused with what may be said`(options: [String: String]) {
    #expect(throws: LabError.self) { try LabNetwork(options: options) }
  }

  private func call(_ method: String, _ body: String) throws -> DriverCall { try DriverCall(path: "/" + method, body: Array(body.utf8)) }

  @Test func `a network, its containers and their ends are told apart`() throws {
    let ids = "\"NetworkID\":\"\(Self.network)\",\"EndpointID\":\"\(Self.endpoint)\""
    let (network, endpoint) = (try EngineID(Self.network), try EngineID(Self.endpoint))
    let options = "{\"com.docker.network.enable_ipv6\":false,\"com.docker.network.generic\":{\"lab\":\"x\",\"link\":\"e:eth1\"}}"
    #expect(
      try call("NetworkDriver.CreateNetwork", "{\"NetworkID\":\"\(Self.network)\",\"Options\":\(options),\"IPv4Data\":[]}")
        == .createNetwork(network, LabNetwork(options: ["lab": "x", "link": "e:eth1"])))
    #expect(try call("NetworkDriver.DeleteNetwork", "{\(ids)}") == .deleteNetwork(network))
    #expect(try call("NetworkDriver.CreateEndpoint", "{\(ids),\"Interface\":null}") == .createEndpoint(network: network))
    #expect(try call("NetworkDriver.Join", "{\(ids),\"SandboxKey\":\"/x\"}") == .join(network: network, attachment: endpoint))
    for method in ["Leave", "DeleteEndpoint"] {
      #expect(try call("NetworkDriver.\(method)", "{\(ids)}") == .leave(attachment: endpoint))
    }
    #expect(try call("Plugin.Activate", "") == .activate)
    #expect(try call("NetworkDriver.GetCapabilities", "") == .capabilities)
    #expect(try call("NetworkDriver.DiscoverNew", "{}") == .nothing)
  }

  @Test(arguments: [
    ("NetworkDriver.Join", ""), ("NetworkDriver.Join", "{"), ("NetworkDriver.Join", "[]"), ("NetworkDriver.Join", "{\"NetworkID\":7}"),
    ("NetworkDriver.Join", "{\"NetworkID\":\"\(network)\"}"), ("NetworkDriver.DeleteNetwork", "{\"NetworkID\":\"../../etc/passwd\"}"),
    ("NetworkDriver.DeleteNetwork", "{\"NetworkID\":\"\"}"), ("NetworkDriver.CreateNetwork", "{\"NetworkID\":\"\(network)\"}"),
    (
      "NetworkDriver.CreateNetwork",
      "{\"NetworkID\":\"\(network)\",\"Options\":{\"com.docker.network.generic\":{\"lab\":[\"x\"],\"segment\":\"mgmt\"}}}"
    ), ("NetworkDriver.Destroy", "{}"), ("", ""),
  ])
  func `what isn't a call is refused`(method: String, body: String) {
    #expect(throws: LabError.self) { try call(method, body) }
  }

  @Test func `replies are what the engine reads`() throws {
    #expect(DriverCall.activate.reply() == ["Implements": ["NetworkDriver"]])
    #expect(DriverCall.capabilities.reply()["Scope"].text == "local")
    let id = try EngineID(Self.network)
    let join = DriverCall.join(network: id, attachment: id).reply(device: "ax1")
    #expect(join["InterfaceName"]["SrcName"].text == "ax1" && join["DisableGatewayService"].isTrue)
    #expect(DriverCall.leave(attachment: id).reply() == [:])
    #expect(DriverCall.refusal(LabError(.notFound, "network", "is away"))["Err"].text == "network: is away")
  }

  @Test func `only a call that lasts from look to look stands still`() {
    var count = CallCount()
    func look() -> Bool { count.isMoving() }
    #expect(look())
    count.begin()
    #expect(look() && !look() && !look())
    count.begin()
    #expect(!look(), "more that wait are no progress")
    count.end(isDone: false)
    #expect(look() && !look())
    count.end(isDone: true)
    #expect(look() && look())
    #expect(count.ended == 2 && count.refused == 1 && count.underWay == 0)
  }
}
