public import Model

/// What a device of the fabric is that an engine's network driver has made: the text in its `ifalias`. It names no deployment, host or life of a lab,
/// since the driver knows none: the agent of this host joins it to the lab that has this name here, whenever there is one.
///
/// `ar1x LAB NODE:ORDINAL ATTACHMENT` for a link's end, `ar1x LAB mgmt ATTACHMENT` on a management network.
public struct ExternalMark: Sendable, Hashable {
  public var lab: LabName
  public var place: ExternalPlace
  /// Which container has taken it.
  public var attachment: EngineID

  public init(lab: LabName, place: ExternalPlace, attachment: EngineID) {
    self.lab = lab
    self.place = place
    self.attachment = attachment
  }

  /// What goes into `ifalias`: at most 203 bytes, none zero.
  public var alias: [UInt8] { Array("\(Self.prefix) \(lab) \(words) \(attachment)".utf8) }

  private var words: String {
    switch place {
    case .interface(let node, let ordinal): "\(node):\(ordinal)"
    case .management: "mgmt"
    }
  }

  /// nil for anything that `alias` did not write.
  public init?(alias: [UInt8]) {
    let parts = String(decoding: alias, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 4, parts[0] == Self.prefix, let lab = try? LabName(parts[1]), let attachment = try? EngineID(parts[3]) else {
      return nil
    }
    if parts[2] == "mgmt" {
      self.init(lab: lab, place: .management, attachment: attachment)
    } else {
      let halves = parts[2].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard halves.count == 2, let node = try? NodeName(halves[0]), let number = Int(halves[1]), let ordinal = try? Ordinal(number),
        ordinal != .management
      else { return nil }
      self.init(lab: lab, place: .interface(node, ordinal), attachment: attachment)
    }
    guard self.alias == alias else { return nil }
  }

  private static let prefix = "ar1x"

  /// As the agent knows it.
  public var tap: TapKey? {
    switch place {
    case .interface(let node, let ordinal): TapKey(external: lab, node, ordinal)
    // One of many: the beginning of its id is its name.
    case .management: (try? NodeName(String(attachment.text.prefix(32)))).map { TapKey(external: lab, $0, .management) }
    }
  }

  /// In the fabric; the same for whoever takes a link's end, which only one can have.
  var deviceName: String {
    switch place {
    case .interface: DeviceName.external("\(lab) \(words)")
    case .management: DeviceName.external("\(lab) \(words) \(attachment)")
    }
  }

  /// Of the container's end, until the engine takes it and names it.
  var hostName: String { DeviceName.hostExternal("\(attachment)") }
}
