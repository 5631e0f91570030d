import CMNL
import Glibc
import Model

/// Where a packet's addresses are changed.
enum NATHook {
  /// The host's own packets are sent, others' have come, all leave.
  case sending, arriving, leaving

  var chain: String {
    switch self {
    case .sending: "output"
    case .arriving: "prerouting"
    case .leaving: "postrouting"
    }
  }

  /// NF_INET_… of linux/netfilter.h, which can't be imported beside netinet/in.h.
  fileprivate var number: UInt32 {
    switch self {
    case .arriving: 0
    case .sending: 3
    case .leaving: 4
    }
  }

  /// NF_IP_PRI_NAT_SRC and NF_IP_PRI_NAT_DST.
  fileprivate var priority: Int32 { self == .leaving ? 100 : -100 }
}

extension MessageWriter {
  /// The head of a message of nf_tables.
  func rules(_ type: Int, flags: Int32 = 0, family: UInt8) {
    let head = nfgenmsg(nfgen_family: family, version: UInt8(NFNETLINK_V0), res_id: 0)
    plain(Int(NFNL_SUBSYS_NFTABLES) << 8 | type, flags: flags, head: head)
  }

  func deleteTable(_ name: String, family: UInt8) {
    rules(Int(NFT_MSG_DELTABLE.rawValue), family: family)
    put(Int(NFTA_TABLE_NAME.rawValue), name)
  }

  func chain(_ hook: NATHook, of table: String, family: UInt8) {
    rules(Int(NFT_MSG_NEWCHAIN.rawValue), flags: NLM_F_CREATE, family: family)
    put(Int(NFTA_CHAIN_TABLE.rawValue), table)
    put(Int(NFTA_CHAIN_NAME.rawValue), hook.chain)
    put(Int(NFTA_CHAIN_TYPE.rawValue), "nat")
    nest(Int(NFTA_CHAIN_HOOK.rawValue)) {
      put(Int(NFTA_HOOK_HOOKNUM.rawValue), hook.number.bigEndian)
      put(Int(NFTA_HOOK_PRIORITY.rawValue), UInt32(bitPattern: hook.priority).bigEndian)
    }
  }

  private func rule(at hook: NATHook, of table: String, family: UInt8, _ fill: () -> Void) {
    rules(Int(NFT_MSG_NEWRULE.rawValue), flags: NLM_F_CREATE | NLM_F_APPEND, family: family)
    put(Int(NFTA_RULE_TABLE.rawValue), table)
    put(Int(NFTA_RULE_CHAIN.rawValue), hook.chain)
    nest(Int(NFTA_RULE_EXPRESSIONS.rawValue), fill)
  }

  /// What comes from the network's addresses and leaves by another device than its gate goes under that device's address.
  func masquerade(_ subnet: Subnet, behind gate: String, family: UInt8) {
    let address = subnet.address.bytes
    let bits = address.indices.map { index in UInt8(truncatingIfNeeded: 0xff00 >> min(max(subnet.length - 8 * index, 0), 8)) }
    rule(at: .leaving, of: gate, family: family) {
      load(NFT_META_NFPROTO)
      compare(NFT_CMP_EQ, [UInt8(subnet.isIPv6 ? AF_INET6 : AF_INET)])
      // The source's place in the header (RFC 791, RFC 8200).
      loadHeader(NFT_PAYLOAD_NETWORK_HEADER, at: subnet.isIPv6 ? 8 : 12, address.count)
      mask(with: bits)
      compare(NFT_CMP_EQ, address)
      load(NFT_META_OIFNAME)
      compare(NFT_CMP_NEQ, Self.padded(gate))
      expression("masq") {}
    }
  }

  /// Who reaches a node by a published port is, for the node, its gateway: so the answer comes back this way, whatever way out the node has.
  func masqueradeForwarded(by gate: String, family: UInt8) {
    rule(at: .leaving, of: gate, family: family) {
      load(NFT_META_OIFNAME)
      compare(NFT_CMP_EQ, Self.padded(gate))
      expression("ct") {
        put(Int(NFTA_CT_DREG.rawValue), Self.register)
        put(Int(NFTA_CT_KEY.rawValue), UInt32(NFT_CT_STATUS.rawValue).bigEndian)
      }
      // IPS_DST_NAT, in the machine's order.
      mask(with: withUnsafeBytes(of: UInt32(1 << 5)) { Array($0) })
      compare(NFT_CMP_NEQ, [0, 0, 0, 0])
      expression("masq") {}
    }
  }

  /// What is for the port at an address of the host goes to the node.
  func forward(_ port: ForwardedPort, at hook: NATHook, of table: String, family: UInt8) {
    let isIPv6 = port.to.isIPv6
    rule(at: hook, of: table, family: family) {
      load(NFT_META_NFPROTO)
      compare(NFT_CMP_EQ, [UInt8(isIPv6 ? AF_INET6 : AF_INET)])
      if let address = port.published.address {
        // The destination's place in the header.
        loadHeader(NFT_PAYLOAD_NETWORK_HEADER, at: isIPv6 ? 24 : 16, address.bytes.count)
        compare(NFT_CMP_EQ, address.bytes)
      } else {
        expression("fib") {
          put(Int(NFTA_FIB_DREG.rawValue), Self.register)
          put(Int(NFTA_FIB_RESULT.rawValue), UInt32(NFT_FIB_RESULT_ADDRTYPE.rawValue).bigEndian)
          put(Int(NFTA_FIB_FLAGS.rawValue), UInt32(NFTA_FIB_F_DADDR.rawValue).bigEndian)
        }
        compare(NFT_CMP_EQ, withUnsafeBytes(of: UInt32(RTN_LOCAL)) { Array($0) })
      }
      load(NFT_META_L4PROTO)
      compare(NFT_CMP_EQ, [UInt8(port.published.transport == .tcp ? IPPROTO_TCP : Int(IPPROTO_UDP))])
      loadHeader(NFT_PAYLOAD_TRANSPORT_HEADER, at: 2, 2)
      compare(NFT_CMP_EQ, Self.bytes(port.published.port))
      fill(Self.register, port.to.bytes)
      fill(Self.otherRegister, Self.bytes(port.published.nodePort))
      expression("nat") {
        put(Int(NFTA_NAT_TYPE.rawValue), UInt32(NFT_NAT_DNAT.rawValue).bigEndian)
        put(Int(NFTA_NAT_FAMILY.rawValue), UInt32(isIPv6 ? AF_INET6 : AF_INET).bigEndian)
        put(Int(NFTA_NAT_REG_ADDR_MIN.rawValue), Self.register)
        put(Int(NFTA_NAT_REG_PROTO_MIN.rawValue), Self.otherRegister)
      }
    }
  }

  private static func padded(_ device: String) -> [UInt8] {
    Array(device.utf8) + [UInt8](repeating: 0, count: Int(IFNAMSIZ) - device.utf8.count)
  }

  /// As it stands in a packet.
  private static func bytes(_ port: UInt16) -> [UInt8] { [UInt8(port >> 8), UInt8(port & 0xff)] }

  private static let register = UInt32(NFT_REG_1.rawValue).bigEndian
  private static let otherRegister = UInt32(NFT_REG_2.rawValue).bigEndian

  private func expression(_ name: String, _ fill: () -> Void) {
    nest(Int(NFTA_LIST_ELEM.rawValue)) {
      put(Int(NFTA_EXPR_NAME.rawValue), name)
      nest(Int(NFTA_EXPR_DATA.rawValue), fill)
    }
  }

  private func load(_ key: nft_meta_keys) {
    expression("meta") {
      put(Int(NFTA_META_KEY.rawValue), UInt32(key.rawValue).bigEndian)
      put(Int(NFTA_META_DREG.rawValue), Self.register)
    }
  }

  private func loadHeader(_ base: nft_payload_bases, at offset: Int, _ count: Int) {
    expression("payload") {
      put(Int(NFTA_PAYLOAD_DREG.rawValue), Self.register)
      put(Int(NFTA_PAYLOAD_BASE.rawValue), UInt32(base.rawValue).bigEndian)
      put(Int(NFTA_PAYLOAD_OFFSET.rawValue), UInt32(offset).bigEndian)
      put(Int(NFTA_PAYLOAD_LEN.rawValue), UInt32(count).bigEndian)
    }
  }

  private func mask(with mask: [UInt8]) {
    expression("bitwise") {
      put(Int(NFTA_BITWISE_SREG.rawValue), Self.register)
      put(Int(NFTA_BITWISE_DREG.rawValue), Self.register)
      put(Int(NFTA_BITWISE_LEN.rawValue), UInt32(mask.count).bigEndian)
      value(Int(NFTA_BITWISE_MASK.rawValue), mask)
      value(Int(NFTA_BITWISE_XOR.rawValue), mask.map { _ in 0 })
    }
  }

  private func fill(_ register: UInt32, _ bytes: [UInt8]) {
    expression("immediate") {
      put(Int(NFTA_IMMEDIATE_DREG.rawValue), register)
      value(Int(NFTA_IMMEDIATE_DATA.rawValue), bytes)
    }
  }

  private func compare(_ operation: nft_cmp_ops, _ bytes: [UInt8]) {
    expression("cmp") {
      put(Int(NFTA_CMP_SREG.rawValue), Self.register)
      put(Int(NFTA_CMP_OP.rawValue), UInt32(operation.rawValue).bigEndian)
      value(Int(NFTA_CMP_DATA.rawValue), bytes)
    }
  }

  private func value(_ type: Int, _ bytes: [UInt8]) { nest(type) { put(Int(NFTA_DATA_VALUE.rawValue), bytes) } }
}
