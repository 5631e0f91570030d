import Bus
import Glibc
import Machine
import Model
import Reactor
import Testing

/// A real `archetype-bus` with a folder of its own, gone with its owner.
final class BusProcess {
  struct Missing: Error { var text: String }

  let folder: String
  let more: [String]
  private var isOwner = true
  private(set) var pid: pid_t = 0

  init(_ more: [String] = []) throws {
    var template = Array("/tmp/archetype-bus-test.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Missing(text: "can't make a folder") }
    folder = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    self.more = more
    try start()
  }

  /// A second program for the folder of another, which stays its owner's. Not started.
  init(sharing other: BusProcess) {
    folder = other.folder
    more = other.more
    isOwner = false
  }

  var address: BusAddress { .folder("\(folder)/bus") }

  func start() throws {
    var path = [CChar](repeating: 0, count: 4096)
    guard readlink("/proc/self/exe", &path, 4095) > 0 else { throw Missing(text: "can't find the tests' own folder") }
    let own = path.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    let program = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/archetype-bus"
    guard access(program, X_OK) == 0 else { throw Missing(text: "\(program) is missing (swift build --product archetype-bus)") }
    let options = ["--listen", "\(address)", "--log-level", "error", "--data", folder] + more
    var words: [UnsafeMutablePointer<CChar>?] = ([program] + options).map { strdup($0) }
    words.append(nil)
    defer { for case let word? in words { free(word) } }
    guard posix_spawn(&pid, program, nil, nil, words, environ) == 0 else { throw Missing(text: "can't start \(program)") }
  }

  /// SIGKILL, and gone when it returns.
  func kill() {
    guard pid > 0 else { return }
    Glibc.kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
    pid = 0
  }

  /// Waits for it to end by itself; its exit code.
  func wait() -> Int32 {
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    pid = 0
    return (status >> 8) & 0xff
  }

  deinit {
    kill()
    guard isOwner else { return }
    for name in ["bus/requests", "bus/events", "bus/tap", "bus/lock"] { unlink("\(folder)/\(name)") }
    rmdir("\(folder)/bus")
    unlink("\(folder)/audit")
    rmdir(folder)
  }
}

extension BusProcess {
  func peer(_ name: PeerName, instance: UInt64 = Clock.makeInstance().number, keys: String? = nil, at address: BusAddress? = nil) throws
    -> Peer
  {
    try Peer(
      name: name, instance: Instance(instance), address: address ?? self.address, keys: keys.map { folder in try Keys.loadPeer(folder) },
      build: "test", context: try Context())
  }

  /// A command line's connection, once the bus has started.
  func client() throws -> BlockingClient {
    let end = Clock.now().boot + patience
    while true {
      do throws(LabError) {
        return try BlockingClient(address: address, keys: nil, instance: Clock.makeInstance(), build: "test", clock: Clock.now)
      } catch {
        // Its files are there before it listens.
        guard error.code == .unavailable, Clock.now().boot < end else { throw error }
        usleep(10_000)
      }
    }
  }
}

/// Nothing that a test waits for takes longer on the slowest machine.
let patience: UInt64 = 20_000

/// Drives a peer until `found` has what it wants of one event; nil when the patience is over.
func pump<Found>(_ peer: inout Peer, most: UInt64 = patience, _ found: (PeerEvent) -> Found?) throws -> Found? {
  var poller = Poller()
  let end = Clock.now().boot + most
  while Clock.now().boot < end {
    try peer.flush(at: Clock.now())
    poller.clear()
    peer.poll(with: &poller)
    try poller.wait(min(20, end.since(Clock.now().boot)))
    var result: Found?
    for event in try peer.receive(most: 64, at: Clock.now()) where result == nil { result = found(event) }
    if let result { return result }
  }
  return nil
}

/// Until the hub has admitted the peer; false: it hasn't.
func connect(_ peer: inout Peer) throws -> Bool {
  try pump(&peer) { if case .bus(.connected, _) = $0 { true } else { nil } } ?? false
}

extension PeerEvent {
  var request: Incoming? { if case .bus(.request(let incoming), _) = self { incoming } else { nil } }
  var reply: (RequestID, Result<Reply, LabError>)? { if case .bus(.reply(let id, let result), _) = self { (id, result) } else { nil } }
  var publication: Publication? { if case .bus(.published(let publication), _) = self { publication } else { nil } }
  var refusal: LabError? { if case .refused(let error) = self { error } else { nil } }
}
