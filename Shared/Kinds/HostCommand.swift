public import Model

/// What the namespace runtime runs for an image: the host's own programs, since there is no image.
public struct HostCommand: Sendable, Hashable {
  /// Program and arguments; the program is an absolute path or found in `PATH`. Empty: the node's first process only waits.
  public var arguments: [String]
  /// Files that are put in place before it starts, in place of the host's own; the node's own files and binds win over them.
  public var files: [DefaultFile]
  /// Environment below the node's own.
  public var environment: [EnvironmentVariable]
  /// Where it looks for its startup configuration: an absolute path in the node.
  public var configPath = "/etc/archetype/startup-config"
  /// What `archetype console` runs.
  public var console = ["/bin/sh", "-c", "if command -v bash > /dev/null; then exec bash -l; else exec sh -l; fi"]

  public struct DefaultFile: Sendable, Hashable {
    /// Absolute path in the node.
    public var path: String
    public var content: String
    public var mode: UInt32
  }

  /// - Parameters:
  ///   - image: as the topology has it; registry, tag and digest don't count. Empty: a node without an image of its own.
  ///   - command: of the topology; empty: the image's.
  /// - Throws: `FAILED_PRECONDITION` for an image that none of the host's programs stand for.
  public static func of(image: String, command: [String] = []) throws(LabError) -> HostCommand {
    let name = repository(of: image)
    guard let entry = table.first(where: { $0.matches(name) }) else {
      throw LabError(
        .failedPrecondition, image, "the namespace runtime has no program of the host for this image (use a host with the Docker runtime)")
    }
    var program = entry.program
    // An image's own start script isn't on the host; what stands for the image already does its work.
    if !command.isEmpty && !entry.startScripts.contains(command) { program.arguments = command }
    return program
  }

  /// What talks to a user at a node of this image.
  public static func console(of image: String) -> [String] { (try? of(image: image))?.console ?? idle.console }

  /// `quay.io/frrouting/frr:8.4@sha256:…` → `frrouting/frr`.
  static func repository(of image: String) -> String {
    let bare = image.prefix { $0 != "@" }
    var parts = bare.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    if parts.count > 1, parts[0].contains(where: { $0 == "." || $0 == ":" }) || parts[0] == "localhost" { parts.removeFirst() }
    if let last = parts.popLast() { parts.append(String(last.prefix { $0 != ":" })) }
    return parts.joined(separator: "/").lowercased()
  }
}
