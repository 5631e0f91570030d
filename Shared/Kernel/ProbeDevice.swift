import CLinux
import CMNL
import Glibc
public import Model

/// How a host's probe tunnel is made: one VXLAN device for all far hosts, without a remote of its own; each far host has an entry in its
/// forwarding table.
public struct ProbeSpec: Sendable, Hashable {
  public var name: String
  public var vni: VNI
  public var local: IPAddress
  /// Of the same family as `local`.
  public var peers: Set<IPAddress>
  public var group: UInt32
  public var alias: [UInt8]

  public init(name: String, vni: VNI, local: IPAddress, peers: Set<IPAddress>, group: UInt32, alias: [UInt8]) {
    self.name = name
    self.vni = vni
    self.local = local
    self.peers = peers
    self.group = group
    self.alias = alias
  }
}

/// What the kernel says of a probe tunnel beside its device.
public struct ProbeState: Sendable, Hashable {
  /// Its filter sends back what is for this host, and nothing else.
  public var sendsBack: Bool
  public var peers: Set<IPAddress>
}

extension LinuxLinkTable.State {
  mutating func ensureProbe(_ spec: ProbeSpec) -> LinkOutcome {
    do throws(KernelError) {
      var index = try reserveIndices(1)
      let destination = fabricNamespace.descriptor.number
      do throws(KernelError) {
        try host.perform("create probe tunnel \(spec.name) with VNI \(spec.vni)") { spec.create($0, index, in: destination) }
      } catch  where error.code == EEXIST || error.code == EBUSY {
        guard let present = try fabric.device(named: spec.name) else {
          throw KernelError(
            error.code, error.action, error.detail + " (another VXLAN device of this host has the VNI, or a device has number \(index))")
        }
        guard spec.matches(present) else {
          throw KernelError(
            error.code, error.action, "another device has its name, mark '\(String(decoding: present.alias, as: UTF8.self))'")
        }
        index = present.index
      }
      try finish(spec, index)
      return .success(index)
    } catch { return .failure(error) }
  }

  /// All that is missing, in one datagram; then what is too much.
  private mutating func finish(_ spec: ProbeSpec, _ index: UInt32) throws(KernelError) {
    enum Step {
      case mark, prepare, reflect
      case peer(IPAddress)
    }
    let steps = [Step.mark, .prepare, .reflect] + spec.peers.sorted().map { .peer($0) }
    let outcomes = fabric.perform(steps) { step in
      switch step {
      case .mark: "set probe tunnel \(spec.name) up"
      case .prepare, .reflect: "let probe tunnel \(spec.name) send back"
      case .peer(let peer): "add \(peer) to probe tunnel \(spec.name)"
      }
    } write: { step, message in
      switch step {
      case .mark:
        message.link(Int(RTM_NEWLINK), index: index, set: UInt32(IFF_UP), change: UInt32(IFF_UP))
        message.put(IFLA_IFALIAS, spec.alias + [0])
      case .prepare: Patch.qdisc(message, device: index)
      case .reflect: Patch.redirect(message, Redirection(from: index, to: index), program: ProbeFrame.filter(for: spec.local))
      case .peer(let peer):
        message.forwarding(Int(RTM_NEWNEIGH), flags: NLM_F_CREATE | NLM_F_REPLACE, index: index)
        message.put(Int(NDA_LLADDR), MACAddress(ofProbesBetween: spec.local, and: peer).bytes)
        message.put(Int(NDA_DST), peer.bytes)
      }
    }
    for (step, error) in zip(steps, outcomes) {
      guard let error else { continue }
      if case .prepare = step, error.code == EEXIST { continue }
      throw error
    }
    let extra = try peers(of: index, at: spec.local).subtracting(spec.peers)
    let removed = fabric.perform(extra.sorted()) {
      "remove \($0) from probe tunnel \(spec.name)"
    } write: { peer, message in
      message.forwarding(Int(RTM_DELNEIGH), index: index)
      message.put(Int(NDA_LLADDR), MACAddress(ofProbesBetween: spec.local, and: peer).bytes)
    }
    for case let error? in removed where error.code != ENOENT { throw error }
    // Who only tried it again and again would not see what this kernel can't do.
    guard try probe(index, at: spec.local) == ProbeState(sendsBack: true, peers: spec.peers) else {
      throw KernelError(EOPNOTSUPP, "make probe tunnel \(spec.name)", "it reads back otherwise than it was made")
    }
  }

  mutating func probe(_ device: UInt32, at local: IPAddress) throws(KernelError) -> ProbeState? {
    var state = ProbeState(sendsBack: false, peers: [])
    do throws(KernelError) {
      try fabric.perform("read the filter of probe tunnel \(device)") { message in
        let program = ProbeFrame.filter(for: local).flatMap(\.bytes)
        if Device.Redirect(filter: message) == .to(device), Patch.program(of: message) == program { state.sendsBack = true }
      } _: { message in
        Patch.filter(message, Int(RTM_GETTFILTER), device: device)
      }
    } catch {
      if error.code == ENODEV { return nil }
      if !Patch.meansNoFilter(error.code) { throw error }
    }
    state.peers = try peers(of: device, at: local)
    return state
  }

  /// Far hosts that the device's forwarding table has under the address of their pair.
  private mutating func peers(of device: UInt32, at local: IPAddress) throws(KernelError) -> Set<IPAddress> {
    var found: Set<IPAddress> = []
    try fabric.dump("read the forwarding table of device \(device)") { message in
      guard let head = message.head(ndmsg.self), UInt32(bitPattern: head.ndm_ifindex) == device else { return }
      var mac: [UInt8] = []
      var address: IPAddress?
      for attribute in message.attributes(after: MemoryLayout<ndmsg>.size) {
        if attribute.type == Int(NDA_LLADDR) { mac = Array(attribute.value) }
        if attribute.type == Int(NDA_DST) { address = IPAddress(network: attribute.value) }
      }
      if let address, mac == MACAddress(ofProbesBetween: local, and: address).bytes { found.insert(address) }
    } reset: {
      found = []
    } _: { message in
      message.forwardingTable(index: device)
    }
    return found
  }
}

extension ProbeSpec {
  /// The kernel's most for a VXLAN device, whatever family: a probe is as large as the links need.
  private static let mtu: UInt32 = 65_535 - 70

  fileprivate func create(_ message: MessageWriter, _ index: UInt32, in fabric: Int32) {
    message.link(Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, index: index)
    message.put(IFLA_IFNAME, name)
    message.put(IFLA_NET_NS_FD, UInt32(bitPattern: fabric))
    message.put(IFLA_GROUP, group)
    message.put(IFLA_MTU, Self.mtu)
    message.vxlan(vni, from: local, to: nil)
  }

  fileprivate func matches(_ present: DeviceState) -> Bool {
    guard case .vxlan(let state) = present.kind, present.alias.isEmpty || present.alias == alias else { return false }
    return state.vni == vni.number && state.local == local && state.remote == nil && state.port == VXLAN.port
  }
}
