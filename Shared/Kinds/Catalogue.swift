public import Model

/// The kinds that are known: parsed, named, their interfaces rendered. `runtimes` says what can be run.
public enum Catalogue {
  public static let linux = Kind("linux", ["haproxy"], runtimes: [Kind.namespaceRuntime, Kind.dockerRuntime])

  public static let kinds: [Kind] = [linux] + nokia + arista + juniper + cisco + others + outside

  /// - Throws: `NOT_FOUND` for a name that is neither a kind nor an alias.
  public static func kind(_ name: String) throws(LabError) -> Kind {
    guard let kind = find(name) else { throw LabError(.notFound, name, "not a kind that is known (\(hint(for: name)))") }
    return kind
  }

  /// By name or alias.
  public static func find(_ name: String) -> Kind? { byName[name] }

  private static let byName: [String: Kind] = {
    var table: [String: Kind] = [:]
    for kind in kinds {
      for name in [kind.name] + kind.aliases { table[name] = kind }
    }
    return table
  }()

  private static func hint(for name: String) -> String {
    let word = name.lowercased()
    let near = byName.keys.filter { $0.contains(word) || word.contains($0) }.sorted()
    return near.isEmpty ? "such as linux, nokia_srlinux, arista_ceos" : "did you mean \(near.prefix(3).joined(separator: ", "))?"
  }

  private static let nokia = [
    Kind(
      "nokia_srlinux", ["srl"], devices: InterfaceShape.srlinux("e", "-"), vendor: InterfaceShape.srlinux("ethernet-", "/"),
      management: ["mgmt0", "eth0"]),
    Kind("nokia_sros", ["vr-sros", "vr-nokia_sros"], vendor: InterfaceShape.sros("", "/"), management: ["eth0", "A/1"]),
    Kind("nokia_srsim", devices: InterfaceShape.sros("e", "-"), vendor: InterfaceShape.sros("", "/"), management: ["eth0", "A/1"]),
  ]

  private static let arista = [
    Kind(
      "arista_ceos", ["ceos", "eos", "arista_eos"], devices: InterfaceShape.eosDevices, vendor: InterfaceShape.eosVendor,
      management: ["eth0", "Management0"], runtimes: [Kind.dockerRuntime], boot: .eos),
    Kind(
      "arista_veos", ["vr-veos", "vr-arista_veos"], vendor: [.ethernet1, .ethernet1.spelled("Et1/"), .ethernet, .ethernet.spelled("Et")],
      management: ["eth0", "Management1"]),
  ]

  private static let juniper = [
    Kind("juniper_crpd", ["crpd"]),
    Kind("juniper_csrx", ["csrx"], vendor: InterfaceShape.junos),
    Kind("juniper_vmx", ["vr-vmx", "vr-juniper_vmx"], vendor: InterfaceShape.junos, management: ["eth0", "fxp0"]),
    Kind("juniper_vqfx", ["vr-vqfx", "vr-juniper_vqfx"], vendor: [.xe000, .ge000, .et000], management: ["eth0", "em0"]),
    Kind(
      "juniper_vsrx", ["vr-vsrx", "vr-juniper_vsrx", "juniper_vsrx3"], vendor: InterfaceShape.junos, management: ["eth0", "fxp0"]),
    Kind(
      "juniper_vjunosrouter", ["vr-vjunosrouter", "vjunos-router", "vjunosrouter", "vjunos_router"], vendor: InterfaceShape.junos,
      management: ["eth0", "fxp0"]),
    Kind(
      "juniper_vjunosswitch", ["vr-vjunosswitch", "vjunos-switch", "vjunosswitch", "vjunos"], vendor: InterfaceShape.junos,
      management: ["eth0", "fxp0"]),
    Kind(
      "juniper_vjunosevolved", ["vr-vjunosevolved", "vjunos-evolved", "vjunosevolved", "vjunos_evolved"],
      vendor: [.et000, .ge000, .xe000], management: ["eth0", "re0:mgmt-0"]),
    Kind(
      "juniper_cjunosevolved", ["cjunosevolved", "juniper_cjunos", "cjunos", "cjunos-evolved", "cjunos_evolved"],
      vendor: [.et000, .ge000, .xe000], management: ["eth0", "re0:mgmt-0"]),
  ]

  private static let cisco = [
    Kind("cisco_xrv", ["vr-xrv", "vr-cisco_xrv"], vendor: InterfaceShape.xr, management: ["eth0", "MgmtEth0/0/CPU0/0"]),
    Kind(
      "cisco_xrv9k", ["vr-xrv9k", "vr-cisco_xrv9k", "cisco_iosxr", "iosxrv9000", "xrv9k"], vendor: InterfaceShape.xr,
      management: ["eth0", "MgmtEth0/RP0/CPU0/0"]),
    Kind(
      "cisco_xrd", ["xrd"], devices: [.gigabit0000.spelled("Gi0-0-0-")], vendor: InterfaceShape.xr,
      management: ["eth0", "MgmtEth0/RP0/CPU0/0"]),
    Kind(
      "cisco_xrd_vrouter", devices: [.gigabit0000.spelled("Gi0-0-0-")], vendor: InterfaceShape.xr,
      management: ["eth0", "MgmtEth0/RP0/CPU0/0"]),
    Kind("cisco_c8000", vendor: [.gigabit0000.spelled("HundredGigE0/0/0/"), .gigabit0000.spelled("Hu0/0/0/")] + InterfaceShape.xr),
    Kind("cisco_csr1000v", ["vr-csr", "vr-cisco_csr1000v", "csr", "csr1000v"], vendor: InterfaceShape.xe),
    Kind("cisco_c8000v", ["vr-c8000v", "vr-cisco_c8000v", "c8000v", "cat8000v", "cat-sdwan-edge"], vendor: InterfaceShape.xe),
    Kind(
      "cisco_cat9kv", ["vr-cat9kv", "vr-cisco_cat9kv", "cat9kv", "cisco_cat9000v_q200", "cisco_cat9000v_uadp"],
      vendor: [InterfaceShape(["GigabitEthernet1/0/", .number(1)]), InterfaceShape(["Gi1/0/", .number(1)])],
      management: ["eth0", "GigabitEthernet0/0"]),
    Kind("cisco_iol", ["iol", "iol-xe", "iol-l2"], vendor: [.iol, .iol.spelled("e"), .iol.spelled("Et")]),
    Kind(
      "cisco_vios", ["vr-vios", "vr-cisco_vios", "cisco_iosv", "iosv", "iosvl2"],
      vendor: [.gigabit0, .gigabit0.spelled("Gi0/"), .gigabit0.spelled("GigabitEthernet"), .gigabit0.spelled("Gi")]),
    Kind(
      "cisco_n9kv", ["vr-n9kv", "vr-cisco_n9kv", "n9kv", "nxos", "nxosv9000"],
      vendor: [.ethernet1, .ethernet1.spelled("Et1/"), .ethernet1.spelled("Eth1/")], management: ["eth0", "mgmt0"]),
    Kind("cisco_ftdv", ["ftdv"], vendor: [.gigabit0, .gigabit0.spelled("Gi0/")], management: ["eth0", "Management0/0"]),
    Kind("cisco_asav", vendor: [.gigabit0, .gigabit0.spelled("Gi0/")], management: ["eth0", "Management0/0"]),
    Kind("cisco_sdwan", ["cat-sdwan-controller", "cat-sdwan-manager", "cat-sdwan-validator"]),
  ]

  private static let others =
    [
      Kind("sonic-vs", vendor: [.lanes]),
      Kind("sonic-vm", vendor: [.lanes]),
      Kind("dell_sonic", vendor: [.lanes]),
      Kind("plvision_sonic", vendor: [.lanes]),
      Kind("dell_ftosv", ["vr-ftosv", "vr-dell_ftosv"], vendor: [InterfaceShape(["ethernet1/1/", .number(1)])]),
      Kind("aruba_aoscx", ["vr-aoscx", "vr-aruba_aoscx"], vendor: [InterfaceShape(["1/1/", .number(1)])]),
      Kind("paloalto_panos", ["vr-pan", "vr-paloalto_panos", "paloalto_vmseries"], vendor: [.ethernet1]),
      Kind("mikrotik_ros", ["vr-ros", "vr-mikrotik_ros"], vendor: [InterfaceShape(["ether", .number(1)], base: 0)]),
      Kind("fortinet_fortigate", ["vr-fortios", "vr-fortinet_fortigate"], vendor: [InterfaceShape(["port", .number(1)], base: 0)]),
      Kind("f5_bigip-ve", ["f5_bigip"], vendor: [InterfaceShape(["1.", .number(1)])]),
      Kind("ciena_saos", vendor: [InterfaceShape([.number(1)])]),
      Kind("nvidia_cumulusvx", vendor: [.swp]),
      Kind("cumulus_cvx", ["cvx"], devices: [.swp]),
      Kind("openbsd", vendor: [InterfaceShape(["vio", .number(0)], base: 0)]),
      Kind("freebsd", vendor: [InterfaceShape(["vtnet", .number(0)], base: 0)]),
      Kind("arrcus_arcos", vendor: [.swp]),
      Kind("spirent_stc", vendor: [InterfaceShape(["port", .number(1)])]),
      Kind("vyosnetworks_vyos", ["vyos"]),
    ]
    + [
      "6wind_vsr", "border0", "keysight_ixia-c-one", "ipinfusion_ocnos", "checkpoint_cloudguard", "rare", "huawei_vrp", "generic_vm",
      "fdio_vpp", "openwrt", "veesix_osvbng", "ostinato",
    ].map { Kind($0) }

  private static let outside = [
    Kind("bridge", role: .bridge), Kind("ovs-bridge", role: .bridge), Kind("host", role: .external),
    Kind("ext-container", role: .device, runtimes: [NodeSpec.externalRuntime]), Kind("k8s-kind", role: .device),
  ]
}
