public import Model

/// What a topology file says, with all that is wrong with it.
public struct Resolution: Sendable, Hashable {
  /// As messages name it.
  public var file: String
  /// As written; empty when the file has none.
  public var name: String
  /// What the file asks for, without the content of files; nil when there are errors.
  /// Links and interfaces that are `unsupported` are not in it.
  public var lab: LabSpec?
  /// Nodes as written, whether supported or not.
  public var nodes: Int
  /// Links as written, whether supported or not.
  public var links: Int
  /// Why it is no topology, in the file's order.
  public var errors: [Problem]
  /// What is right in the file and can't be made yet: a warning for `validate`, refused by `deploy`.
  public var unsupported: [Problem]
  /// What is ignored or worth a look, in the file's order.
  public var warnings: [Problem]
  /// Startup configurations, whose content the caller has.
  public var startupConfigs: [StartupConfigReference]
  /// Files beside the topology that nodes bind, whose content the caller has.
  public var files: [NodeFileReference]

  public var isValid: Bool { errors.isEmpty }

  /// Everything that `validate` prints as a warning, in the file's order.
  public var allWarnings: [Problem] { (unsupported + warnings).sorted() }

  /// Why a deploy refuses it, nil if it doesn't. The subject is `FILE:LINE:COLUMN`.
  public var refusal: LabError? {
    if let problem = errors.first { return error(.invalidArgument, problem) }
    return unsupported.first.map { error(.unimplemented, $0) }
  }

  /// A problem of this file as an error.
  public func error(_ code: ErrorCode, _ problem: Problem) -> LabError {
    LabError(code, "\(file):\(problem.line):\(problem.column)", problem.message)
  }

  /// The lab with the content that the caller has read and stored.
  ///
  /// - Parameters:
  ///   - startupConfigs: of each node in `startupConfigs`.
  ///   - files: what each of `files` is: one file with an empty path, or a folder's files by their paths in it.
  /// - Throws: `refusal`, and `NOT_FOUND` with the line for content that isn't given.
  public func lab(
    startupConfigs contents: [NodeName: BlobDigest], files read: [NodeFileReference: [ReadFile]]
  ) throws(LabError) -> LabSpec {
    if let refusal { throw refusal }
    guard var lab else { throw LabError(.internalError, file, "resolved to nothing without an error") }
    for reference in startupConfigs where contents[reference.node] == nil { throw reference.missing(in: file) }
    for reference in files where read[reference] == nil { throw reference.missing(in: file) }
    let references = Dictionary(grouping: files, by: \.node)
    for index in lab.nodes.indices {
      let name = lab.nodes[index].name
      lab.nodes[index].startupConfig = contents[name]
      lab.nodes[index].files = (references[name] ?? []).flatMap { reference in
        (read[reference] ?? []).map { file in
          let path = file.path.isEmpty ? reference.target : "\(reference.target)/\(file.path)"
          return NodeFile(path: path, content: file.content, mode: file.mode)
        }
      }
    }
    return lab
  }
}

/// A node's `startup-config:`.
public struct StartupConfigReference: Sendable, Hashable {
  public var node: NodeName
  public var source: Source
  public var line: Int
  public var column: Int

  public enum Source: Sendable, Hashable {
    /// Path as written; a relative one counts from the topology's folder.
    case path(String)
    /// The configuration itself.
    case text(String)
  }

  func missing(in file: String) -> LabError {
    let what = if case .path(let path) = source { "startup-config \(path)" } else { "startup-config" }
    return LabError(.notFound, "\(file):\(line):\(column)", "\(what) of node \(node) can't be read")
  }
}

/// A bind whose source lies beside the topology: its content travels with the lab, since hosts don't have it.
public struct NodeFileReference: Sendable, Hashable {
  public var node: NodeName
  /// Path as written; a relative one counts from the topology's folder.
  public var source: String
  /// Absolute path in the node, of the file or folder.
  public var target: String
  public var line: Int
  public var column: Int

  func missing(in file: String) -> LabError {
    LabError(.notFound, "\(file):\(line):\(column)", "bind \(source) of node \(node) can't be read")
  }
}

/// One file that the caller has read.
public struct ReadFile: Sendable, Hashable {
  /// Below the folder that the reference names; empty when it names this file.
  public var path: String
  public var content: BlobDigest
  /// Permission bits.
  public var mode: UInt32
  public init(path: String, content: BlobDigest, mode: UInt32) {
    self.path = path
    self.content = content
    self.mode = mode
  }
}
