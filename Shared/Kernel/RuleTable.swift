import CLinux
import CMNL
import Glibc
import Model

/// A table of nftables in the host's own namespace, of both IP families.
public struct RuleTable: Sendable, Hashable {
  public var name: String
  /// Its comment; `Mark` reads it.
  public var mark: [UInt8]
  public var rules: Int
}

/// Rules by which a lab's nodes reach what their host reaches, under its address. Ours is one table, named as the gate; no other is touched.
struct MasqueradeSpec {
  var gate: String
  var mark: [UInt8]
  var subnets: [Subnet]
}

extension NetlinkSocket {
  /// NFPROTO_INET of linux/netfilter.h, which can't be imported beside netinet/in.h.
  private static let family: UInt8 = 1

  /// All tables of ours that the namespace has. Of others' only the name is read.
  mutating func ruleTables() throws(KernelError) -> [RuleTable] {
    var found: [RuleTable] = []
    try dump("read the tables of rules") { message in
      var table = RuleTable(name: "", mark: [], rules: 0)
      guard message.head(nfgenmsg.self)?.nfgen_family == Self.family else { return }
      for attribute in message.attributes(after: MemoryLayout<nfgenmsg>.size) {
        if attribute.type == Int(NFTA_TABLE_NAME.rawValue) { table.name = attribute.text }
        if attribute.type == Int(NFTA_TABLE_USERDATA.rawValue) { table.mark = Comment.read(attribute) }
      }
      found.append(table)
    } reset: {
      found = []
    } _: { message in
      message.rules(Int(NFT_MSG_GETTABLE.rawValue), family: Self.family)
    }
    for position in found.indices where !found[position].mark.isEmpty { found[position].rules = try rules(of: found[position].name) }
    return found
  }

  private mutating func rules(of table: String) throws(KernelError) -> Int {
    var count = 0
    try dump("read the rules of table \(table)") { message in
      for attribute in message.attributes(after: MemoryLayout<nfgenmsg>.size)
      where attribute.type == Int(NFTA_RULE_TABLE.rawValue) && attribute.text == table { count += 1 }
    } reset: {
      count = 0
    } _: { message in
      message.rules(Int(NFT_MSG_GETRULE.rawValue), family: Self.family)
      message.put(Int(NFTA_RULE_TABLE.rawValue), table)
    }
    return count
  }

  /// Makes the table anew, in one step.
  mutating func replace(_ spec: MasqueradeSpec) throws(KernelError) {
    func table(_ message: MessageWriter) {
      message.rules(Int(NFT_MSG_NEWTABLE.rawValue), flags: NLM_F_CREATE, family: Self.family)
      message.put(Int(NFTA_TABLE_NAME.rawValue), spec.gate)
      message.put(Int(NFTA_TABLE_USERDATA.rawValue), Comment.bytes(spec.mark))
    }
    try transact(
      "let nodes out by \(spec.gate)",
      [table, { $0.deleteTable(spec.gate, family: Self.family) }, table, { $0.postrouting(of: spec.gate, family: Self.family) }]
        + spec.subnets.map { subnet in { $0.masquerade(subnet, behind: spec.gate, family: Self.family) } })
  }

  mutating func deleteTable(_ name: String) throws(KernelError) {
    do throws(KernelError) { try transact("remove table \(name)", [{ $0.deleteTable(name, family: Self.family) }]) } catch {
      if error.code != ENOENT { throw error }
    }
  }
}

/// A table's comment as nft(8) writes it: kind, length, text, zero.
private enum Comment {
  static func bytes(_ text: [UInt8]) -> [UInt8] { [0, UInt8(truncatingIfNeeded: text.count + 1)] + text + [0] }
  static func read(_ attribute: Attribute) -> [UInt8] {
    let bytes = attribute.value
    return bytes.count > 3 && bytes[0] == 0 && Int(bytes[1]) == bytes.count - 2 ? bytes[2..<(bytes.count - 1)].map(\.self) : []
  }
}

extension MessageWriter {
  /// The head of a message of nf_tables.
  fileprivate func rules(_ type: Int, flags: Int32 = 0, family: UInt8) {
    let head = nfgenmsg(nfgen_family: family, version: UInt8(NFNETLINK_V0), res_id: 0)
    plain(Int(NFNL_SUBSYS_NFTABLES) << 8 | type, flags: flags, head: head)
  }

  fileprivate func deleteTable(_ name: String, family: UInt8) {
    rules(Int(NFT_MSG_DELTABLE.rawValue), family: family)
    put(Int(NFTA_TABLE_NAME.rawValue), name)
  }

  fileprivate func postrouting(of table: String, family: UInt8) {
    rules(Int(NFT_MSG_NEWCHAIN.rawValue), flags: NLM_F_CREATE, family: family)
    put(Int(NFTA_CHAIN_TABLE.rawValue), table)
    put(Int(NFTA_CHAIN_NAME.rawValue), "postrouting")
    put(Int(NFTA_CHAIN_TYPE.rawValue), "nat")
    nest(Int(NFTA_CHAIN_HOOK.rawValue)) {
      // NF_INET_POST_ROUTING, as above.
      put(Int(NFTA_HOOK_HOOKNUM.rawValue), UInt32(4).bigEndian)
      // NF_IP_PRI_NAT_SRC.
      put(Int(NFTA_HOOK_PRIORITY.rawValue), UInt32(100).bigEndian)
    }
  }

  /// What comes from the network's addresses and leaves by another device than its gate goes under that device's address.
  fileprivate func masquerade(_ subnet: Subnet, behind gate: String, family: UInt8) {
    rules(Int(NFT_MSG_NEWRULE.rawValue), flags: NLM_F_CREATE | NLM_F_APPEND, family: family)
    put(Int(NFTA_RULE_TABLE.rawValue), gate)
    put(Int(NFTA_RULE_CHAIN.rawValue), "postrouting")
    let address = subnet.address.bytes
    let mask = address.indices.map { index in UInt8(truncatingIfNeeded: 0xff00 >> min(max(subnet.length - 8 * index, 0), 8)) }
    nest(Int(NFTA_RULE_EXPRESSIONS.rawValue)) {
      load(NFT_META_NFPROTO)
      compare(NFT_CMP_EQ, [UInt8(subnet.isIPv6 ? AF_INET6 : AF_INET)])
      expression("payload") {
        put(Int(NFTA_PAYLOAD_DREG.rawValue), Self.register)
        put(Int(NFTA_PAYLOAD_BASE.rawValue), UInt32(NFT_PAYLOAD_NETWORK_HEADER.rawValue).bigEndian)
        // The source's place in the header (RFC 791, RFC 8200).
        put(Int(NFTA_PAYLOAD_OFFSET.rawValue), UInt32(subnet.isIPv6 ? 8 : 12).bigEndian)
        put(Int(NFTA_PAYLOAD_LEN.rawValue), UInt32(address.count).bigEndian)
      }
      expression("bitwise") {
        put(Int(NFTA_BITWISE_SREG.rawValue), Self.register)
        put(Int(NFTA_BITWISE_DREG.rawValue), Self.register)
        put(Int(NFTA_BITWISE_LEN.rawValue), UInt32(address.count).bigEndian)
        value(Int(NFTA_BITWISE_MASK.rawValue), mask)
        value(Int(NFTA_BITWISE_XOR.rawValue), address.map { _ in 0 })
      }
      compare(NFT_CMP_EQ, address)
      load(NFT_META_OIFNAME)
      compare(NFT_CMP_NEQ, Array(gate.utf8) + [UInt8](repeating: 0, count: Int(IFNAMSIZ) - gate.utf8.count))
      expression("masq") {}
    }
  }

  private static let register = UInt32(NFT_REG_1.rawValue).bigEndian

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

  private func compare(_ operation: nft_cmp_ops, _ bytes: [UInt8]) {
    expression("cmp") {
      put(Int(NFTA_CMP_SREG.rawValue), Self.register)
      put(Int(NFTA_CMP_OP.rawValue), UInt32(operation.rawValue).bigEndian)
      value(Int(NFTA_CMP_DATA.rawValue), bytes)
    }
  }

  private func value(_ type: Int, _ bytes: [UInt8]) { nest(type) { put(Int(NFTA_DATA_VALUE.rawValue), bytes) } }
}
