import Glibc
public import Model

/// The devices that labs need of a kernel, made once in namespaces of their own and gone with this: what a kernel can do is only known by doing it.
public final class KernelTrial {
  private let pins: NamespacePins
  private let table: LinuxLinkTable
  private let lab: LabKey
  private let host: HostName
  private let deployment = Deployment(random: UInt64.random(in: 1...UInt64.max))

  /// - Parameter folder: on a tmpfs; made here and removed.
  /// - Throws: where namespaces can't be made: without root, and where the kernel has none.
  public init(folder: String) throws(LabError) {
    lab = LabKey(try LabName("trial"), born: Revision(1))
    host = try HostName("trial")
    do throws(KernelError) {
      pins = try NamespacePins(folder: folder)
      let fabric = try Fabric.open(in: pins)
      table = try LinuxLinkTable(fabric: fabric, host: try pins.openOrCreate("host"), sandboxes: folder)
    } catch { throw error.labError("namespaces") }
  }

  deinit {
    for name in (try? pins.list()) ?? [] { try? pins.unpin(name) }
    try? pins.remove()
  }

  /// Two nodes' interfaces, joined.
  public func makeCable() throws(LabError) {
    let nodes = [NodeKey(lab, try NodeName("a"), born: Revision(1)), NodeKey(lab, try NodeName("b"), born: Revision(1))]
    let ordinal = try Ordinal(1)
    do throws(KernelError) {
      var ends: [UInt32] = []
      for outcome in pins.createMany(nodes.map(\.name.text)) { try outcome.get() }
      let specs = nodes.map { node in
        TapSpec(
          name: DeviceName.tap(node, ordinal, in: deployment), sandbox: pins.path(node.name.text), nodeName: "eth1",
          nodeIndex: LinkLimits.nodeIndex(of: ordinal), mac: MACAddress(of: node, ordinal, in: deployment), mtu: 1_500, group: 1,
          alias: Mark(deployment: deployment, host: host, subject: .tap(node, ordinal)).alias, isUp: true)
      }
      for outcome in table.createTaps(specs) { ends.append(try outcome.get()) }
      let patch = [Redirection(from: ends[0], to: ends[1]), Redirection(from: ends[1], to: ends[0])]
      for case let error? in table.patch(patch) { throw error }
    } catch { throw error.labError("cable") }
  }

  /// A tunnel to another host.
  public func makeTunnel() throws(LabError) {
    let ends = [Endpoint(try NodeName("a"), try Ordinal(2)), Endpoint(try NodeName("far"), try Ordinal(1))]
    let mark = Mark(deployment: deployment, host: host, subject: .tunnel(lab, near: ends[0], far: ends[1]))
    // The underlay is the scratch host's loopback device.
    let tunnel = TunnelSpec(
      name: "trial", vni: try VNI(1), local: try IPAddress("127.0.0.1"), remote: try IPAddress("127.0.0.2"), mtu: 1_450, group: 1,
      alias: mark.alias)
    do throws(KernelError) {
      for outcome in table.createTunnels([tunnel]) { _ = try outcome.get() }
    } catch { throw error.labError("tunnel") }
  }

  /// A management network.
  public func makeSegment() throws(LabError) {
    let wish = AssignedManagement(gateways: [try InterfaceAddress("203.0.113.1/24")], mtu: 1_500)
    do throws(KernelError) {
      _ = try table.ensureSegment(SegmentSpec(lab, wish, in: deployment, on: host, group: 1)).get()
    } catch { throw error.labError("management network") }
  }
}
