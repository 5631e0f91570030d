/// What the catalogue knows of one kind of node. Data: nothing in the project branches on a kind's name.
public struct Kind: Sendable, Hashable {
  /// Containerlab's canonical name.
  public let name: String
  /// Other names in use for it: deprecated ones and those of earlier systems.
  public let aliases: [String]
  public let role: Role
  /// How its interfaces are called inside the node; the first shape is the one that is printed.
  public let devices: [InterfaceShape]
  /// The vendor's other spellings, the usual one first.
  public let vendor: [InterfaceShape]
  /// Names of ordinal 0; the first is the device inside the node.
  public let management: [String]
  /// The runtimes that can run it today.
  public let runtimes: [String]
  public let boot: KindBoot

  public enum Role: Sendable, Hashable {
    /// An emulated device with interfaces of its own.
    case device
    /// A bridge of the host; names of its ports are free.
    case bridge
    /// Something outside that a link may end at.
    case external
  }

  init(
    _ name: String, _ aliases: [String] = [], role: Role = .device, devices: [InterfaceShape] = [.eth], vendor: [InterfaceShape] = [],
    management: [String] = ["eth0"], runtimes: [String] = [], boot: KindBoot = .image
  ) {
    self.name = name
    self.aliases = aliases
    self.role = role
    self.devices = devices
    self.vendor = vendor
    self.management = management
    self.runtimes = runtimes
    self.boot = boot
  }

  /// The runtime of the host's own programs in namespaces.
  public static let namespaceRuntime = "namespace"
  /// The runtime of containers of images.
  public static let dockerRuntime = "docker"
}

extension Kind: CustomStringConvertible {
  public var description: String { name }
}
