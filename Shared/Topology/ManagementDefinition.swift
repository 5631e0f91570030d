internal import Model

/// What `mgmt:` of a file says.
struct ManagementDefinition {
  typealias Text = TopologyFile.Text

  private var texts: [String: Text] = [:]

  init(_ node: YAMLNode, _ findings: inout Findings) {
    guard let section = Section(node, KnownKeys.mgmt, "mgmt", &findings) else { return }
    for key in KnownKeys.mgmt.supported { texts[key] = section.text(key, &findings) }
  }

  /// Nothing but that there is a network.
  init() {}

  func spec(_ findings: inout Findings) -> ManagementSpec {
    var spec = ManagementSpec(
      ipv4: family("ipv4", isIPv6: false, isWanted: true, &findings),
      ipv6: family("ipv6", isIPv6: true, isWanted: texts["ipv6-subnet"] != nil, &findings))
    if let text = texts["mtu"] {
      // Less than 1280 bytes carry no IPv6 (RFC 8200, section 5).
      let least = spec.ipv6 == nil ? Limits.mtu.lowerBound : 1_280
      if let mtu = Int(text.text), (least...Limits.mtu.upperBound).contains(mtu) {
        spec.mtu = mtu
      } else {
        findings.error(text.mark, "mtu", "mtu \(text.text) of mgmt is not \(least) to \(Limits.mtu.upperBound)")
      }
    }
    if let text = texts["external-access"] {
      spec.reachesOutside = text.text == "true"
      if text.text != "true", text.text != "false" {
        findings.error(text.mark, "external-access", "external-access \(text.text) is neither true nor false")
      }
    }
    return spec
  }

  private func family(_ name: String, isIPv6: Bool, isWanted: Bool, _ findings: inout Findings) -> ManagementSpec.Family? {
    guard isWanted else { return nil }
    var family = ManagementSpec.Family()
    if let text = texts["\(name)-subnet"], text.text != "auto" {
      do throws(LabError) {
        let subnet = try Subnet(text.text)
        if subnet.isIPv6 != isIPv6 { throw LabError(.invalidArgument, text.text, "is of the other family") }
        // Fewer have no room for a gateway and a node; containerlab's own are much smaller than this.
        if subnet.room < 2 { throw LabError(.invalidArgument, text.text, "has no room for the hosts' address and a node's") }
        if subnet.length < (isIPv6 ? 32 : 8) { throw LabError(.invalidArgument, text.text, "is too large (at least /\(isIPv6 ? 32 : 8))") }
        family.subnet = subnet
      } catch { findings.error(text.mark, "\(name)-subnet", error.description) }
    }
    guard let text = texts["\(name)-gw"] else { return family }
    do throws(LabError) {
      let gateway = try IPAddress(text.text)
      guard let subnet = family.subnet else {
        throw LabError(.invalidArgument, text.text, "is an address of no subnet (write \(name)-subnet too)")
      }
      if !subnet.isForHosts(gateway) { throw LabError(.invalidArgument, text.text, "is not an address for a host of \(subnet)") }
      family.gateway = gateway
    } catch { findings.error(text.mark, "\(name)-gw", error.description) }
    return family
  }
}

extension Resolver {
  /// What the merged levels say of a node's interface 0.
  func management(_ merged: NodeDefinition, _ variables: MagicVariables, _ findings: inout Findings) -> NodeManagement {
    var management = NodeManagement(isOff: merged.networkMode?.text == "none")
    for (key, text, isIPv6) in [("mgmt-ipv4", merged.ipv4, false), ("mgmt-ipv6", merged.ipv6, true)] {
      guard let text else { continue }
      let wish = variables.expand(text.text)
      do throws(LabError) {
        let address = try IPAddress(wish)
        if address.isIPv6 != isIPv6 { throw LabError(.invalidArgument, wish, "is of the other family") }
        if management.isOff { throw LabError(.invalidArgument, wish, "network-mode none has no management address") }
        management.addresses.append(address)
      } catch { findings.error(text.mark, key, error.description) }
    }
    for text in merged.ports {
      do throws(LabError) {
        let ports = try PortText(variables.expand(text.text)).ports
        if management.isOff { throw LabError(.invalidArgument, "port \(text.text)", "network-mode none has no management address") }
        for port in ports {
          if let other = management.ports.first(where: { $0.collides(with: port) }) {
            throw LabError(.invalidArgument, "port \(text.text)", "\(port.place) of the host is there twice (\(other.place))")
          }
          management.ports.append(port)
        }
      } catch { findings.error(text.mark, "ports", error.description) }
    }
    return management
  }
}
