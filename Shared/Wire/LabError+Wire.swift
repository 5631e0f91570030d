import Model

// Not a WireValue: its `message` is text.
extension LabError {
  init(failure: Proto.Failure) throws(LabError) {
    self.init(try ErrorCode(failure.code), failure.subject, failure.message, cause: failure.cause)
  }

  var failure: Proto.Failure {
    Proto.Failure(code: code.message, subject: subject, message: message, cause: cause)
  }
}

extension ErrorCode: WireEnumeration {
  var message: Proto.ErrorCode {
    switch self {
    case .invalidArgument: .invalidArgument
    case .notFound: .notFound
    case .alreadyExists: .alreadyExists
    case .permissionDenied: .permissionDenied
    case .unauthenticated: .unauthenticated
    case .resourceExhausted: .resourceExhausted
    case .failedPrecondition: .failedPrecondition
    case .aborted: .aborted
    case .outOfRange: .outOfRange
    case .unimplemented: .unimplemented
    case .internalError: .internal
    case .unavailable: .unavailable
    case .deadlineExceeded: .deadlineExceeded
    case .cancelled: .cancelled
    case .unknown: .unknown
    }
  }
}
