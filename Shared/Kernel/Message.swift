import CLinux
import CMNL
import Glibc

/// Writes one netlink message into memory that has room for `Message.largest` bytes. The memory belongs to `NetlinkSocket`.
struct MessageWriter {
  /// More than the longest message of this module: names of 15 bytes, an alias of 255, a few numbers.
  static let largest = 2048

  let header: UnsafeMutablePointer<nlmsghdr>

  init(at memory: UnsafeMutableRawPointer, sequence: UInt32) {
    header = mnl_nlmsg_put_header(memory)
    header.pointee.nlmsg_seq = sequence
  }

  var length: Int { Int(header.pointee.nlmsg_len) }

  private func kind(_ type: Int, _ flags: Int32) {
    header.pointee.nlmsg_type = UInt16(type)
    header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ACK | flags)
  }

  /// The head of a message about a device. `change` says which of `flags` count.
  func link(_ type: Int, flags: Int32 = 0, index: UInt32 = 0, set: UInt32 = 0, change: UInt32 = 0) {
    kind(type, flags)
    linkHead(index: index, set: set, change: change)
  }

  /// The head of a question for the forwarding table of device `index` alone (of a shorter head the kernel reads no number).
  func forwardingTable(index: UInt32) {
    kind(Int(RTM_GETNEIGH), 0)
    linkHead(index: index, family: AF_BRIDGE)
  }

  /// The head of a device inside a message, as a veth's peer has it.
  func linkHead(index: UInt32, set: UInt32 = 0, change: UInt32 = 0, family: Int32 = AF_UNSPEC) {
    guard let memory = mnl_nlmsg_put_extra_header(header, MemoryLayout<ifinfomsg>.size) else { return }
    let head = memory.assumingMemoryBound(to: ifinfomsg.self)
    head.pointee.ifi_family = UInt8(family)
    head.pointee.ifi_index = Int32(bitPattern: index)
    head.pointee.ifi_flags = set
    head.pointee.ifi_change = change
  }

  /// The head of a message about traffic control on device `index`.
  func traffic(_ type: Int, flags: Int32 = 0, index: UInt32, handle: UInt32, parent: UInt32, info: UInt32 = 0) {
    kind(type, flags)
    guard let memory = mnl_nlmsg_put_extra_header(header, MemoryLayout<tcmsg>.size) else { return }
    let head = memory.assumingMemoryBound(to: tcmsg.self)
    head.pointee.tcm_family = UInt8(AF_UNSPEC)
    head.pointee.tcm_ifindex = Int32(bitPattern: index)
    head.pointee.tcm_handle = handle
    head.pointee.tcm_parent = parent
    head.pointee.tcm_info = info
  }

  /// The head of a message about ids of namespaces, addresses and the like: family and zeros.
  func plain(_ type: Int, flags: Int32 = 0, size: Int) {
    kind(type, flags)
    mnl_nlmsg_put_extra_header(header, size)
  }

  /// The head of a message about addresses or routes.
  func plain<Head: BitwiseCopyable>(_ type: Int, flags: Int32, head: Head) {
    kind(type, flags)
    mnl_nlmsg_put_extra_header(header, MemoryLayout<Head>.size)?.storeBytes(of: head, as: Head.self)
  }

  /// The head of a message about an entry of the forwarding table of device `index`.
  func forwarding(_ type: Int, flags: Int32 = 0, index: UInt32) {
    kind(type, flags)
    guard let memory = mnl_nlmsg_put_extra_header(header, MemoryLayout<ndmsg>.size) else { return }
    let head = memory.assumingMemoryBound(to: ndmsg.self)
    head.pointee.ndm_family = UInt8(AF_BRIDGE)
    head.pointee.ndm_ifindex = Int32(bitPattern: index)
    head.pointee.ndm_state = UInt16(NUD_PERMANENT)
    head.pointee.ndm_flags = UInt8(NTF_SELF)
  }

  func put(_ type: Int, _ value: UInt8) { mnl_attr_put_u8(header, UInt16(type), value) }
  func put(_ type: Int, _ value: UInt16) { mnl_attr_put_u16(header, UInt16(type), value) }
  func put(_ type: Int, _ value: UInt32) { mnl_attr_put_u32(header, UInt16(type), value) }
  func put(_ type: Int, _ value: Int32) { mnl_attr_put_u32(header, UInt16(type), UInt32(bitPattern: value)) }
  func put(_ type: Int, _ text: String) { mnl_attr_put_strz(header, UInt16(type), text) }
  func put(_ type: Int, _ bytes: [UInt8]) { mnl_attr_put(header, UInt16(type), bytes.count, bytes) }
  func put<Value: BitwiseCopyable>(_ type: Int, raw value: Value) {
    withUnsafeBytes(of: value) { mnl_attr_put(header, UInt16(type), $0.count, $0.baseAddress) }
  }

  func nest(_ type: Int, _ fill: () -> Void) {
    let start = mnl_attr_nest_start(header, UInt16(type))
    fill()
    mnl_attr_nest_end(header, start)
  }
}

/// A message or attribute read from the kernel; valid only during the call that hands it out.
struct MessageReader {
  let header: UnsafePointer<nlmsghdr>

  var type: Int { Int(header.pointee.nlmsg_type) }

  /// The message's own head.
  func head<Head: BitwiseCopyable>(_: Head.Type) -> Head? {
    let bytes = UnsafeRawBufferPointer(start: mnl_nlmsg_get_payload(header), count: Int(mnl_nlmsg_get_payload_len(header)))
    return bytes.count >= MemoryLayout<Head>.size ? bytes.loadUnaligned(as: Head.self) : nil
  }

  /// What follows a head of `size` bytes.
  func attributes(after size: Int) -> AttributeReader {
    let aligned = (size + 3) & ~3
    let count = Int(mnl_nlmsg_get_payload_len(header))
    guard aligned < count, let payload = mnl_nlmsg_get_payload(header) else { return AttributeReader(bytes: .init(start: nil, count: 0)) }
    return AttributeReader(bytes: UnsafeRawBufferPointer(start: payload + aligned, count: count - aligned))
  }
}

/// Attributes in a row; stops at the first that doesn't fit.
struct AttributeReader: Sequence, IteratorProtocol {
  /// Type without the flags for nesting and byte order (NLA_TYPE_MASK, a macro that Swift can't see).
  private static let typeMask: UInt16 = 0x3fff

  let bytes: UnsafeRawBufferPointer
  private var offset = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func next() -> Attribute? {
    guard offset + 4 <= bytes.count else { return nil }
    let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    let type = Int(bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt16.self) & Self.typeMask)
    guard length >= 4, offset + length <= bytes.count else { return nil }
    let value = UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<(offset + length)])
    offset += (length + 3) & ~3
    return Attribute(type: type, value: value)
  }
}

struct Attribute {
  var type: Int
  var value: UnsafeRawBufferPointer

  func number<Number: FixedWidthInteger & BitwiseCopyable>(_: Number.Type = Number.self) -> Number? {
    value.count >= MemoryLayout<Number>.size ? value.loadUnaligned(as: Number.self) : nil
  }

  /// Text up to its NUL; raw bytes, because an alias may hold any.
  var bytes: [UInt8] { Array(value.prefix { $0 != 0 }) }
  var text: String { String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }
  var nested: AttributeReader { AttributeReader(bytes: value) }
}
