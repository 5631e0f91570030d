import CCurl
import CLinux
import Glibc
public import Model

/// What becomes of an answer. All is called on the client's own thread, and mustn't wait.
public protocol EngineReceiver: AnyObject, Sendable {
  /// The next bytes of a good answer.
  func take(_ bytes: UnsafeRawBufferPointer) -> EngineTake
  /// Writable when there is room again, after a `later`.
  var room: Int32? { get }
  /// The head of a good answer of a request that is two-way has come.
  /// - Parameter connection: takes bytes for the engine, without blocking; the receiver's to close. `shutdown` ends what it sends.
  func begin(_ connection: Int32)
  /// The last call: the status of a good answer, or why there is none.
  func end(_ outcome: Result<Int, LabError>)
}

extension EngineReceiver {
  public func begin(_ connection: Int32) { close(connection) }
}

public enum EngineTake: Sendable {
  case taken
  /// There is no room now: the same bytes are offered again.
  case later
  /// More than this receiver holds: the transfer ends.
  case tooMuch
}

/// A request with whoever waits for its answer.
struct EngineJob: Sendable {
  var id: UInt64
  var request: EngineRequest
  var receiver: any EngineReceiver
  /// Milliseconds since boot.
  var deadline: UInt64
  var kind: Kind

  enum Kind: Sendable {
    case call
    /// Goes on after its first bytes for as long as the engine has something to say.
    case stream
    /// The client's own question whether anybody is there.
    case probe
  }
}

/// A job on its way; belongs to the client's thread.
final class Transfer {
  let job: EngineJob
  let handle: UnsafeMutableRawPointer
  private let socket: String
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var refusal: [UInt8] = []
  /// Its answer's head is here.
  private(set) var hasBegun = false
  /// What libcurl opened for a request that is two-way; its own descriptor.
  private var connection: Int32 = -1
  /// Waits for room at its receiver.
  var isPaused = false
  /// Waits for more of what it sends.
  var isHungry = false
  /// When it last sent a piece of an archive, in milliseconds since boot.
  private(set) var lastSent: UInt64
  /// Milliseconds since boot.
  let began: UInt64

  /// An engine's refusals are a line; bounds what a broken one says.
  private static let longestRefusal = 64 << 10

  init?(_ job: EngineJob, socket: String, at now: UInt64) {
    guard let handle = curl_easy_init() else { return nil }
    self.handle = handle
    self.job = job
    self.socket = socket
    began = now
    lastSent = now
    ccurl_set_text(handle, CURLOPT_UNIX_SOCKET_PATH, socket)
    ccurl_set_text(handle, CURLOPT_URL, "http://engine" + job.request.path)
    // No signals: there are other threads. No proxy of the environment: the socket is the way.
    ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    ccurl_set_text(handle, CURLOPT_PROXY, "")
    // Without this libcurl waits a second for leave to send a body.
    headers = curl_slist_append(nil, "Expect:")
    sendBody()
    if let type = job.request.content.type { headers = curl_slist_append(headers, "Content-Type: \(type)") }
    if !job.request.registryAuth.isEmpty { headers = curl_slist_append(headers, "X-Registry-Auth: \(job.request.registryAuth)") }
    ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    ccurl_set_receiver(
      handle,
      { bytes, size, count, context in
        guard let context else { return 0 }
        return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().take(UnsafeRawBufferPointer(start: bytes, count: size * count))
      }, Unmanaged.passUnretained(self).toOpaque())
    ccurl_set_head_receiver(
      handle,
      { bytes, size, count, context in
        guard let context else { return 0 }
        Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().begin(UnsafeRawBufferPointer(start: bytes, count: size * count))
        return size * count
      }, Unmanaged.passUnretained(self).toOpaque())
    if job.request.isTwoWay {
      ccurl_set_long(handle, CURLOPT_FRESH_CONNECT, 1)
      ccurl_set_long(handle, CURLOPT_FORBID_REUSE, 1)
      ccurl_set_opener(
        handle,
        { context, _, address in
          guard let context, let address = address?.pointee else { return CURL_SOCKET_BAD }
          let number = Glibc.socket(address.family, address.socktype | Int32(SOCK_CLOEXEC.rawValue), address.protocol)
          Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().connection = number
          return number
        }, Unmanaged.passUnretained(self).toOpaque())
    }
  }

  /// What is sent behind the head.
  private func sendBody() {
    switch job.request.method {
    case .get: break
    case .head: ccurl_set_long(handle, CURLOPT_NOBODY, 1)
    case .post where job.request.source != nil:
      ccurl_set_long(handle, CURLOPT_POST, 1)
      headers = curl_slist_append(headers, "Transfer-Encoding: chunked")
      ccurl_set_sender(
        handle,
        { buffer, size, count, context in
          guard let buffer, let context else { return Int(CCURL_ABORT) }
          return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().give(
            UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
        }, Unmanaged.passUnretained(self).toOpaque())
    case .post, .put, .delete:
      let bytes = job.request.content.bytes
      // Else it would read a body from nowhere.
      bytes.withUnsafeBytes { _ = ccurl_set_body(handle, $0.baseAddress, $0.count) }
      ccurl_set_text(handle, CURLOPT_CUSTOMREQUEST, job.request.method.rawValue)
    }
  }

  deinit {
    curl_slist_free_all(headers)
    curl_easy_cleanup(handle)
  }

  private var isGood: Bool {
    let status = ccurl_status(handle)
    return (200..<300).contains(status) || job.request.accepted.contains(status)
  }

  /// A line of the head; the last one is empty.
  private func begin(_ line: UnsafeRawBufferPointer) {
    hasBegun = true
    guard connection >= 0, line.elementsEqual("\r\n".utf8), isGood else { return }
    let copy = fcntl(connection, F_DUPFD_CLOEXEC, 0)
    connection = -1
    if copy >= 0 { job.receiver.begin(copy) }
  }

  /// The next piece of what is sent: how many bytes, 0 at its end.
  private func give(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let source = job.request.source else { return 0 }
    var count = read(source, buffer.baseAddress, buffer.count)
    while count < 0, errno == EINTR { count = read(source, buffer.baseAddress, buffer.count) }
    if count < 0, errno == EAGAIN {
      isHungry = true
      return Int(CCURL_READ_PAUSE)
    }
    lastSent = clinux_boot_milliseconds()
    return count < 0 ? Int(CCURL_ABORT) : count
  }

  /// How many of the bytes were taken; another number than theirs ends or pauses the transfer.
  private func take(_ bytes: UnsafeRawBufferPointer) -> Int {
    guard isGood else {
      refusal += bytes.prefix(Self.longestRefusal - refusal.count)
      return bytes.count
    }
    switch job.receiver.take(bytes) {
    case .taken: return bytes.count
    case .tooMuch: return bytes.isEmpty ? 1 : 0
    case .later:
      isPaused = true
      return Int(CCURL_PAUSE)
    }
  }

  func end(_ code: CURLcode) {
    if code != CURLE_OK {
      job.receiver.end(.failure(LabError(transfer: code, socket)))
    } else if isGood {
      job.receiver.end(.success(ccurl_status(handle)))
    } else {
      job.receiver.end(.failure(LabError(engine: ccurl_status(handle), refusal)))
    }
  }
}
