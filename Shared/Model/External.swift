/// Nodes that somebody else runs, such as a container that a user has started: a lab has their place and its cables, and no process.
extension NodeSpec {
  /// What hosts offer that have a place for them, beside the runtimes of nodes.
  public static let externalRuntime = "external"

  /// Nobody here starts or stops it: who takes its ends comes and goes.
  public var isExternal: Bool { runtimes == [Self.externalRuntime] }
}

extension TapKey {
  /// Of an end that somebody else makes and takes away: known by names alone, since he knows no revisions. So it is the same one whether or not
  /// there is such a lab, and in each of its lives.
  ///
  /// - Parameter ordinal: `management` for a place on the lab's management network; `name` is the place's own then.
  public init(external lab: LabName, _ name: NodeName, _ ordinal: Ordinal) {
    self.init(NodeKey(LabKey(lab, born: .zero), name, born: .zero), ordinal)
  }

  public var isExternal: Bool { node.lab.born == .zero }
}

/// What an engine calls one of its things, in hexadecimal digits.
public struct EngineID: Sendable, Hashable, CustomStringConvertible {
  public let text: String

  /// - Throws: `INVALID_ARGUMENT` for what no engine gives.
  public init(_ text: String) throws(LabError) {
    let isOne = (12...64).contains(text.utf8.count) && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
    guard isOne else { throw LabError(.invalidArgument, text, "is no id of an engine's (12 to 64 hexadecimal digits)") }
    self.text = text
  }

  public var description: String { text }
}

/// Where a container joins a lab.
public enum ExternalPlace: Sendable, Hashable {
  /// As the end of whatever link that interface of a node has which nobody here runs; never `management`.
  case interface(NodeName, Ordinal)
  /// On the lab's management network, as one of many.
  case management
}
