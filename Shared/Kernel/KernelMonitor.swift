import CLinux
import CMNL
import Glibc

/// What the kernel told about the fabric or a sandbox that has a device in it.
public enum KernelEvent: Sendable, Hashable {
  /// A device of the fabric was made or changed.
  case device(DeviceState)
  case deviceGone(index: UInt32, name: String)
  /// A filter or queueing discipline of a device of the fabric was made, changed or removed: read its redirect again.
  case filter(device: UInt32)
  /// A device in the namespace that the fabric knows as `namespace`.
  case nodeEnd(namespace: Int32, DeviceState)
  /// It left that namespace: deleted, or moved to where `moved` says (namespace as the sandbox numbers it).
  case nodeEndGone(namespace: Int32, index: UInt32, name: String, moved: DeviceState.Peer?)
  /// Events were lost: read everything again.
  case overrun
}

/// The owner of a socket that hears of every change in the fabric and, by NETLINK_LISTEN_ALL_NSID, in all sandboxes with a tap.
public struct KernelMonitor: ~Copyable, Sendable {
  /// Room for some ten thousand changes; beyond it the kernel says ENOBUFS, which becomes `overrun`.
  private static let bufferBytes: Int32 = 32 << 20
  private static let datagramBytes = 64 << 10
  /// Datagrams of one `drain`, so that a storm can't keep the caller from its other work.
  private static let datagramsAtOnce = 4096

  private let descriptor: Descriptor
  /// To poll for reading.
  public var number: Int32 { descriptor.number }

  public init(fabric: borrowing NetworkNamespace) throws(KernelError) {
    let opened = try fabric.socket(
      family: AF_NETLINK, type: Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue), protocol: NETLINK_ROUTE)
    setOption(opened.number, SOL_SOCKET, SO_RCVBUFFORCE, Self.bufferBytes)
    setOption(opened.number, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1)
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    address.nl_groups = 1 << (UInt32(RTNLGRP_LINK.rawValue) - 1) | 1 << (UInt32(RTNLGRP_TC.rawValue) - 1)
    try bindNetlink(opened.number, &address)
    descriptor = opened
  }

  /// All events that are there, in order; never waits. Full (`isMore`) when there may be others left to fetch at once.
  public func drain() throws(KernelError) -> (events: [KernelEvent], isMore: Bool) {
    var events: [KernelEvent] = []
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.datagramBytes, alignment: 16)
    defer { memory.deallocate() }
    for _ in 0..<Self.datagramsAtOnce {
      var origin: Int32 = 0
      let received = clinux_netlink_receive(descriptor.number, memory, Self.datagramBytes, 0, &origin)
      if received < 0 {
        switch errno {
        case EAGAIN: return (events, false)
        case EINTR: continue
        case ENOBUFS:
          events.append(.overrun)
          continue
        default: throw .current("read the kernel's events")
        }
      }
      if received > Self.datagramBytes {
        events.append(.overrun)
        continue
      }
      eachMessage(memory, received) { message in
        if let event = KernelEvent(message, namespace: origin == CLINUX_OWN_NAMESPACE ? nil : origin) { events.append(event) }
      }
    }
    return (events, true)
  }
}

extension KernelEvent {
  fileprivate init?(_ message: MessageReader, namespace: Int32?) {
    switch message.type {
    case Int(RTM_NEWLINK):
      guard let state = DeviceState(message) else { return nil }
      self = namespace.map { .nodeEnd(namespace: $0, state) } ?? .device(state)
    case Int(RTM_DELLINK):
      guard let state = DeviceState(message) else { return nil }
      self =
        namespace.map { .nodeEndGone(namespace: $0, index: state.index, name: state.name, moved: Self.destination(message)) }
        ?? .deviceGone(index: state.index, name: state.name)
    case Int(RTM_NEWTFILTER), Int(RTM_DELTFILTER), Int(RTM_NEWQDISC), Int(RTM_DELQDISC):
      guard namespace == nil, let head = message.head(tcmsg.self) else { return nil }
      self = .filter(device: UInt32(bitPattern: head.tcm_ifindex))
    default: return nil
    }
  }

  private static func destination(_ message: MessageReader) -> DeviceState.Peer? {
    var namespace: Int32?
    var index: UInt32?
    for attribute in message.attributes(after: MemoryLayout<ifinfomsg>.size) {
      if attribute.type == IFLA_NEW_NETNSID { namespace = attribute.number() }
      if attribute.type == IFLA_NEW_IFINDEX { index = attribute.number() }
    }
    return index.flatMap { index in namespace.map { DeviceState.Peer(namespace: $0, index: index) } }
  }
}
