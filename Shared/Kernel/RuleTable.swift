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

/// Rules by which a lab's nodes reach what their host reaches, under its address, and ports of the host lead to them. Ours is one table, named as
/// the gate; no other is touched.
struct RuleSpec {
  var gate: String
  var mark: [UInt8]
  /// Those that are let out.
  var subnets: [Subnet]
  var ports: [ForwardedPort]
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
  mutating func replace(_ spec: RuleSpec) throws(KernelError) {
    func table(_ message: MessageWriter) {
      message.rules(Int(NFT_MSG_NEWTABLE.rawValue), flags: NLM_F_CREATE, family: Self.family)
      message.put(Int(NFTA_TABLE_NAME.rawValue), spec.gate)
      message.put(Int(NFTA_TABLE_USERDATA.rawValue), Comment.bytes(spec.mark))
    }
    var steps: [(MessageWriter) -> Void] = [table, { $0.deleteTable(spec.gate, family: Self.family) }, table]
    for hook in spec.ports.isEmpty ? [NATHook.leaving] : [.leaving, .arriving, .sending] {
      steps.append { $0.chain(hook, of: spec.gate, family: Self.family) }
    }
    for subnet in spec.subnets { steps.append { $0.masquerade(subnet, behind: spec.gate, family: Self.family) } }
    if !spec.ports.isEmpty { steps.append { $0.masqueradeForwarded(by: spec.gate, family: Self.family) } }
    for port in spec.ports {
      for hook in [NATHook.arriving, .sending] { steps.append { $0.forward(port, at: hook, of: spec.gate, family: Self.family) } }
    }
    try transact("set the rules of \(spec.gate)", steps)
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
