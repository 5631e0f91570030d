import CLinux
import CMNL
import Glibc

extension LinuxLinkTable.State {
  mutating func setUp(_ changes: [(device: UInt32, isUp: Bool)]) -> [KernelError?] {
    fabric.perform(changes) {
      "set device \($0.device) \($0.isUp ? "up" : "down")"
    } write: { change, message in
      message.link(
        Int(RTM_NEWLINK), index: change.device, set: change.isUp ? UInt32(IFF_UP) : 0, change: UInt32(IFF_UP))
    }
  }

  mutating func setAlias(_ changes: [(device: UInt32, alias: [UInt8])]) -> [KernelError?] {
    fabric.perform(changes) {
      "mark device \($0.device)"
    } write: { change, message in
      message.link(Int(RTM_NEWLINK), index: change.device)
      message.put(IFLA_IFALIAS, Array(change.alias.prefix(LinkLimits.aliasBytes)) + [0])
    }
  }

  mutating func setMTU(_ changes: [(device: UInt32, mtu: Int)]) -> [KernelError?] {
    do throws(KernelError) {
      let states = try fabric.devices(changes.map { DeviceState.Peer(namespace: nil, index: $0.device) })
      let ends = try fabric.devices(states.map { $0?.peer ?? DeviceState.Peer(namespace: nil, index: 0) })
      let sandboxes = try sandboxes(Set(states.compactMap { $0?.peer?.namespace }))
      var outcomes = fabric.perform(Array(zip(changes, states))) { change, _ in
        "set the MTU of device \(change.device)"
      } write: { item, message in
        // A tap's own end keeps the kernel's most: no change in that message.
        message.link(Int(RTM_NEWLINK), index: item.0.device)
        if item.1?.peer == nil { message.put(IFLA_MTU, UInt32(item.0.mtu)) }
      }
      let taps = changes.indices.filter { outcomes[$0] == nil && states[$0]?.peer != nil }
      // From inside: no request of this kernel changes a device through another namespace's id.
      let codes = try onOwnThread { () throws(KernelError) in
        taps.map { position -> Int32 in
          guard let end = ends[position], let sandbox = states[position]?.peer?.namespace.flatMap({ sandboxes[$0] }) else { return ENODEV }
          guard let opened = try? Descriptor(path: sandbox, flags: O_RDONLY) else { return errno }
          return clinux_set_mtu_in(opened.number, end.name, Int32(changes[position].mtu)) == 0 ? 0 : errno
        }
      }
      for (position, code) in zip(taps, codes) where code != 0 {
        outcomes[position] = KernelError(code, "set the MTU of the node's end of device \(changes[position].device)")
      }
      return outcomes
    } catch { return changes.map { _ in error } }
  }

  /// Paths of the pinned sandboxes with these ids. Looked up anew each time: an id is given again after its namespace's end.
  private mutating func sandboxes(_ wanted: Set<Int32>) throws(KernelError) -> [Int32: String] {
    if wanted.isEmpty { return [:] }
    var found: [Int32: String] = [:]
    for name in try pins.list() {
      let path = pins.path(name)
      guard let opened = try? Descriptor(path: path, flags: O_RDONLY), let id = try fabric.namespaceIDs([opened.number])[0] else {
        continue
      }
      if wanted.contains(id) { found[id] = path }
      if found.count == wanted.count { break }
    }
    return found
  }

  /// One by one each device waits for a grace period of its own (8 s for 500); as a group they share one (0.13 s).
  mutating func delete(_ devices: [UInt32]) -> [KernelError?] {
    guard !devices.isEmpty else { return [] }
    do throws(KernelError) { try releaseTargets(Set(devices)) } catch { return devices.map { _ in error } }
    if devices.count == 1 {
      return fabric.perform(devices) {
        "delete device \($0)"
      } write: {
        $1.link(Int(RTM_DELLINK), index: $0)
      }.map(Self.unlessGone)
    }
    let group = Self.scratchGroup()
    var outcomes = fabric.perform(devices) {
      "doom device \($0)"
    } write: { device, message in
      message.link(Int(RTM_NEWLINK), index: device)
      message.put(IFLA_GROUP, group)
    }.map(Self.unlessGone)
    do throws(KernelError) {
      try fabric.perform("delete a group of devices") { message in
        message.link(Int(RTM_DELLINK))
        message.put(IFLA_GROUP, group)
      }
    } catch  where error.code == ENODEV {
      // All were gone already.
    } catch {
      for position in outcomes.indices where outcomes[position] == nil { outcomes[position] = error }
    }
    return outcomes
  }

  private static func unlessGone(_ error: KernelError?) -> KernelError? { error.flatMap { $0.code == ENODEV ? nil : $0 } }

  /// Takes away the filters of surviving devices that send to doomed ones: such a filter would fill the host's log with `tc mirred`.
  private mutating func releaseTargets(_ doomed: Set<UInt32>) throws(KernelError) {
    let survivors = try fabric.devices().map(\.index).filter { !doomed.contains($0) && $0 >= LinkLimits.firstFabricIndex }
    let redirects = try fabric.redirects(survivors)
    let aimed = zip(survivors, redirects).filter { _, redirect in
      if case .to(let target) = redirect { doomed.contains(target) } else { false }
    }
    for case let error? in unpatch(aimed.map(\.0)) { throw error }
  }

  /// A group that nothing is in: an earlier deletion that died half-way must not be finished by this one, its devices may be wanted again.
  private static func scratchGroup() -> UInt32 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return 0xd000_0000 | UInt32(truncatingIfNeeded: UInt64(now.tv_nsec) >> 4 &+ UInt64(now.tv_sec) << 20) & 0x0fff_ffff
  }
}
