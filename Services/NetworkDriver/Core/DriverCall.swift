public import JSON
public import Model

/// What an engine asks of a network driver (libnetwork's remote drivers: the methods of `Plugin` and `NetworkDriver`).
public enum DriverCall: Sendable, Hashable {
  case activate
  case capabilities
  case createNetwork(EngineID, LabNetwork)
  case deleteNetwork(EngineID)
  /// Only promises it; its devices come with `join`.
  case createEndpoint(network: EngineID)
  case join(network: EngineID, attachment: EngineID)
  /// `Leave` and `DeleteEndpoint`: whichever comes, and as often as it does.
  case leave(attachment: EngineID)
  /// Of this driver nothing is asked by it.
  case nothing

  /// - Parameters:
  ///   - path: of the request, such as `/NetworkDriver.Join`.
  ///   - body: JSON; empty where the method takes nothing.
  /// - Throws: `UNIMPLEMENTED` for a method that isn't known, `INVALID_ARGUMENT` for what it doesn't take.
  public init(path: String, body: [UInt8]) throws(LabError) {
    func id(_ name: String) throws(LabError) -> EngineID {
      let value = try JSONValue.read(body)[name]
      guard let text = value.text else { throw LabError(.invalidArgument, path, "has no \(name)") }
      return try EngineID(text)
    }
    switch path {
    case "/Plugin.Activate": self = .activate
    case "/NetworkDriver.GetCapabilities": self = .capabilities
    case "/NetworkDriver.CreateNetwork":
      let options = try JSONValue.read(body)["Options"]["com.docker.network.generic"].texts()
      self = .createNetwork(try id("NetworkID"), try LabNetwork(options: options))
    case "/NetworkDriver.DeleteNetwork": self = .deleteNetwork(try id("NetworkID"))
    case "/NetworkDriver.CreateEndpoint": self = .createEndpoint(network: try id("NetworkID"))
    case "/NetworkDriver.Join": self = .join(network: try id("NetworkID"), attachment: try id("EndpointID"))
    case "/NetworkDriver.Leave", "/NetworkDriver.DeleteEndpoint": self = .leave(attachment: try id("EndpointID"))
    case "/NetworkDriver.EndpointOperInfo", "/NetworkDriver.DiscoverNew", "/NetworkDriver.DiscoverDelete",
      "/NetworkDriver.ProgramExternalConnectivity", "/NetworkDriver.RevokeExternalConnectivity":
      self = .nothing
    case _: throw LabError(.unimplemented, path, "is nothing that this driver does")
    }
  }

  /// What is answered where all went well.
  ///
  /// - Parameter device: the end at the host that `join` has made.
  public func reply(device: String = "") -> JSONValue {
    switch self {
    case .activate: ["Implements": ["NetworkDriver"]]
    // Each engine has its own networks, and none of them reaches another host's by itself.
    case .capabilities: ["Scope": "local", "ConnectivityScope": "local"]
    // Addresses are the engine's business, and so is a way out: without the last word it would add a bridge of its own for that.
    case .join: ["InterfaceName": ["SrcName": .text(device), "DstPrefix": "eth"], "DisableGatewayService": true]
    case .createNetwork, .deleteNetwork, .createEndpoint, .leave, .nothing: [:]
    }
  }

  /// What is answered where it didn't: the engine shows it to its user.
  public static func refusal(_ error: LabError) -> JSONValue { ["Err": .text(error.description)] }
}
