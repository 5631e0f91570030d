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

  /// Paths of the namespaces with these ids: pinned sandboxes, those of an engine's containers, the host's own. Looked up anew each time: an id is
  /// given again after its namespace's end.
  private mutating func sandboxes(_ wanted: Set<Int32>) throws(KernelError) -> [Int32: String] {
    if wanted.isEmpty { return [:] }
    var found: [Int32: String] = [:]
    let containers = NamespacePins(existing: Self.containers)
    let others = ((try? containers.list()) ?? []).map(containers.path) + ["/proc/self/fd/\(hostNamespace.descriptor.number)"]
    for path in try pins.list().map(pins.path) + others {
      guard let opened = try? Descriptor(path: path, flags: O_RDONLY), let id = try fabric.namespaceIDs([opened.number])[0] else {
        continue
      }
      if wanted.contains(id) { found[id] = path }
      if found.count == wanted.count { break }
    }
    return found
  }

  /// Where engines pin the network namespaces of containers.
  private static let containers = "/run/docker/netns"

  /// One by one each device waits for a grace period of its own (8 s for 500); as a group they share one (0.13 s).
  mutating func delete(_ devices: [UInt32]) -> [KernelError?] {
    guard !devices.isEmpty else { return [] }
    let doomed = Set(devices)
    let present: [DeviceState]
    do throws(KernelError) {
      present = try fabric.devices()
      try releaseTargets(doomed, present)
    } catch { return devices.map { _ in error } }
    if devices.count == 1 {
      return fabric.perform(devices) {
        "delete device \($0)"
      } write: {
        $1.link(Int(RTM_DELLINK), index: $0)
      }.map(Self.unlessGone)
    }
    // A group of which nothing stays goes as it is; the rest is gathered in one of its own. Group 0 is every device's that has none.
    let staying = Set(present.filter { !doomed.contains($0.index) }.map(\.group)).union([0])
    let groups = Dictionary(uniqueKeysWithValues: present.map { ($0.index, $0.group) })
    let whole = Set(devices.compactMap { groups[$0] }).subtracting(staying)
    let scratch = Self.scratchGroup()
    let moving = devices.indices.filter { position in groups[devices[position]].map { !whole.contains($0) } ?? false }
    var outcomes = [KernelError?](repeating: nil, count: devices.count)
    let moved = fabric.perform(moving) {
      "doom device \(devices[$0])"
    } write: { position, message in
      message.link(Int(RTM_NEWLINK), index: devices[position])
      message.put(IFLA_GROUP, scratch)
    }
    for (position, error) in zip(moving, moved) { outcomes[position] = Self.unlessGone(error) }
    for error in deleteGroups(whole.sorted() + (moving.isEmpty ? [] : [scratch])) {
      for position in outcomes.indices where outcomes[position] == nil { outcomes[position] = error }
    }
    return outcomes
  }

  /// The refusals only.
  private mutating func deleteGroups(_ groups: [UInt32]) -> [KernelError] {
    let outcomes = fabric.perform(groups) {
      "delete group \($0) of devices"
    } write: { group, message in
      message.link(Int(RTM_DELLINK))
      message.put(IFLA_GROUP, group)
    }
    return outcomes.compactMap { Self.unlessGone($0) }
  }

  private static func unlessGone(_ error: KernelError?) -> KernelError? { error.flatMap { $0.code == ENODEV ? nil : $0 } }

  /// Takes away the filters of surviving devices that send to doomed ones: such a filter would fill the host's log with `tc mirred`.
  private mutating func releaseTargets(_ doomed: Set<UInt32>, _ present: [DeviceState]) throws(KernelError) {
    let survivors = present.map(\.index).filter { !doomed.contains($0) && $0 >= LinkLimits.firstFabricIndex }
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
