internal import CCurl
public import JSON
public import Model

/// One request to an engine.
public struct EngineRequest: Sendable {
  public enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  public enum Content: Sendable {
    case none
    case json(JSONValue)
    /// An archive.
    case tar([UInt8])
    /// An archive that is read from a non-blocking descriptor until its end, as fast as the engine takes it; the descriptor stays its owner's
    /// and open until the receiver's `end`.
    case tarStream(Int32)

    var bytes: [UInt8] {
      switch self {
      case .none, .tarStream: []
      case .json(let value): value.bytes
      case .tar(let bytes): bytes
      }
    }

    var type: String? {
      switch self {
      case .none: nil
      case .json: "application/json"
      case .tar, .tarStream: "application/x-tar"
      }
    }
  }

  public var method: Method
  /// Behind the socket, with its query. Without a version the engine takes the newest that it speaks: what is used here is the same in all.
  public var path: String
  public var content: Content
  /// Milliseconds until the answer must be here whole; of a stream, until its head is, and while it sends an archive, between two pieces.
  public var deadline: UInt64
  /// Statuses beside 200 to 299 that are as good: what should be is so already.
  public var accepted: Set<Int>
  /// Whether the connection, once the answer's head is here, carries bytes the other way too: `EngineReceiver.begin` is given it.
  public var isTwoWay: Bool
  /// What a registry wants to know of whoever pulls (`X-Registry-Auth`); empty: nothing. Never in an error or a log.
  public var registryAuth: String

  /// What an engine does without touching a container takes it milliseconds; on a machine that is busy with starts, seconds.
  public static let patience: UInt64 = 15_000

  /// - Parameter query: escaped here.
  public init(
    _ method: Method, _ path: String, _ query: KeyValuePairs<String, String> = [:], content: Content = .none,
    deadline: UInt64 = EngineRequest.patience, accepted: Set<Int> = [], isTwoWay: Bool = false, registryAuth: String = ""
  ) {
    self.method = method
    self.path = query.isEmpty ? path : path + "?" + query.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
    self.content = content
    self.deadline = min(deadline, Limits.deadline)
    self.accepted = accepted
    self.isTwoWay = isTwoWay
    self.registryAuth = registryAuth
  }

  /// Where what it sends is read from.
  var source: Int32? { if case .tarStream(let source) = content { source } else { nil } }

  /// For a part of a path or query.
  public static func escaped(_ text: String) -> String {
    guard let escaped = curl_easy_escape(nil, text, Int32(clamping: text.utf8.count)) else { return "" }
    defer { curl_free(escaped) }
    return String(cString: escaped)
  }
}

/// A good answer.
public struct EngineReply: Sendable {
  public var status: Int
  public var body: [UInt8]

  /// - Throws: `INTERNAL` where the body isn't JSON.
  public func json() throws(LabError) -> JSONValue {
    do throws(JSONError) { return try JSONValue(body) } catch {
      throw LabError(.internalError, "engine", "its answer is no JSON (is it a Docker engine?)", cause: error.reason)
    }
  }
}

extension LabError {
  /// An engine's refusal, in its own words.
  init(engine status: Int, _ body: [UInt8]) {
    let said = (try? JSONValue(body))?["message"].text ?? String(decoding: body.prefix(512), as: UTF8.self)
    let code: ErrorCode =
      switch status {
      case 400: .invalidArgument
      case 401, 403: .permissionDenied
      case 404: .notFound
      case 409: .alreadyExists
      case 501: .unimplemented
      case 503: .unavailable
      case _: .internalError
      }
    let words = said.split(whereSeparator: \.isNewline).joined(separator: "; ")
    self.init(code, "engine", words.isEmpty ? "refused with status \(status)" : words)
  }

  /// What libcurl says of a transfer that didn't come to an answer.
  init(transfer code: CURLcode, _ socket: String) {
    let cause = String(cString: curl_easy_strerror(code))
    switch code {
    case CURLE_COULDNT_CONNECT:
      self.init(.unavailable, "engine", "there is none at \(socket) (start dockerd, or see the agent's --docker)", cause: cause)
    case CURLE_OPERATION_TIMEDOUT: self.init(.deadlineExceeded, "engine", "doesn't answer", cause: cause)
    case CURLE_WRITE_ERROR: self.init(.resourceExhausted, "engine", "answers with more than is taken", cause: cause)
    case _: self.init(.unavailable, "engine", "went away in the middle (it is asked again)", cause: cause)
    }
  }
}
