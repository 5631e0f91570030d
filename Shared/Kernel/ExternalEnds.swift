import CMNL
import Glibc
public import Model

/// Ends for an engine's containers. Whoever makes them needs no agent, and joins them to nothing.
extension LinuxLinkTable {
  /// Makes a pair: one end, marked and down, in the fabric, the other in the host's own namespace, from where the engine takes it. What a container
  /// that has gone has left of the same place goes before.
  ///
  /// - Returns: the name of the end at the host.
  /// - Throws: EEXIST while another container has a link's end.
  public func makeExternal(_ mark: ExternalMark) throws(KernelError) -> String {
    try state.withLock { (state) throws(KernelError) in try state.makeExternal(mark) }
  }

  /// Removes a container's end, whichever it took. Success where there is none.
  public func removeExternal(_ attachment: EngineID) throws(KernelError) {
    try state.withLock { (state) throws(KernelError) in
      let present = try state.fabric.devices().filter { ExternalMark(alias: $0.alias)?.attachment == attachment }
      for case let error? in state.delete(present.map(\.index)) { throw error }
    }
  }
}

extension LinuxLinkTable.State {
  /// Of devices for containers, whether or not their mark is there yet: an agent that begins leaves them alone.
  private static let externalGroup: UInt32 = 0x6172_6378
  /// Of the container's end before the agent knows the link's: what most links have.
  private static let externalMTU = 1_500
  /// Numbers that are tried before somebody has to look.
  private static let attempts: UInt32 = 16

  fileprivate mutating func makeExternal(_ mark: ExternalMark) throws(KernelError) -> String {
    let (name, hostName) = (mark.deviceName, mark.hostName)
    if let present = try fabric.device(named: name) {
      if present.alias == mark.alias, try endAtHost(of: present)?.name == hostName { return hostName }
      try checkOwner(of: present, mark)
      for case let error? in delete([present.index]) { throw error }
    }
    let destination = hostNamespace.descriptor.number
    let mac = MACAddress(ofContainerAt: "\(mark.lab) \(mark.deviceName)")
    for attempt in 0..<Self.attempts {
      let index = LinkLimits.firstExternalIndex | UInt32(truncatingIfNeeded: StableHash.of("\(mark.attachment) \(attempt)")) & 0xff_ffff
      do throws(KernelError) {
        try fabric.perform("create \(name) with \(hostName)") { message in
          message.createVeth(
            name, index: index, group: Self.externalGroup, peer: hostName, in: destination, mac: mac, mtu: Self.externalMTU)
        }
        try fabric.perform("mark \(name)") { message in
          message.link(Int(RTM_NEWLINK), index: index)
          message.put(IFLA_IFALIAS, mark.alias + [0])
        }
        return hostName
      } catch  where error.code == EEXIST || error.code == EBUSY {
        // Its number is another device's, or its name is: that one stays.
        if try fabric.device(named: name) != nil { throw error }
        if try host.device(named: hostName) != nil { throw error }
      }
    }
    throw KernelError(EEXIST, "create \(name)", "no number is free")
  }

  /// The other end, if it is in the host's own namespace: no container has it.
  private mutating func endAtHost(of device: DeviceState) throws(KernelError) -> DeviceState? {
    let home = try fabric.namespaceIDs([hostNamespace.descriptor.number])[0]
    guard let peer = device.peer, peer.namespace != nil, peer.namespace == home else { return nil }
    return try fabric.devices([peer])[0]
  }

  /// What bears no mark was begun and not finished; of what bears another's the container must have gone.
  private mutating func checkOwner(of device: DeviceState, _ mark: ExternalMark) throws(KernelError) {
    guard let other = ExternalMark(alias: device.alias), other.attachment != mark.attachment, try endAtHost(of: device) == nil else {
      return
    }
    throw KernelError(
      EEXIST, "take this end of lab \(mark.lab)",
      "another container has it (a link's end is for one; disconnect that one, or use another interface)")
  }
}
