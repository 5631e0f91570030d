import CLinux
import CMNL
import Glibc
import Model

/// One request of rtnetlink(7), built front to back.
struct RouteMessage {
  private(set) var bytes: [UInt8]

  /// - Parameter flags: beside NLM_F_REQUEST and NLM_F_ACK.
  init<Header>(_ type: Int, _ flags: Int32 = 0, _ header: Header) {
    let head = nlmsghdr(
      nlmsg_len: 0, nlmsg_type: UInt16(type), nlmsg_flags: UInt16(NLM_F_REQUEST | NLM_F_ACK | flags), nlmsg_seq: 0, nlmsg_pid: 0)
    bytes = []
    append(head)
    append(header)
  }

  private mutating func append<Value>(_ value: Value) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    pad()
  }

  /// Everything in netlink begins at a multiple of four.
  private mutating func pad() {
    while bytes.count % 4 != 0 { bytes.append(0) }
  }

  private mutating func setLength(at start: Int) {
    let length = UInt16(bytes.count - start)
    withUnsafeBytes(of: length) { bytes.replaceSubrange(start..<start + 2, with: $0) }
  }

  mutating func attribute(_ type: Int, _ payload: [UInt8]) {
    let start = bytes.count
    append(nlattr(nla_len: 0, nla_type: UInt16(type)))
    bytes += payload
    setLength(at: start)
    pad()
  }

  mutating func attribute(_ type: Int, _ number: UInt32) { attribute(type, withUnsafeBytes(of: number) { Array($0) }) }
  mutating func attribute(_ type: Int, _ text: String) { attribute(type, Array(text.utf8) + [0]) }

  mutating func nested(_ type: Int, _ body: (inout RouteMessage) -> Void) {
    let start = bytes.count
    append(nlattr(nla_len: 0, nla_type: UInt16(type)))
    body(&self)
    setLength(at: start)
  }

  /// The peer of a veth has a header of its own before its attributes.
  mutating func peer(_ body: (inout RouteMessage) -> Void) {
    nested(Int(VETH_INFO_PEER)) { inner in
      inner.append(ifinfomsg())
      body(&inner)
    }
  }

  /// With its length and number filled in.
  func numbered(_ sequence: UInt32) -> [UInt8] {
    var whole = bytes
    withUnsafeBytes(of: UInt32(bytes.count)) { whole.replaceSubrange(0..<4, with: $0) }
    withUnsafeBytes(of: sequence) { whole.replaceSubrange(8..<12, with: $0) }
    return whole
  }
}

/// A routing socket in one machine's network namespace.
struct RouteSocket: ~Copyable {
  private let socket: OpenFile
  private let machine: String
  private var sequence: UInt32 = 0

  init(in machine: borrowing Machine) throws(LabError) {
    socket = try machine.socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), NETLINK_ROUTE)
    self.machine = machine.name
    // The kernel answers at once; a lost answer must not hold the caller for ever.
    var limit = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(socket.number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  /// Sends a request and waits for the kernel's answer.
  /// - Parameter accepted: an errno that means "as wished already".
  mutating func request(_ what: String, _ message: RouteMessage, accepted: Int32 = 0) throws(LabError) {
    sequence += 1
    let bytes = message.numbered(sequence)
    guard send(socket.number, bytes, bytes.count, 0) == bytes.count else { throw systemError(machine, what) }
    var answer = [UInt8](repeating: 0, count: 8192)
    let head = MemoryLayout<nlmsghdr>.size
    while true {
      let got = recv(socket.number, &answer, answer.count, 0)
      if got < 0, errno == EINTR { continue }
      guard got >= head + 4 else { throw systemError(machine, what, got < 0 ? errno : EBADMSG) }
      let (type, number, error) = answer.withUnsafeBytes {
        (
          $0.loadUnaligned(fromByteOffset: 4, as: UInt16.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self),
          $0.loadUnaligned(fromByteOffset: head, as: Int32.self)
        )
      }
      guard type == UInt16(NLMSG_ERROR), number == sequence else { continue }
      if error == 0 || -error == accepted { return }
      throw systemError(machine, what, -error)
    }
  }

  /// Index of a device.
  func index(_ name: String) throws(LabError) -> Int32 {
    var request = ifreq()
    withUnsafeMutableBytes(of: &request.ifr_ifrn) { $0.copyBytes(from: Array(name.utf8.prefix(Int(IFNAMSIZ) - 1))) }
    guard ioctl(socket.number, UInt(SIOCGIFINDEX), &request) == 0 else { throw systemError(machine, "\(name) isn't there") }
    return request.ifr_ifru.ifru_ivalue
  }
}
