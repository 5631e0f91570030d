import Arguments
import Glibc
import Machine
import Model

/// `archetype image …`: what hosts' engines have.
enum ImageCommands {
  static let entries = [list, pull, load]

  private static let host = Command.Option.value("host", "HOST", "only this one (default: every host with an engine)")

  private static let list = Entry(
    Command("image list", "images that hosts have", options: [host]),
    examples: ["archetype image list", "archetype image list --host h1 --format json"],
    make: { (invocation) throws(LabError) in ImageList(invocation: invocation, hosts: try EngineHosts(invocation)) })

  private static let pull = Entry(
    Command("image pull", "fetch an image from its registry, on every host", options: [host], positionals: [.required("IMAGE")]),
    examples: ["archetype image pull frrouting/frr:v8.4.1"],
    make: { (invocation) throws(LabError) in
      try ImageTransfer(invocation, .registry(invocation.arguments.positional("IMAGE") ?? ""))
    })

  private static let load = Entry(
    Command(
      "image load", "give hosts the images of an archive, as 'docker save' writes it", options: [host], positionals: [.required("FILE")]),
    examples: ["archetype image load ceos.tar", "archetype image load ceos.tar --host h2"],
    make: { (invocation) throws(LabError) in
      try ImageTransfer(invocation, .file(invocation.arguments.positional("FILE") ?? ""))
    })
}

/// The hosts that a command is about.
struct EngineHosts {
  let place: Connection.Place
  private let one: HostName?

  init(_ invocation: Invocation) throws(LabError) {
    place = try invocation.bus()
    if let text = invocation.arguments.value("host") { one = try HostName(text) } else { one = nil }
  }

  /// What is done on each, in order; hosts without an engine are passed over unless one was named.
  func each(_ body: (HostName) throws(LabError) -> Void) throws(LabError) {
    if let one { return try body(one) }
    let hosts = try place.connect().hosts().filter { $0.state != .lost }
    let offering = hosts.filter { $0.spec.runtimes.contains("docker") }.map(\.name).sorted()
    guard !offering.isEmpty else {
      throw LabError(.failedPrecondition, "hosts", "none that is online has an engine (see archetype-agent's --docker)")
    }
    for host in offering { try body(host) }
  }
}

/// `archetype image list`.
struct ImageList: Runnable {
  let invocation: Invocation
  let hosts: EngineHosts

  func run() throws(LabError) -> Int32 {
    var found: [(host: HostName, image: HostImage)] = []
    let connection = try hosts.place.connect()
    try hosts.each { (host) throws(LabError) in
      guard case .images(let images) = try connection.agent(.images, host) else { throw Connection.strange(.agent(host)) }
      found += images.map { (host, $0) }
    }
    if invocation.isJSON { Output.json(.array(found.map(Self.json))) } else { invocation.show(Self.table(found)) }
    return ExitCode.done
  }

  private static func json(_ entry: (host: HostName, image: HostImage)) -> JSON {
    .members([
      "host": .string(entry.host.text), "names": .array(entry.image.names.map { .string($0) }), "id": .string(entry.image.id),
      "size": .integer(Int(clamping: entry.image.size)),
    ])
  }

  private static func table(_ found: [(host: HostName, image: HostImage)]) -> Table {
    var table = Table("HOST", "IMAGE", "ID", "MiB")
    for (host, image) in found {
      for name in image.names.isEmpty ? ["-"] : image.names {
        let id = image.id.split(separator: ":").last.map { String($0.prefix(12)) } ?? ""
        table.add(.init(host.text), .init(name), .init(id), .init("\(image.size >> 20)"))
      }
    }
    return table
  }
}

/// `archetype image pull` and `load`.
struct ImageTransfer: Runnable {
  enum Source {
    case registry(String)
    case file(String)
  }

  private let invocation: Invocation
  private let hosts: EngineHosts
  private let source: Source

  init(_ invocation: Invocation, _ source: Source) throws(LabError) {
    self.invocation = invocation
    self.source = source
    hosts = try EngineHosts(invocation)
  }

  func run() throws(LabError) -> Int32 {
    Interruption.hold(SIGPIPE)
    Interruption.hold(SIGINT)
    var loaded: [JSON] = []
    var isInterrupted = false
    try hosts.each { (host) throws(LabError) in
      guard !isInterrupted else { return }
      guard let names = try transfer(to: host) else {
        isInterrupted = true
        return
      }
      loaded += names.map { .members(["host": .string(host.text), "name": .string($0)]) }
      if !invocation.isJSON { for name in names { Output.line("\(host): \(name)") } }
    }
    if isInterrupted { return 128 + SIGINT }
    if invocation.isJSON { Output.json(.array(loaded)) }
    return ExitCode.done
  }

  /// The names of what is there now; nil: Ctrl-C.
  private func transfer(to host: HostName) throws(LabError) -> [String]? {
    var command: NodeCommand
    switch source {
    case .registry(let image): command = try NodeCommand(hosts.place, .pull(image), on: host)
    case .file(let path):
      let file = open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { throw LabError(.notFound, path, "can't be read", cause: String(cString: strerror(errno))) }
      command = try NodeCommand(hosts.place, .load, on: host)
      _ = try CommandInput.start(hosts.place, command, from: file, isTerminal: false)
    }
    var progress = TransferProgress(host, invocation)
    var names: [UInt8] = []
    while true {
      if Interruption.isPending(SIGINT) {
        command.kill()
        return nil
      }
      let output = try command.read()
      names += output.stdout
      progress.hear(output.stderr)
      guard let exit = output.exit else { continue }
      progress.end()
      guard exit == .code(0) else {
        throw LabError(.failedPrecondition, subject, "did not get to host \(host)", cause: progress.last)
      }
      return String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init)
    }
  }

  private var subject: String {
    switch source {
    case .registry(let image): "image \(image)"
    case .file(let path): path
    }
  }
}

/// What an agent says meanwhile: one line that changes on a terminal, and nothing elsewhere.
private struct TransferProgress {
  private let host: HostName
  private let isShown: Bool
  private(set) var last = ""
  private var rest = ""
  private var isDrawn = false

  init(_ host: HostName, _ invocation: Invocation) {
    self.host = host
    isShown = invocation.messages.isTerminal && !invocation.isJSON
  }

  mutating func hear(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    let lines = (rest + String(decoding: bytes, as: UTF8.self)).split(separator: "\n", omittingEmptySubsequences: false)
    rest = String(lines.last ?? "")
    guard let line = lines.dropLast().last(where: { !$0.isEmpty }) else { return }
    last = String(line)
    guard isShown else { return }
    isDrawn = true
    Output.write(Array("\r\u{1b}[K\(host): \(last)".utf8), to: STDERR_FILENO)
  }

  mutating func end() {
    if isDrawn { Output.write(Array("\r\u{1b}[K".utf8), to: STDERR_FILENO) }
  }
}
