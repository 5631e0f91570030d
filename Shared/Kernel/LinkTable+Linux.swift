import CMNL
import Glibc
import Locks
public import Model

/// The kernel's own link table of one fabric. Calls from several threads are done one after the other.
public final class LinuxLinkTable: LinkTable {
  /// Sockets and what they need, one user at a time.
  struct State: ~Copyable, Sendable {
    var fabric: NetlinkSocket
    var host: NetlinkSocket
    /// Rules of the host's own namespace; nil: its kernel has none.
    var rules: NetlinkSocket?
    let fabricNamespace: NetworkNamespace
    let hostNamespace: NetworkNamespace
    /// Where sandboxes are found by what the fabric calls them.
    let pins: NamespacePins
    /// Next number for a device whose maker didn't choose one; 0 before the first.
    var nextIndex: UInt32 = 0
  }

  let state: Guarded<State>

  /// - Parameters:
  ///   - fabric: as `Fabric.open` gives it.
  ///   - host: the namespace whose addresses carry the tunnels.
  ///   - sandboxes: the folder in which the sandboxes are pinned.
  public init(fabric: borrowing NetworkNamespace, host: borrowing NetworkNamespace, sandboxes: String = NamespacePins.defaultFolder)
    throws(KernelError)
  {
    let opened = State(
      fabric: try NetlinkSocket(in: fabric), host: try NetlinkSocket(in: host),
      rules: try? NetlinkSocket(in: host, protocol: NETLINK_NETFILTER),
      fabricNamespace: try fabric.duplicate(),
      hostNamespace: try host.duplicate(), pins: NamespacePins(existing: sandboxes))
    state = Guarded(opened)
  }

  public func dump() throws(KernelError) -> [Device] {
    try state.withLock { (state) throws(KernelError) in try state.dump() }
  }

  public func traffic(of devices: [UInt32]) throws(KernelError) -> [DeviceTraffic?] {
    try state.withLock { (state) throws(KernelError) in try state.fabric.traffic(of: devices) }
  }
  public func createTaps(_ taps: [TapSpec]) -> [LinkOutcome] { state.withLock { $0.createTaps(taps) } }
  public func createTunnels(_ tunnels: [TunnelSpec]) -> [LinkOutcome] { state.withLock { $0.createTunnels(tunnels) } }
  public func patch(_ redirections: [Redirection]) -> [KernelError?] { state.withLock { $0.patch(redirections) } }
  public func unpatch(_ devices: [UInt32]) -> [KernelError?] { state.withLock { $0.unpatch(devices) } }
  public func setUp(_ changes: [(device: UInt32, isUp: Bool)]) -> [KernelError?] { state.withLock { $0.setUp(changes) } }
  public func setMTU(_ changes: [(device: UInt32, mtu: Int)]) -> [KernelError?] { state.withLock { $0.setMTU(changes) } }
  public func ensureProbe(_ probe: ProbeSpec) -> LinkOutcome { state.withLock { $0.ensureProbe(probe) } }
  public func probe(_ device: UInt32, at local: IPAddress) throws(KernelError) -> ProbeState? {
    try state.withLock { (state) throws(KernelError) in try state.probe(device, at: local) }
  }
  public func join(_ ports: [(device: UInt32, bridge: UInt32)]) -> [KernelError?] { state.withLock { $0.join(ports) } }
  public func ensureSegment(_ segment: SegmentSpec) -> LinkOutcome { state.withLock { $0.ensureSegment(segment) } }
  public func hostSide() throws(KernelError) -> HostSide {
    try state.withLock { (state) throws(KernelError) in try state.hostSide() }
  }
  public func ruleTables() throws(KernelError) -> [RuleTable] {
    try state.withLock { (state) throws(KernelError) in try state.rules?.ruleTables() ?? [] }
  }
  public func deleteRules(of gate: String) -> KernelError? { state.withLock { $0.deleteRules(of: gate) } }
  public func delete(_ devices: [UInt32]) -> [KernelError?] { state.withLock { $0.delete(devices) } }
}
