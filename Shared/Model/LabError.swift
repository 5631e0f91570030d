/// The canonical status of a failed operation; names and meaning are gRPC's.
public enum ErrorCode: String, Sendable, Hashable, CaseIterable {
  case invalidArgument = "INVALID_ARGUMENT"
  case notFound = "NOT_FOUND"
  case alreadyExists = "ALREADY_EXISTS"
  case permissionDenied = "PERMISSION_DENIED"
  case unauthenticated = "UNAUTHENTICATED"
  case resourceExhausted = "RESOURCE_EXHAUSTED"
  case failedPrecondition = "FAILED_PRECONDITION"
  /// A compare-and-put that lost: read again and decide again.
  case aborted = "ABORTED"
  case outOfRange = "OUT_OF_RANGE"
  case unimplemented = "UNIMPLEMENTED"
  case internalError = "INTERNAL"
  /// The addressee isn't there now; trying again may succeed.
  case unavailable = "UNAVAILABLE"
  case deadlineExceeded = "DEADLINE_EXCEEDED"
  case cancelled = "CANCELLED"
  /// What happened can't be known, as after the death of an agent in the middle of an `exec`.
  case unknown = "UNKNOWN"
}

/// The one error a user or a peer sees: what is wrong with what, and what to do.
public struct LabError: Error, Sendable, Hashable, CustomStringConvertible {
  public var code: ErrorCode
  /// What the error is about: a lab, `lab/node`, a link id, a host, a file with its line, a service.
  public var subject: String
  /// What is wrong, and in parentheses what to do; no trailing period.
  public var message: String
  /// The error underneath, in its own words; empty when there is none.
  public var cause: String

  public init(_ code: ErrorCode, _ subject: String, _ message: String, cause: String = "") {
    self.code = code
    self.subject = subject
    self.message = message
    self.cause = cause
  }

  /// `SUBJECT: message`, as it stands behind `error: ` on a terminal.
  public var description: String { "\(subject): \(detail)" }

  /// What is wrong and why, without the subject.
  public var detail: String { cause.isEmpty ? message : "\(message): \(cause)" }

  /// Whether the same request may succeed later without a change by its sender.
  public var isTransient: Bool {
    switch code {
    case .unavailable, .deadlineExceeded, .resourceExhausted: true
    case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .unauthenticated, .failedPrecondition, .aborted, .outOfRange,
      .unimplemented, .internalError, .cancelled, .unknown:
      false
    }
  }
}
