import Model

/// An Ethernet frame over the probe tunnel: the pair's address, the sender's, a type for experiments (IEEE 802), then whose it is, and zeros up
/// to its size. It says by whom it is to be sent back, so that no third host ever does and no frame goes round.
enum ProbeFrame {
  private static let type: [UInt8] = [0x88, 0xb5]
  private static let magic = Array("ArPr".utf8)
  private static let ethernet = 14
  private static let addressBytes = 16
  private static let to = ethernet + 4
  private static let from = to + addressBytes
  private static let token = from + addressBytes
  /// What is read of a frame; the smallest.
  static let head = token + 8

  struct Head {
    var to: IPAddress
    var from: IPAddress
    /// The sender's life.
    var token: UInt64
  }

  /// - Parameter size: of the frame; at least `head`.
  static func make(from near: IPAddress, to far: IPAddress, token: UInt64, size: Int) -> [UInt8] {
    var frame = MACAddress(ofProbesBetween: near, and: far).bytes + MACAddress(ofProbesFrom: near).bytes
    frame += type + magic + far.wide + near.wide
    frame += withUnsafeBytes(of: token.bigEndian) { Array($0) }
    frame += [UInt8](repeating: 0, count: max(0, size - frame.count))
    return frame
  }

  /// nil: not one of these.
  static func read(_ frame: UnsafeRawBufferPointer) -> Head? {
    guard frame.count >= head, frame[12..<to].elementsEqual(type + magic), let to = IPAddress(wide: frame, at: to),
      let from = IPAddress(wide: frame, at: from)
    else { return nil }
    return Head(to: to, from: from, token: UInt64(bigEndian: frame.loadUnaligned(fromByteOffset: token, as: UInt64.self)))
  }

  /// Classic BPF that says yes to the probes which the host with this address sends back: those for it.
  static func filter(for local: IPAddress) -> [Patch.BPFInstruction] {
    let bytes = type + magic + local.wide
    // The type is half a word; all after it are whole ones.
    var words = [(size: halfWord, offset: 12, value: UInt32(bytes[0]) << 8 | UInt32(bytes[1]))]
    for place in stride(from: 2, to: bytes.count, by: 4) {
      words.append((word, 12 + place, bytes[place..<place + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }))
    }
    var program: [Patch.BPFInstruction] = []
    for (index, part) in words.enumerated() {
      program.append(Patch.BPFInstruction(code: part.size, jt: 0, jf: 0, k: UInt32(part.offset)))
      // From each comparison to the no at the end: the pairs that are left and the yes.
      program.append(Patch.BPFInstruction(code: equals, jt: 0, jf: UInt8(2 * (words.count - index - 1) + 1), k: part.value))
    }
    return program + [yes, no]
  }

  /// BPF_LD | BPF_H | BPF_ABS, BPF_LD | BPF_W | BPF_ABS and BPF_JMP | BPF_JEQ | BPF_K of linux/bpf_common.h.
  private static let halfWord: UInt16 = 0x28
  private static let word: UInt16 = 0x20
  private static let equals: UInt16 = 0x15
  private static let yes = Patch.BPFInstruction(code: 6, jt: 0, jf: 0, k: .max)
  private static let no = Patch.BPFInstruction(code: 6, jt: 0, jf: 0, k: 0)
}

extension IPAddress {
  /// As `wide` wrote it.
  fileprivate init?(wide bytes: UnsafeRawBufferPointer, at offset: Int) {
    let isMapped = bytes[offset..<offset + 10].allSatisfy { $0 == 0 } && bytes[offset + 10] == 0xff && bytes[offset + 11] == 0xff
    self.init(network: UnsafeRawBufferPointer(rebasing: bytes[(isMapped ? offset + 12 : offset)..<offset + 16]))
  }
}
