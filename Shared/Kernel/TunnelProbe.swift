import CLinux
import Glibc
public import Model

/// The owner of a packet socket on a host's probe tunnel: sends probes, and hears those that come back and those of others.
public struct TunnelProbe: ~Copyable, Sendable {
  public enum Arrival: Sendable, Hashable {
    /// One of ours, sent back by the far host's kernel; the size is that of its packet in the underlay, in bytes.
    case returned(IPAddress, size: Int)
    /// One of the far host's agent's own.
    case heard(IPAddress)
  }

  /// Frames of one `receive`, so that a flood can't hold the caller.
  private static let framesAtOnce = 1_024

  private let socket: Descriptor
  private let local: IPAddress
  private let token: UInt64

  /// - Parameters:
  ///   - local: this host's address in the underlay.
  ///   - token: random; tells our probes from those of an earlier life.
  public init(fabric: borrowing NetworkNamespace, local: IPAddress, token: UInt64) throws(KernelError) {
    // Without a protocol it hears nothing until it is on its device.
    socket = try fabric.socket(family: AF_PACKET, type: Int32(SOCK_RAW.rawValue) | Int32(SOCK_NONBLOCK.rawValue), protocol: 0)
    self.local = local
    self.token = token
  }

  /// To poll for reading.
  public var number: Int32 { socket.number }

  /// Goes onto the device of that name, if it isn't there yet.
  ///
  /// - Throws: ENODEV where there is none.
  public func attach(to name: String) throws(KernelError) {
    if clinux_packet_attach(socket.number, name) != 0 { throw .current("listen on device \(name)") }
  }

  /// Sends one probe whose packet in the underlay has `size` bytes, or the smallest if that is larger.
  public func send(to far: IPAddress, size: Int) throws(KernelError) {
    let frame = ProbeFrame.make(from: local, to: far, token: token, size: size - Self.overhead(far))
    if Glibc.send(socket.number, frame, frame.count, 0) == frame.count { return }
    // That its device was down before is told once, instead of the sending.
    guard errno == ENETDOWN, Glibc.send(socket.number, frame, frame.count, 0) == frame.count else { throw .current("probe \(far)") }
  }

  /// What has come; never waits.
  public func receive() -> [Arrival] {
    var arrivals: [Arrival] = []
    withUnsafeTemporaryAllocation(byteCount: ProbeFrame.head, alignment: 8) { buffer in
      for _ in 0..<Self.framesAtOnce {
        let length = recv(socket.number, buffer.baseAddress, buffer.count, Int32(MSG_TRUNC))
        if length < 0, errno == EAGAIN { break }
        // The device went away or down: said once, and no more than silence says.
        guard length >= buffer.count, let head = ProbeFrame.read(UnsafeRawBufferPointer(buffer)) else { continue }
        if head.from == local, head.token == token {
          arrivals.append(.returned(head.to, size: length + Self.overhead(head.to)))
        } else if head.to == local {
          arrivals.append(.heard(head.from))
        }
      }
    }
    return arrivals
  }

  /// Of a frame, whose own head a link's MTU leaves out.
  private static func overhead(_ underlay: IPAddress) -> Int { CableMTU.overhead(underlay) - 14 }
}
