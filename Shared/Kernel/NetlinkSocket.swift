import CLinux
import CMNL
import Glibc

/// The owner of one rtnetlink socket in one namespace. Requests go out many at a time, each answered by its own acknowledgement.
struct NetlinkSocket: ~Copyable, Sendable {
  /// Requests in one datagram: their acknowledgements must fit into the receive buffer together.
  private static let requestsAtOnce = 128
  private static let requestBytes = 48 << 10
  /// As large as the kernel makes a dump's datagrams.
  private static let replyBytes = 64 << 10
  private static let bufferBytes: Int32 = 8 << 20
  /// The kernel answers within the send; a second of silence means it never will.
  private static let silenceSeconds = 5

  let descriptor: Descriptor
  private var sequence: UInt32 = 1

  init(in namespace: borrowing NetworkNamespace, protocol number: Int32 = NETLINK_ROUTE) throws(KernelError) {
    let opened = try namespace.socket(family: AF_NETLINK, type: Int32(SOCK_RAW.rawValue), protocol: number)
    var address = sockaddr_nl()
    address.nl_family = sa_family_t(AF_NETLINK)
    try bindNetlink(opened.number, &address)
    setOption(opened.number, SOL_SOCKET, SO_RCVBUFFORCE, Self.bufferBytes)
    setOption(opened.number, SOL_SOCKET, SO_SNDBUFFORCE, Self.bufferBytes)
    setOption(opened.number, SOL_NETLINK, NETLINK_EXT_ACK, 1)
    setOption(opened.number, SOL_NETLINK, NETLINK_CAP_ACK, 1)
    var silence = timeval(tv_sec: Self.silenceSeconds, tv_usec: 0)
    setsockopt(opened.number, SOL_SOCKET, SO_RCVTIMEO, &silence, socklen_t(MemoryLayout<timeval>.size))
    descriptor = opened
  }

  /// Sends one request per item and waits for all outcomes. The kernel does them in order and goes on after a refusal.
  ///
  /// - Parameters:
  ///   - action: what is tried with an item, for its error.
  ///   - reply: called for each message that answers an item's request.
  /// - Returns: nil for what succeeded, else the kernel's refusal, in the order of `items`.
  mutating func perform<Item>(
    _ items: [Item], action: (Item) -> String, reply: (Int, MessageReader) -> Void = { _, _ in },
    write: (Item, MessageWriter) -> Void
  ) -> [KernelError?] {
    var outcomes = [KernelError?](repeating: nil, count: items.count)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.requestBytes, alignment: 16)
    defer { memory.deallocate() }
    var next = 0
    while next < items.count {
      let first = next
      let base = sequence
      var length = 0
      while next < items.count, next - first < Self.requestsAtOnce, length + MessageWriter.largest <= Self.requestBytes {
        let message = MessageWriter(at: memory + length, sequence: base &+ UInt32(next - first))
        write(items[next], message)
        length += (message.length + 3) & ~3
        next += 1
      }
      sequence = base &+ UInt32(next - first)
      do throws(KernelError) {
        guard send(descriptor.number, memory, length, 0) == length else { throw .current("send to the kernel") }
        try collect(first: base, count: next - first) { position, failure in
          if let (code, detail) = failure { outcomes[first + position] = KernelError(code, action(items[first + position]), detail) }
        } reply: { position, message in
          reply(first + position, message)
        }
      } catch {
        // Nobody knows which of these were done: the caller reads again.
        for index in first..<next { outcomes[index] = KernelError(error.code, action(items[index]), error.action) }
      }
    }
    return outcomes
  }

  /// One request.
  mutating func perform(_ action: String, reply: (MessageReader) -> Void = { _ in }, _ write: (MessageWriter) -> Void) throws(KernelError) {
    let outcome = perform([()], action: { action }, reply: { _, message in reply(message) }, write: { _, message in write(message) })
    if let error = outcome[0] { throw error }
  }

  /// All of these messages of nf_tables or none.
  mutating func transact(_ action: String, _ writes: [(MessageWriter) -> Void]) throws(KernelError) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.requestBytes, alignment: 16)
    defer { memory.deallocate() }
    let base = sequence
    var length = 0
    func frame(_ type: Int32) {
      let message = MessageWriter(at: memory + length, sequence: base &+ UInt32(writes.count))
      let head = nfgenmsg(nfgen_family: 0, version: UInt8(NFNETLINK_V0), res_id: UInt16(NFNL_SUBSYS_NFTABLES).bigEndian)
      message.plain(Int(type), flags: 0, head: head)
      message.header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST)
      length += (message.length + 3) & ~3
    }
    frame(NFNL_MSG_BATCH_BEGIN)
    for (position, write) in writes.enumerated() {
      guard length + 2 * MessageWriter.largest <= Self.requestBytes else { throw KernelError(E2BIG, action) }
      let message = MessageWriter(at: memory + length, sequence: base &+ UInt32(position))
      write(message)
      length += (message.length + 3) & ~3
    }
    frame(NFNL_MSG_BATCH_END)
    sequence = base &+ UInt32(writes.count) &+ 1
    guard send(descriptor.number, memory, length, 0) == length else { throw .current(action) }
    var refusal: KernelError?
    try collect(first: base, count: writes.count) { _, failure in
      if let (code, detail) = failure { refusal = refusal ?? KernelError(code, action, detail) }
    } reply: { _, _ in
    }
    if let refusal { throw refusal }
  }

  /// Reads a whole table. A dump that the kernel interrupts because the table changed is begun again.
  mutating func dump(_ action: String, each: (MessageReader) -> Void, reset: () -> Void, _ write: (MessageWriter) -> Void)
    throws(KernelError)
  {
    /// A table that changes faster than it is read ten times isn't going to be read.
    let attempts = 10
    for _ in 0..<attempts {
      reset()
      let own = sequence
      sequence &+= 1
      let memory = UnsafeMutableRawPointer.allocate(byteCount: MessageWriter.largest, alignment: 16)
      defer { memory.deallocate() }
      let message = MessageWriter(at: memory, sequence: own)
      write(message)
      message.header.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_DUMP)
      guard send(descriptor.number, memory, message.length, 0) == message.length else { throw .current(action) }
      var refusal: KernelError?
      let whole = try collect(first: own, count: 1) { _, failure in
        if let (code, detail) = failure { refusal = KernelError(code, action, detail) }
      } reply: { _, message in
        each(message)
      }
      if let refusal { throw refusal }
      if whole { return }
    }
    throw KernelError(EINTR, action, "the table changes faster than it can be read")
  }

  /// Receives until `count` requests from number `first` on are answered. False if a dump was interrupted by a change.
  @discardableResult
  private func collect(
    first: UInt32, count: Int, done: (Int, (Int32, String)?) -> Void, reply: (Int, MessageReader) -> Void
  ) throws(KernelError) -> Bool {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Self.replyBytes, alignment: 16)
    defer { memory.deallocate() }
    var open = count
    var whole = true
    while open > 0 {
      var origin: Int32 = 0
      let received = clinux_netlink_receive(descriptor.number, memory, Self.replyBytes, 0, &origin)
      if received < 0, errno == EINTR { continue }
      guard received >= 0 else { throw .current("wait for the kernel's answer") }
      guard received <= Self.replyBytes else { throw KernelError(EMSGSIZE, "read the kernel's answer") }
      eachMessage(memory, received) { message in
        let position = Int(message.header.pointee.nlmsg_seq &- first)
        // An answer to a request that was given up earlier.
        guard position >= 0, position < count else { return }
        if message.header.pointee.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0 { whole = false }
        switch message.type {
        case Int(NLMSG_ERROR):
          open -= 1
          done(position, refusal(message))
        case Int(NLMSG_DONE):
          open -= 1
          let code = message.head(Int32.self) ?? 0
          done(position, code < 0 ? (-code, "") : nil)
        default: reply(position, message)
        }
      }
    }
    return whole
  }
}

/// Calls `body` for each message in a datagram.
func eachMessage(_ memory: UnsafeMutableRawPointer, _ count: Int, _ body: (MessageReader) -> Void) {
  var rest = Int32(count)
  var header: UnsafePointer<nlmsghdr>? = UnsafePointer(memory.assumingMemoryBound(to: nlmsghdr.self))
  while let message = header, mnl_nlmsg_ok(message, rest) {
    body(MessageReader(header: message))
    header = UnsafePointer(mnl_nlmsg_next(message, &rest))
  }
}

/// Code and text of an acknowledgement; nil for success.
private func refusal(_ message: MessageReader) -> (Int32, String)? {
  guard let head = message.head(nlmsgerr.self), head.error != 0 else { return nil }
  guard message.header.pointee.nlmsg_flags & UInt16(NLM_F_ACK_TLVS) != 0 else { return (-head.error, "") }
  let echoed = message.header.pointee.nlmsg_flags & UInt16(NLM_F_CAPPED) != 0 ? 16 : Int(head.msg.nlmsg_len)
  let text = message.attributes(after: 4 + echoed).first { $0.type == Int(NLMSGERR_ATTR_MSG.rawValue) }?.text
  return (-head.error, text ?? "")
}

func setOption(_ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
  var value = value
  setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
}

func bindNetlink(_ socket: Int32, _ address: inout sockaddr_nl) throws(KernelError) {
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_nl>.size)) }
  }
  guard result == 0 else { throw .current("bind a netlink socket") }
}
