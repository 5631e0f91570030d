import CLinux
import Glibc

/// The owner of a descriptor of one network namespace. The namespace lives as long as something holds it: this, a pin, a process in it.
public struct NetworkNamespace: ~Copyable, Sendable {
  /// Which one: two descriptors of the same namespace have the same identity.
  public struct Identity: Sendable, Hashable {
    public var device: UInt64
    public var inode: UInt64
  }

  public let descriptor: Descriptor

  /// - Throws: EINVAL where `descriptor` isn't one of a namespace, such as a pin's file after a reboot.
  public init(_ descriptor: consuming Descriptor, named name: String = "descriptor") throws(KernelError) {
    guard clinux_namespace_type(descriptor.number, "") == CLINUX_NETWORK_NAMESPACE else {
      throw KernelError(EINVAL, "open namespace \(name)", "not a network namespace")
    }
    self.descriptor = descriptor
  }

  /// The namespace pinned at `path`.
  public init(path: String) throws(KernelError) {
    try self.init(try Descriptor(path: path, flags: O_RDONLY), named: path)
  }

  /// The namespace that process `pid` is in.
  public init(process pid: Int32) throws(KernelError) { try self.init(path: "/proc/\(pid)/ns/net") }

  /// The namespace of the calling thread: the host's, for threads that this module didn't make.
  public static func current() throws(KernelError) -> NetworkNamespace { try NetworkNamespace(path: "/proc/thread-self/ns/net") }

  /// A new one, its loopback device up unless told otherwise.
  public static func create(loopbackUp: Bool = true) throws(KernelError) -> NetworkNamespace {
    let number = try onOwnThread { () throws(KernelError) -> Int32 in try makeNamespace(loopbackUp: loopbackUp) }
    return try NetworkNamespace(Descriptor(owning: number))
  }

  public var identity: Identity {
    get throws(KernelError) {
      var status = stat()
      guard fstat(descriptor.number, &status) == 0 else { throw .current("look at a namespace") }
      return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
  }

  /// Another descriptor of the same namespace.
  public borrowing func duplicate() throws(KernelError) -> NetworkNamespace { try NetworkNamespace(descriptor.duplicate()) }

  /// Runs `body` on a thread of its own that has entered the namespace, and waits for it.
  public borrowing func inside<Value>(_ body: () throws(KernelError) -> Value) throws(KernelError) -> Value {
    let number = descriptor.number
    return try onOwnThread { () throws(KernelError) -> Value in
      guard clinux_setns_net(number) == 0 else { throw .current("enter a namespace") }
      return try body()
    }
  }

  /// A socket that belongs to the namespace, made by a thread inside; it serves from any thread.
  public borrowing func socket(family: Int32, type: Int32, protocol number: Int32) throws(KernelError) -> Descriptor {
    let opened = try inside { () throws(KernelError) -> Int32 in
      let socket = Glibc.socket(family, type | Int32(SOCK_CLOEXEC.rawValue), number)
      guard socket >= 0 else { throw .current("open socket in a namespace") }
      return socket
    }
    return Descriptor(owning: opened)
  }
}

/// Moves the calling thread, which must end soon, into a new namespace and returns a descriptor of it.
func makeNamespace(loopbackUp: Bool) throws(KernelError) -> Int32 {
  guard clinux_unshare_net() == 0 else { throw .current("create a namespace") }
  if loopbackUp, clinux_loopback_up() != 0 { throw .current("set lo up in a new namespace") }
  let number = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
  guard number >= 0 else { throw .current("open a new namespace") }
  return number
}
