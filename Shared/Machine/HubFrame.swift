public import Model

/// The first frame of every message: what the hub is told, and what it tells. All else in a message passes through the hub unread.
public enum HubFrame: Sendable, Hashable {
  /// A peer's first words, and again whenever the hub says `helloRequired`.
  indirect case hello(Hello)
  /// The peer has its name; `hub` is the life of the hub that admitted it.
  case welcome(hub: Instance)
  /// The hub doesn't know the sender, as after the hub's restart.
  case helloRequired
  /// The name isn't the sender's: `ALREADY_EXISTS` describes the live peer that holds it, `PERMISSION_DENIED` says whose the key is.
  indirect case refused(ErrorCode, String)
  /// Are you there? A newcomer asks for your name.
  case probe(UInt64)
  /// The answer to a probe with its number.
  case probed(UInt64)
  /// A request or a reply for another peer.
  case request(to: PeerName)
  /// A request or a reply from another peer; the hub's word.
  case delivered(from: PeerName)
  /// A fact for all who follow the topic.
  case publish(Topic)
  /// A fact on a topic; the sender is the hub's word.
  case published(from: PeerName, Topic)
  /// On the events socket: all subscriptions that its reader made before it subscribed to this number are in place.
  case synced(UInt64)
  /// A request or a reply that could not be handed on, and why.
  indirect case undelivered(to: PeerName, RequestID, ErrorCode, String)
}

/// Who a peer says that it is.
public struct Hello: Sendable, Hashable {
  public var name: PeerName
  /// Drawn at the start of the process: another instance of a name is another process.
  public var instance: Instance
  public var protocolVersion: UInt32
  /// What it says to the hub beyond the protocol's first version, sorted: nothing yet. What an agent understands is in its `HostSpec`.
  public var capabilities: [String]
  /// Its build, only printed.
  public var build: String

  /// The version of the bus protocol that this build speaks. Within one readers pass over unknown fields; a hub refuses any other.
  public static let currentVersion: UInt32 = 1

  public init(
    name: PeerName, instance: Instance, protocolVersion: UInt32 = Self.currentVersion, capabilities: [String] = [], build: String = ""
  ) {
    self.name = name
    self.instance = instance
    self.protocolVersion = protocolVersion
    self.capabilities = capabilities
    self.build = build
  }
}
