import JSON
import Kinds
public import Model

/// What an engine's network of ours is: a place in a lab, as `docker network create -d archetype -o …` says.
public struct LabNetwork: Sendable, Hashable {
  public var lab: LabName
  public var place: ExternalPlace

  private static let management = "mgmt"
  /// The kind that has such places: how its interfaces are called.
  private static let kind = "ext-container"
  private static let usage =
    "-o lab=LAB with -o link=NODE:INTERFACE, or -o node=NODE -o interface=INTERFACE, or -o segment=\(management), the lab's management network"

  /// - Parameter options: of the user, by name.
  /// - Throws: `INVALID_ARGUMENT` with what may be said.
  public init(options: [String: String]) throws(LabError) {
    let known: Set<String> = ["lab", "link", "node", "interface", "segment"]
    if let stranger = options.keys.filter({ !known.contains($0) }).min() {
      throw Self.refusal("-o \(stranger)", "is no option of this driver")
    }
    guard let lab = options["lab"] else { throw Self.refusal("-o lab", "is missing") }
    self.lab = try LabName(lab)
    switch (options["link"], options["node"], options["interface"], options["segment"]) {
    case (let link?, nil, nil, nil):
      // A name of a node holds no colon, one of an interface may.
      guard let colon = link.firstIndex(of: ":") else { throw Self.refusal("-o link=\(link)", "is no NODE:INTERFACE") }
      place = try Self.end(String(link[..<colon]), String(link[link.index(after: colon)...]))
    case (nil, let node?, let interface?, nil): place = try Self.end(node, interface)
    case (nil, nil, nil, Self.management?): place = .management
    case (nil, nil, nil, let segment?): throw Self.refusal("-o segment=\(segment)", "is not known")
    case _: throw Self.refusal("-o lab=\(lab)", "alone, or with options that don't go together, names no place in it")
    }
  }

  private static func end(_ node: String, _ interface: String) throws(LabError) -> ExternalPlace {
    let ordinal = try InterfaceNaming.ordinal(of: interface, kind: kind)
    guard ordinal != .management else {
      throw refusal("\(node):\(interface)", "is no end of a link (for the management network: -o segment=\(management))")
    }
    return .interface(try NodeName(node), ordinal)
  }

  private static func refusal(_ subject: String, _ text: String) -> LabError { LabError(.invalidArgument, subject, "\(text) (\(usage))") }

  /// As it lies on disk, which `init(bytes:)` reads back.
  public var bytes: [UInt8] {
    let place: (String, String) =
      switch place {
      case .interface(let node, let ordinal): ("link", "\(node):\(InterfaceNaming.name(of: ordinal, kind: Self.kind))")
      case .management: ("segment", Self.management)
      }
    return JSONValue.object(["lab": .text(lab.text), place.0: .text(place.1)]).bytes
  }

  /// - Throws: `INVALID_ARGUMENT` for what `bytes` didn't make.
  public init(bytes: [UInt8]) throws(LabError) { try self.init(options: try JSONValue.read(bytes).texts()) }
}

extension JSONValue {
  /// - Throws: `INVALID_ARGUMENT` for what isn't JSON.
  static func read(_ bytes: [UInt8]) throws(LabError) -> JSONValue {
    do throws(JSONError) { return try JSONValue(bytes) } catch {
      throw LabError(.invalidArgument, "request", "is not JSON", cause: error.reason)
    }
  }

  /// An object of nothing but texts; empty for what is no object.
  func texts() throws(LabError) -> [String: String] {
    var texts: [String: String] = [:]
    for (name, value) in members {
      guard let text = value.text else { throw LabError(.invalidArgument, "-o \(name)", "is no text") }
      texts[name] = text
    }
    return texts
  }
}
