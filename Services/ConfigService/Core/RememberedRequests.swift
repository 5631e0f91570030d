public import Model

/// Results of requests that changed something, so that a repetition finds its own: bounded per sender, the oldest forgotten first.
public struct RememberedRequests: Sendable {
  private var results: [PeerName: [RequestID: Revision]] = [:]
  private var order: [PeerName: [RequestID]] = [:]

  public init() {}

  public subscript(_ peer: PeerName, _ id: RequestID) -> Revision? { results[peer]?[id] }

  /// Remembers a result; what had to be forgotten for it is returned, so that the store forgets it too.
  public mutating func remember(_ peer: PeerName, _ id: RequestID, _ revision: Revision) -> [RequestID] {
    results[peer, default: [:]][id] = revision
    order[peer, default: []].append(id)
    guard let known = order[peer], known.count >= 2 * Limits.rememberedRequests else { return [] }
    let forgotten = Array(known.prefix(Limits.rememberedRequests))
    order[peer]?.removeFirst(Limits.rememberedRequests)
    for old in forgotten { results[peer]?[old] = nil }
    return forgotten
  }
}
