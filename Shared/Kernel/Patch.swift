import CLinux
import CMNL
import Glibc

/// One direction of a cable as the kernel has it: on the ingress of a device (qdisc `clsact`) one filter that matches every frame and
/// redirects it to another device's egress. `cls_bpf` because it costs 0.03 ms a filter and `matchall` is missing in some kernels.
enum Patch {
  /// Of `clsact`: TC_H_MAKE(TC_H_CLSACT, 0), and the place of its ingress filters.
  private static let qdiscHandle: UInt32 = 0xffff_0000
  private static let qdiscParent: UInt32 = 0xffff_fff1
  private static let ingress: UInt32 = 0xffff_fff2
  /// Ours is the one filter with this priority and handle: replacing it by them loses no frame, reading it needs no dump.
  private static let priority: UInt32 = 1
  private static let handle: UInt32 = 1
  /// ETH_P_ALL of linux/if_ether.h.
  private static let everyProtocol = UInt16(3).bigEndian
  /// Classic BPF: `ret 0xffffffff`.
  private static let matchAll = BPFInstruction(code: 6, jt: 0, jf: 0, k: .max)

  struct BPFInstruction: BitwiseCopyable {
    var code: UInt16
    var jt: UInt8
    var jf: UInt8
    var k: UInt32

    var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
  }

  static func qdisc(_ message: MessageWriter, device: UInt32) {
    message.traffic(
      Int(RTM_NEWQDISC), flags: NLM_F_CREATE | NLM_F_EXCL, index: device, handle: qdiscHandle, parent: qdiscParent)
    message.put(Int(TCA_KIND), "clsact")
  }

  /// The head that names our filter of `device`.
  static func filter(_ message: MessageWriter, _ type: Int, flags: Int32 = 0, device: UInt32) {
    message.traffic(
      type, flags: flags, index: device, handle: handle, parent: ingress, info: priority << 16 | UInt32(everyProtocol))
    message.put(Int(TCA_KIND), "bpf")
  }

  /// - Parameter program: classic BPF; what it says yes to is redirected.
  static func redirect(_ message: MessageWriter, _ redirection: Redirection, program: [BPFInstruction] = [matchAll]) {
    filter(message, Int(RTM_NEWTFILTER), flags: NLM_F_CREATE, device: redirection.from)
    message.nest(Int(TCA_OPTIONS)) {
      message.put(Int(TCA_BPF_OPS_LEN), UInt16(program.count))
      message.put(Int(TCA_BPF_OPS), program.flatMap(\.bytes))
      message.nest(Int(TCA_BPF_ACT)) {
        message.nest(1) {
          message.put(Int(TCA_ACT_KIND), "mirred")
          message.nest(Int(TCA_ACT_OPTIONS)) {
            var parameters = tc_mirred()
            parameters.action = TC_ACT_STOLEN
            parameters.eaction = TCA_EGRESS_REDIR
            parameters.ifindex = redirection.to
            message.put(Int(TCA_MIRRED_PARMS), raw: parameters)
          }
        }
      }
    }
  }

  static func options(of filter: MessageReader) -> Attribute? {
    filter.attributes(after: MemoryLayout<tcmsg>.size).first { $0.type == Int(TCA_OPTIONS) }
  }

  /// The program of a filter as it was given; nil: it has none of this form.
  static func program(of filter: MessageReader) -> [UInt8]? {
    options(of: filter)?.nested.first { $0.type == Int(TCA_BPF_OPS) }.map { Array($0.value) }
  }

  /// ENOENT: no such filter. EINVAL: no `clsact`. ENODEV: no such device.
  static func meansNoFilter(_ code: Int32) -> Bool { code == ENOENT || code == EINVAL || code == ENODEV }
}

extension Device.Redirect {
  /// nil if the message is of another filter than ours.
  init?(filter message: MessageReader) {
    guard let options = Patch.options(of: message) else { return nil }
    guard let actions = options.nested.first(where: { $0.type == Int(TCA_BPF_ACT) }),
      let action = actions.nested.first(where: { _ in true }),
      let parameters = action.nested.first(where: { $0.type & 0x3fff == Int(TCA_ACT_OPTIONS) }),
      let mirred = parameters.nested.first(where: { $0.type == Int(TCA_MIRRED_PARMS) }),
      mirred.value.count >= MemoryLayout<tc_mirred>.size
    else {
      self = .broken
      return
    }
    let target = mirred.value.loadUnaligned(as: tc_mirred.self).ifindex
    self = target == 0 ? .broken : .to(target)
  }
}

extension LinuxLinkTable.State {
  mutating func patch(_ redirections: [Redirection]) -> [KernelError?] {
    // clsact in a phase of its own; EEXIST is success.
    let prepared = fabric.perform(redirections) {
      "prepare device \($0.from) for a patch"
    } write: {
      Patch.qdisc($1, device: $0.from)
    }
    let made = fabric.perform(redirections) {
      "patch device \($0.from) to \($0.to)"
    } write: {
      Patch.redirect($1, $0)
    }
    return zip(prepared, made).map { prepared, made in
      if let prepared, prepared.code != EEXIST { prepared } else { made }
    }
  }

  mutating func unpatch(_ devices: [UInt32]) -> [KernelError?] {
    fabric.perform(devices) {
      "unpatch device \($0)"
    } write: {
      Patch.filter($1, Int(RTM_DELTFILTER), device: $0)
    }
    .map { error in error.flatMap { Patch.meansNoFilter($0.code) ? nil : $0 } }
  }
}
