extension Action {
  /// In words, as the black box names it; nothing of a node's configuration, environment or command is in them.
  public var words: String {
    switch self {
    case .unpatch(let device): "unpatch \(device)"
    case .deleteTap(let key): "delete tap \(key)"
    case .deleteTunnel(let key): "delete tunnel \(key)"
    case .deleteSandbox(let key): "delete sandbox \(key)"
    case .makeSandbox(let key): "make sandbox \(key)"
    case .makeTap(let key, _, let mtu, let addressing, _):
      "make tap \(key), mtu \(mtu)\(addressing.addresses.map { ", \($0)" }.joined())"
    case .makeTunnel(let key, let tunnel): "make tunnel \(key), VNI \(tunnel.vni) to \(tunnel.remote)"
    case .makeProbe(let probe): "make the probe tunnel, VNI \(probe.vni)"
    case .deleteProbe: "delete the probe tunnel"
    case .makeSegment(let lab, let segment):
      "make the management network of \(lab), \(segment.gateways.map(\.description).joined(separator: " and "))"
        + (segment.ports.isEmpty ? "" : ", \(segment.ports.count) ports")
    case .deleteSegment(let lab): "delete the management network of \(lab)"
    case .setMTU(let device, let mtu): "set mtu of \(device) to \(mtu)"
    case .patch(let device, let peer): "patch \(device) to \(peer)"
    case .setCarrier(let key, let isUp): "set carrier of tap \(key) \(isUp ? "up" : "down")"
    case .raiseTunnel(let key): "raise tunnel \(key)"
    case .start(let node, let record): "start node \(node.key), start \(node.startSerial), restarts \(record.restarts)"
    case .stop(let key, let grace): "stop node \(key), grace \(grace) ms"
    case .remove(let key): "remove node \(key)"
    }
  }
}
