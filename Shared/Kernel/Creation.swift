import CLinux
import CMNL
import Glibc
import Model

extension LinuxLinkTable.State {
  /// Numbers for devices whose maker chose none, above all that are in the fabric.
  mutating func reserveIndices(_ count: Int) throws(KernelError) -> UInt32 {
    if nextIndex == 0 {
      let highest = try fabric.devices().map(\.index).filter { $0 < LinkLimits.firstExternalIndex }.max() ?? 0
      nextIndex = max(LinkLimits.firstFabricIndex, highest &+ 1)
    }
    let first = nextIndex
    nextIndex += UInt32(count)
    return first
  }

  mutating func createTaps(_ taps: [TapSpec]) -> [LinkOutcome] {
    var work = taps.map { TapWork(spec: $0) }
    do throws(KernelError) {
      let first = try reserveIndices(taps.count)
      for position in work.indices where work[position].spec.index == nil { work[position].spec.index = first + UInt32(position) }
    } catch { return taps.map { _ in .failure(error) } }
    for position in work.indices { work[position].openSandbox() }
    forEachOpen(work) {
      "create tap \($0.spec.name) with \($0.spec.nodeName)"
    } write: {
      $0.create($1)
    } outcome: { position, error in
      work[position].error = error
    }
    for position in work.indices where work[position].error?.code == EEXIST || work[position].error?.code == EBUSY {
      adopt(&work[position])
    }
    setNodeEndsUp(&work)
    for position in work.indices { work[position].giveAddresses() }
    forEachOpen(work) {
      "mark tap \($0.spec.name)"
    } write: {
      $0.finish($1)
    } outcome: { position, error in
      work[position].error = error
    }
    return work.map { tap in
      tap.sandbox.map { _ = close($0) }
      return tap.error.map { .failure($0) } ?? .success(tap.spec.index ?? 0)
    }
  }

  /// Node ends of new taps, from inside their sandboxes: RTM_SETLINK of this kernel looks for the device in the socket's namespace only,
  /// and a veth can't be made up, as its peer isn't there yet (ENOTCONN).
  private mutating func setNodeEndsUp(_ work: inout [TapWork]) {
    let new = work.indices.filter { work[$0].error == nil && !work[$0].isFinished }
    if new.isEmpty { return }
    let ends = new.map { (sandbox: work[$0].sandbox ?? -1, name: work[$0].spec.nodeName) }
    do throws(KernelError) {
      let codes = try mapOnOwnThreads(ends) { clinux_set_up_in($0.sandbox, $0.name) == 0 ? 0 : errno }
      for (position, code) in zip(new, codes) where code != 0 {
        work[position].error = KernelError(code, "set \(work[position].spec.nodeName) of tap \(work[position].spec.name) up")
      }
    } catch { for position in new { work[position].error = error } }
  }

  /// One phase over all items that have not failed yet.
  private mutating func forEachOpen(
    _ work: [TapWork], action: (TapWork) -> String, write: (TapWork, MessageWriter) -> Void, outcome: (Int, KernelError?) -> Void
  ) {
    let open = work.indices.filter { work[$0].error == nil }
    let outcomes = fabric.perform(open) {
      action(work[$0])
    } write: {
      write(work[$0], $1)
    }
    for (position, error) in zip(open, outcomes) { outcome(position, error) }
  }

  /// The kernel has something of that name or number already: ours, made earlier, or something else.
  private mutating func adopt(_ work: inout TapWork) {
    do throws(KernelError) {
      let refusal = work.error
      guard let present = try fabric.device(named: work.spec.name) else {
        work.error = refusal
        work.error?.detail = "\(work.spec.nodeName) exists in the sandbox already, or a device has number \(work.spec.index ?? 0)"
        return
      }
      guard let sandbox = work.sandbox, case .veth = present.kind, let peer = present.peer,
        present.alias.isEmpty || present.alias == work.spec.alias, try fabric.namespaceIDs([sandbox])[0] == peer.namespace,
        let end = try fabric.devices([peer])[0], end.mac == work.spec.mac
      else {
        let alias = String(decoding: present.alias, as: UTF8.self)
        work.error = KernelError(EEXIST, "create tap \(work.spec.name)", "another device has its name, mark '\(alias)'")
        return
      }
      work.spec.index = present.index
      work.isFinished = !present.alias.isEmpty
      work.spec.nodeIndex = peer.index
      work.error = nil
    } catch { work.error = error }
  }

  mutating func createTunnels(_ tunnels: [TunnelSpec]) -> [LinkOutcome] {
    var specs = tunnels
    do throws(KernelError) {
      let first = try reserveIndices(tunnels.count)
      for position in specs.indices where specs[position].index == nil { specs[position].index = first + UInt32(position) }
    } catch { return tunnels.map { _ in .failure(error) } }
    let destination = fabricNamespace.descriptor.number
    var errors = host.perform(specs) {
      "create tunnel \($0.name) with VNI \($0.vni)"
    } write: {
      $0.create($1, in: destination)
    }
    for position in specs.indices where errors[position]?.code == EEXIST || errors[position]?.code == EBUSY {
      do throws(KernelError) {
        guard let present = try fabric.device(named: specs[position].name) else {
          errors[position]?.detail +=
            " (another VXLAN device of this host has the VNI, or a device has number \(specs[position].index ?? 0))"
          continue
        }
        guard specs[position].matches(present) else {
          errors[position]?.detail = "another device has its name, mark '\(String(decoding: present.alias, as: UTF8.self))'"
          continue
        }
        specs[position].index = present.index
        errors[position] = nil
      } catch { errors[position] = error }
    }
    let open = specs.indices.filter { errors[$0] == nil }
    let finished = fabric.perform(open) {
      "set tunnel \(specs[$0].name) up"
    } write: {
      specs[$0].finish($1)
    }
    for (position, error) in zip(open, finished) { errors[position] = error }
    return zip(specs, errors).map { spec, error in error.map { .failure($0) } ?? .success(spec.index ?? 0) }
  }
}

/// One tap on its way.
private struct TapWork {
  var spec: TapSpec
  var sandbox: Int32?
  /// It was there before with its mark; its node's end is the node's business.
  var isFinished = false
  var error: KernelError?

  init(spec: TapSpec) {
    self.spec = spec
    if spec.alias.count > LinkLimits.aliasBytes || spec.alias.contains(0) || spec.alias.isEmpty {
      error = KernelError(EINVAL, "create tap \(spec.name)", "the mark has \(spec.alias.count) bytes or a zero")
    } else if spec.nodeIndex == 0 || spec.nodeIndex >= LinkLimits.firstFabricIndex {
      error = KernelError(EINVAL, "create tap \(spec.name)", "number \(spec.nodeIndex) of the node's end")
    }
  }

  mutating func openSandbox() {
    guard error == nil else { return }
    let number = open(spec.sandbox, O_RDONLY | O_CLOEXEC)
    if number >= 0 { sandbox = number } else { error = .current("open sandbox \(spec.sandbox)") }
  }

  /// As a new node's end has them; of one that was there with its mark they are its node's business.
  mutating func giveAddresses() {
    let wish = spec.addressing
    guard error == nil, !isFinished, wish != Addressing() else { return }
    do throws(KernelError) {
      let sandbox = try NetworkNamespace(path: spec.sandbox)
      var inside = try NetlinkSocket(in: sandbox)
      if wish.addresses.contains(where: \.address.isIPv6) { try sandbox.enableIPv6(on: spec.nodeName) }
      try inside.set(wish.addresses, of: spec.nodeIndex, present: true)
      try inside.addDefaultRoutes(wish.gateways, by: spec.nodeIndex)
    } catch { self.error = error }
  }

  /// Both ends in one message. The kernel ignores an alias here.
  func create(_ message: MessageWriter) {
    guard let sandbox else { return }
    message.createVeth(
      spec.name, index: spec.index ?? 0, group: spec.group, peer: spec.nodeName, peerIndex: spec.nodeIndex, in: sandbox, mac: spec.mac,
      mtu: spec.mtu)
  }

  func finish(_ message: MessageWriter) {
    message.link(
      Int(RTM_NEWLINK), index: spec.index ?? 0, set: spec.isUp ? UInt32(IFF_UP) : 0, change: UInt32(IFF_UP))
    message.put(IFLA_IFALIAS, spec.alias + [0])
  }
}

extension MessageWriter {
  /// A pair: one end in the fabric, with the kernel's most as its MTU, and the peer in another namespace.
  ///
  /// - Parameter peerIndex: 0: whatever the kernel gives it.
  func createVeth(
    _ name: String, index: UInt32, group: UInt32, peer: String, peerIndex: UInt32 = 0, in namespace: Int32, mac: MACAddress, mtu: Int
  ) {
    link(Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, index: index)
    put(IFLA_IFNAME, name)
    put(IFLA_GROUP, group)
    put(IFLA_MTU, LinkLimits.fabricMTU)
    nest(IFLA_LINKINFO) {
      put(IFLA_INFO_KIND, "veth")
      nest(IFLA_INFO_DATA) {
        nest(Int(VETH_INFO_PEER)) {
          linkHead(index: peerIndex)
          put(IFLA_IFNAME, peer)
          put(IFLA_NET_NS_FD, UInt32(bitPattern: namespace))
          put(IFLA_ADDRESS, mac.bytes)
          put(IFLA_MTU, UInt32(mtu))
        }
      }
    }
  }
}

extension TunnelSpec {
  fileprivate func create(_ message: MessageWriter, in fabric: Int32) {
    message.link(Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL, index: index ?? 0)
    message.put(IFLA_IFNAME, name)
    message.put(IFLA_NET_NS_FD, UInt32(bitPattern: fabric))
    message.put(IFLA_GROUP, group)
    message.put(IFLA_MTU, UInt32(mtu))
    message.vxlan(vni, from: local, to: remote)
  }

  fileprivate func finish(_ message: MessageWriter) {
    message.link(Int(RTM_NEWLINK), index: index ?? 0, set: UInt32(IFF_UP), change: UInt32(IFF_UP))
    message.put(IFLA_IFALIAS, alias + [0])
  }

  fileprivate func matches(_ present: DeviceState) -> Bool {
    guard case .vxlan(let state) = present.kind, present.alias.isEmpty || present.alias == alias else { return false }
    return state.vni == vni.number && state.local == local && state.remote == remote && state.port == VXLAN.port
  }
}

extension MessageWriter {
  /// What makes a device a VXLAN one.
  ///
  /// - Parameter remote: nil: only the forwarding table says where frames go.
  func vxlan(_ vni: VNI, from local: IPAddress, to remote: IPAddress?) {
    nest(IFLA_LINKINFO) {
      put(IFLA_INFO_KIND, "vxlan")
      nest(IFLA_INFO_DATA) {
        put(IFLA_VXLAN_ID, vni.number)
        put(local.isIPv6 ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL, local.bytes)
        if let remote { put(remote.isIPv6 ? IFLA_VXLAN_GROUP6 : IFLA_VXLAN_GROUP, remote.bytes) }
        put(IFLA_VXLAN_LEARNING, UInt8(0))
        put(IFLA_VXLAN_PORT, VXLAN.port.bigEndian)
        // A full frame that doesn't fit the path is lost instead of cut in fragments (the transparent, slow way).
        put(IFLA_VXLAN_DF, UInt8(VXLAN_DF_SET.rawValue))
      }
    }
  }
}
