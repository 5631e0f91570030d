import CMNL
import Glibc
public import Model

/// What the kernel refused, in its words.
public struct KernelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// As in errno(3).
  public var code: Int32
  /// What was tried, and on what: `create tap aabbcc`.
  public var action: String
  /// What the kernel (or the check that failed) says about it beyond the code; empty if nothing.
  public var detail: String

  public init(_ code: Int32, _ action: String, _ detail: String = "") {
    self.code = code
    self.action = action
    self.detail = detail
  }

  /// The call that just failed in this thread.
  static func current(_ action: String) -> KernelError { KernelError(errno, action) }

  public var description: String {
    let words = strerror(code).map { String(cString: $0) } ?? "error \(code)"
    return detail.isEmpty ? "\(action): \(words)" : "\(action): \(words) (\(detail))"
  }

  /// As a user sees it.
  public func labError(_ subject: String) -> LabError {
    let kind: ErrorCode =
      switch code {
      case EEXIST, EBUSY: .alreadyExists
      case ENOENT, ENODEV: .notFound
      case EPERM, EACCES: .permissionDenied
      case ENOBUFS, ENOMEM, ENOSPC, EMFILE, ENFILE: .resourceExhausted
      case EADDRINUSE, EADDRNOTAVAIL, EOPNOTSUPP: .failedPrecondition
      case EINVAL, ERANGE: .invalidArgument
      case ETIMEDOUT, EAGAIN: .unavailable
      default: .internalError
      }
    return LabError(kind, subject, action, cause: detail.isEmpty ? String(cString: strerror(code)) : detail)
  }
}
