import Kernel
import Model

/// What bears the mark of a lab's management network here, and what it comes to.
struct SegmentDevices {
  var segment: ManagementSegment
  /// Numbers of devices in the fabric.
  var all: [UInt32]
  /// Those that aren't what their mark says.
  var strays: [UInt32]
  var hasRules: Bool
}

/// Devices of management networks, as they are found.
struct SegmentParts {
  private struct Part {
    var bridge: Device?
    var gate: Device?
    var all: [UInt32] = []
    var strays: [UInt32] = []
    /// The digest in the mark, and whether there are as many as it says.
    var rules: (digest: UInt64, areWhole: Bool)?
  }
  private var parts: [LabKey: Part] = [:]

  var isEmpty: Bool { parts.isEmpty }

  /// What taps that are ports of it are patched to; nil: it isn't the one.
  mutating func add(bridge device: Device, of lab: LabKey, in deployment: Deployment) -> DeviceKey? {
    parts[lab, default: Part()].all.append(device.index)
    guard device.name == DeviceName.bridge(of: lab, in: deployment), device.state.kind == .bridge else {
      parts[lab]?.strays.append(device.index)
      return nil
    }
    parts[lab]?.bridge = device
    return .segment(lab)
  }

  /// Nothing is patched to a gate.
  mutating func add(gate device: Device, of lab: LabKey, in deployment: Deployment) -> DeviceKey? {
    parts[lab, default: Part()].all.append(device.index)
    if device.name == DeviceName.gate(of: lab, in: deployment), device.state.kind == .veth {
      parts[lab]?.gate = device
    } else {
      parts[lab]?.strays.append(device.index)
    }
    return nil
  }

  /// A table of another name isn't the one, and nobody's.
  mutating func add(rules: RuleTable, _ digest: UInt64, count: Int, of lab: LabKey, in deployment: Deployment) {
    guard rules.name == DeviceName.hostGate(of: lab, in: deployment) else { return }
    parts[lab, default: Part()].rules = (digest, rules.rules == count)
  }

  func segments(_ host: HostSide, _ deployment: Deployment) -> [LabKey: SegmentDevices] {
    Dictionary(
      uniqueKeysWithValues: parts.map { lab, part in
        let gate = part.gate.flatMap { $0.state.peer?.namespace != nil && $0.state.peer?.namespace == host.namespace ? $0 : nil }
        let end = gate?.nodeEnd.flatMap { $0.name == DeviceName.hostGate(of: lab, in: deployment) ? $0 : nil }
        let gateways = (end.flatMap { host.addresses[$0.index] } ?? []).sorted { ($0.subnet, $0.description) < ($1.subnet, $1.description) }
        let isJoined = gate?.state.master != nil && gate?.state.master == part.bridge?.index
        return (
          lab,
          SegmentDevices(
            segment: ManagementSegment(
              gateways: gateways, mtu: end?.mtu ?? 0, rules: part.rules?.digest,
              isWhole: part.rules?.areWhole != false && part.strays.isEmpty && isJoined && part.bridge?.state.isUp == true
                && gate?.state.isUp == true
                && end?.isUp == true),
            all: part.all, strays: part.strays, hasRules: part.rules != nil)
        )
      })
  }
}
