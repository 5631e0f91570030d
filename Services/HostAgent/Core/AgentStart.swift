public import Machine
public import Model

extension AgentCore {
  /// What an agent knows when it starts.
  public struct Start: Sendable {
    public var spec: HostSpec
    public var instance: Instance
    /// The last assignment, if this host's disk has one. Of another host's (a copied disk) only the store counts.
    public var cached: Assignment?
    /// The cache was written on this machine under this name and address; else the agent acts only after it has registered.
    public var isCacheTrusted: Bool
    public var blobs: Set<BlobDigest>
    public var crashes: [NodeKey: CrashRecord]
    /// The `exec` requests of earlier lives, oldest first.
    public var execs: [Incoming.Address]
    /// Ends that earlier lives have kept.
    public var ends: KeptEnds?
    public init(
      spec: HostSpec, instance: Instance, cached: Assignment?, isCacheTrusted: Bool, blobs: Set<BlobDigest>,
      crashes: [NodeKey: CrashRecord], execs: [Incoming.Address] = [], ends: KeptEnds? = nil
    ) {
      self.spec = spec
      self.instance = instance
      self.cached = cached
      self.isCacheTrusted = isCacheTrusted
      self.blobs = blobs
      self.crashes = crashes
      self.execs = execs
      self.ends = ends
    }
  }
}
