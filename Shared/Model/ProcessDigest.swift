extension NodeSpec {
  /// Changes when a change of the spec needs another process; `exec:` doesn't, it runs at the next start.
  public var processDigest: UInt64 {
    var hash = StableHash()
    hash.add(kind)
    hash.add(Self.separator)
    hash.add(image)
    hash.add(Self.separator)
    hash.add(startupConfig?.hex ?? "")
    hash.add(Self.separator)
    for (index, word) in command.enumerated() {
      if index > 0 { hash.add("\u{1f}") }
      hash.add(word)
    }
    for part in environment.map({ "\($0.name)=\($0.value)" }) + binds + files.map({ "\($0.path) \($0.content) \($0.mode)" }) {
      hash.add(Self.separator)
      hash.add(part)
    }
    // What says nothing adds nothing: such nodes' digests are those of agents that knew no containers.
    for part in container.isEmpty ? [] : container.words {
      hash.add(Self.separator)
      hash.add(part)
    }
    return hash.value
  }

  private static let separator = "\u{1e}"
}
