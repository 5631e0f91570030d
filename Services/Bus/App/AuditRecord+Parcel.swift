import HubCore
import Machine
import Model
import Wire

extension AuditRecord {
  /// Longer texts are cut: who asks chooses them.
  private static let mostText = 160

  /// - Parameter refusal: why it isn't passed on; empty: it is.
  init(_ parcel: Parcel, from peer: PeerName, _ key: PeerName?, _ refusal: String, at now: Now) {
    let envelope = (try? Envelope(decoding: parcel.envelope)) ?? Envelope(kind: "")
    // What is long or can't be read is known by its id: a job's is its request's.
    let secret = parcel.secret ?? []
    let request = envelope.parts == 1 ? try? Codec.decodeRequest(kind: envelope.kind, body: envelope.body, secret: secret) : nil
    self.init(
      number: 0, at: now.wall, peer: peer, key: key, kind: Self.cut(envelope.kind), requestID: Self.cut(envelope.requestID),
      subject: Self.cut(request?.subject ?? ""), refusal: Self.cut(refusal))
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count <= mostText ? text : text.prefix(mostText) + "…"
  }
}

extension Request {
  /// What it is about, without anything that may be secret.
  fileprivate var subject: String {
    switch self {
    case .jobs(let request): request.subject
    case .agent(.exec(let exec)): ([exec.node.description] + exec.argv).joined(separator: " ")
    case .agent(.imageTask(.pull(let image))): "pull \(image)"
    case .agent(.imageTask(.load)): "load"
    case .configs(.recover(let incarnation, _)): "\(incarnation)"
    case .configs(.getBlob(let digest)): "\(digest)"
    case .configs, .agent, .reconciler, .peer: ""
    }
  }
}

extension JobsRequest {
  fileprivate var subject: String {
    switch self {
    case .applyLab(let lab, let reconfigure): "\(lab.name)" + (reconfigure ? " --reconfigure" : "")
    case .destroyLab(let lab): "\(lab)"
    case .setNodes(let lab, let verb, let nodes): (["\(verb.rawValue) \(lab)"] + nodes.map(\.text)).joined(separator: " ")
    case .cancel(let job): "\(job)"
    case .registerHost(let spec): "\(spec.name)"
    case .forgetHost(let host): "\(host)"
    case .restrainHost(let host, let restraint): "\(host) \(restraint?.rawValue ?? "none")"
    case .planLab(let lab, _): "\(lab.name)"
    case .show(let job): "\(job)"
    case .list: ""
    }
  }
}
