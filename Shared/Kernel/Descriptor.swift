import Glibc

/// The owner of one file descriptor; closes it at its end.
public struct Descriptor: ~Copyable, Sendable {
  /// Valid while this lives.
  public let number: Int32

  public init(owning number: Int32) { self.number = number }

  /// Opens `path` with `flags` of open(2); O_CLOEXEC is added.
  public init(path: String, flags: Int32) throws(KernelError) {
    let number = open(path, flags | O_CLOEXEC)
    guard number >= 0 else { throw .current("open \(path)") }
    self.number = number
  }

  /// Another descriptor of the same thing.
  public borrowing func duplicate() throws(KernelError) -> Descriptor {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw .current("duplicate descriptor") }
    return Descriptor(owning: copy)
  }

  deinit { close(number) }
}
