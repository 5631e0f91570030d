import Arguments
import Glibc
import Machine
import Model

/// `archetype cp`.
struct Copy: Runnable {
  static let entry = Entry(
    Command(
      "cp", "copy a file or folder out of a node, or into it", positionals: [.required("LAB"), .required("FROM"), .required("TO")]),
    examples: ["archetype cp ring r1:/etc/frr/frr.conf .", "archetype cp ring ./frr.conf r1:/etc/frr/frr.conf"],
    make: { (invocation) throws(LabError) in try Copy(invocation) })

  private let place: Connection.Place
  private let node: NodeID
  /// In the node.
  private let far: String
  /// Here.
  private let near: String
  private let isOut: Bool

  private init(_ invocation: Invocation) throws(LabError) {
    place = try invocation.bus()
    let lab = try invocation.lab()
    let from = invocation.arguments.positional("FROM") ?? ""
    let to = invocation.arguments.positional("TO") ?? ""
    switch (Self.split(from), Self.split(to)) {
    case (let end?, nil): (node, far, near, isOut) = (NodeID(lab, try NodeName(end.node)), end.path, to, true)
    case (nil, let end?): (node, far, near, isOut) = (NodeID(lab, try NodeName(end.node)), end.path, from, false)
    case (nil, nil), (.some, .some):
      throw LabError(
        .invalidArgument, "\(from) \(to)", "one of the two must be NODE:PATH, with an absolute path, and the other a path here")
    }
  }

  /// `NODE:/PATH`. Anything else is a path here; one that looks like it is written `./NODE:/PATH`.
  private static func split(_ text: String) -> (node: String, path: String)? {
    guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else { return nil }
    let path = text[text.index(after: colon)...]
    return path.hasPrefix("/") ? (String(text[..<colon]), String(path)) : nil
  }

  func run() throws(LabError) -> Int32 {
    Interruption.hold(SIGPIPE)
    return isOut ? try copyOut() : try copyIn()
  }

  /// Folder and last name of a path; `/` has none.
  private static func parts(_ path: String) -> (folder: String, name: String) {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    guard let slash = trimmed.lastIndex(of: "/") else { return (".", trimmed) }
    return (slash == trimmed.startIndex ? "/" : String(trimmed[..<slash]), String(trimmed[trimmed.index(after: slash)...]))
  }

  /// Where a copy of `name` goes, as `cp -r` has it: into a folder that is there, else under the name given.
  private static let settle = """
    set -e
    if [ -d "$1" ]; then folder=$1 name=$2; else folder=$(dirname -- "$1") name=$(basename -- "$1"); fi
    [ -d "$folder" ] || { echo "$folder: no such folder" >&2; exit 1; }
    [ ! -d "$folder/$name" ] || { echo "$folder/$name: is there already" >&2; exit 1; }
    new=$(mktemp -d "$folder/.archetype-XXXXXX")
    trap 'rm -rf -- "$new"' EXIT
    trap 'exit 143' TERM
    tar -C "$new" -xf -
    mv -f -- "$new/$2" "$folder/$name"
    """

  /// All of it or nothing: it arrives beside its place and is moved there.
  private func copyOut() throws(LabError) -> Int32 {
    let (folder, name) = Self.parts(far)
    var command = try NodeCommand(
      place, ExecRequest(node: node, argv: ["tar", "-C", folder, "-cf", "-", "--", name], timeout: Limits.deadline))
    let unpack = try LocalProgram(["sh", "-c", Self.settle, "sh", near, name], pipe: .input)
    var words: [UInt8] = []
    while true {
      let output = try command.read()
      words = Array((words + output.stderr).suffix(Self.wordsKept))
      guard Output.write(output.stdout, to: unpack.descriptor) else {
        command.kill()
        try unpack.finish(near)
        throw LabError(.internalError, near, "can't be written")
      }
      guard let exit = output.exit else { continue }
      guard exit == .code(0) else {
        unpack.kill()
        throw LabError(.notFound, "\(node.node):\(far)", "can't be read", cause: Self.line(words))
      }
      try unpack.finish(near)
      return ExitCode.done
    }
  }

  private func copyIn() throws(LabError) -> Int32 {
    let (folder, name) = Self.parts(near)
    guard access(near, R_OK) == 0 else { throw LabError(.notFound, near, "can't be read", cause: String(cString: strerror(errno))) }
    var command = try NodeCommand(
      place, ExecRequest(node: node, argv: ["sh", "-c", Self.settle, "sh", far, name], timeout: Limits.deadline, input: .stream))
    let pack = try LocalProgram(["tar", "-C", folder, "-cf", "-", "--", name], pipe: .output)
    _ = try CommandInput.start(place, command, from: pack.descriptor, isTerminal: false)
    var words: [UInt8] = []
    while true {
      let output = try command.read()
      words = Array((words + output.stderr).suffix(Self.wordsKept))
      guard let exit = output.exit else { continue }
      guard exit == .code(0) else {
        pack.kill()
        throw LabError(.failedPrecondition, "\(node.node):\(far)", "can't be written", cause: Self.line(words))
      }
      try pack.finish(near)
      return ExitCode.done
    }
  }

  private static let wordsKept = 512

  private static func line(_ words: [UInt8]) -> String {
    String(decoding: words, as: UTF8.self).split(separator: "\n").last.map(String.init) ?? ""
  }
}
