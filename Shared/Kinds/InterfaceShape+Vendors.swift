/// Spellings that several kinds share.
extension InterfaceShape {
  static let eth = InterfaceShape(["eth", .number(1)])
  static let swp = InterfaceShape(["swp", .number(1)])
  /// Juniper: FPC 0, PIC 0, ports from 0.
  static let ge000 = InterfaceShape(["ge-0/0/", .number(0)])
  static let xe000 = ge000.spelled("xe-0/0/")
  static let et000 = ge000.spelled("et-0/0/")
  /// IOS XR: rack 0, slot 0, module 0, ports from 0.
  static let gigabit0000 = InterfaceShape(["GigabitEthernet0/0/0/", .number(0)])
  static let gigabit0 = InterfaceShape(["GigabitEthernet0/", .number(0)])
  static let ethernet = InterfaceShape(["Ethernet", .number(1)])
  static let ethernet1 = InterfaceShape(["Ethernet1/", .number(1)])
  /// IOS XE on a virtual machine: GigabitEthernet1 is management.
  static let gigabitFrom1 = InterfaceShape(["GigabitEthernet", .number(1)], base: 0)
  /// SONiC numbers lanes, four to a port.
  static let lanes = InterfaceShape(["Ethernet", .number(0, step: 4)])

  static let xr: [InterfaceShape] = [
    gigabit0000, gigabit0000.spelled("Gi0/0/0/"), gigabit0000.spelled("TenGigE0/0/0/"), gigabit0000.spelled("TenGigabitEthernet0/0/0/"),
    gigabit0000.spelled("Te0/0/0/"),
  ]
  static let junos: [InterfaceShape] = [ge000, et000, xe000]
  static let xe: [InterfaceShape] = [gigabitFrom1, gigabitFrom1.spelled("Gi")]

  /// cEOS: port N, and lane M of port N (breakout), which containerlab writes `ethN_M`.
  static let eosDevices: [InterfaceShape] = [
    InterfaceShape(["eth", .number(1, count: 2048)]),
    InterfaceShape(["eth", .number(1, count: 128), "_", .number(1, count: 8)], base: 2049),
  ]
  private static let eosEthernet = InterfaceShape(["Ethernet", .number(1, count: 2048)])
  static let eosVendor: [InterfaceShape] = [
    eosEthernet, eosEthernet.spelled("Et"), InterfaceShape(["Ethernet", .number(1, count: 128), "/", .number(1, count: 8)], base: 2049),
    InterfaceShape(["Et", .number(1, count: 128), "/", .number(1, count: 8)], base: 2049),
  ]

  /// IOL: four ports a slot, and Ethernet0/0 is management.
  static let iol = InterfaceShape(["Ethernet", .number(0, count: 256), "/", .number(0, count: 4)], base: 0)

  /// SR Linux: line card and port, and channel of a breakout. 64 is more than the ports of any of its cards.
  static func srlinux(_ prefix: String, _ separator: String) -> [InterfaceShape] {
    let separator = Part.literal(separator)
    return [
      InterfaceShape([.literal(prefix), .number(1, count: 31), separator, .number(1, count: 64)]),
      InterfaceShape(
        [.literal(prefix), .number(1, count: 4), separator, .number(1, count: 64), separator, .number(1, count: 8)], base: 2048),
    ]
  }

  /// SR OS: card, MDA and port; with a connector; with an XIOM. Together they fit the limit of interfaces of a node.
  static func sros(_ prefix: String, _ separator: String) -> [InterfaceShape] {
    let separator = Part.literal(separator)
    let card: [Part] = prefix.isEmpty ? [] : [.literal(prefix)]
    let connector: [Part] = [separator, "c", .number(1, count: 36), separator, .number(1, count: 10)]
    let mda: [Part] = [separator, .number(1, count: 2)]
    let xiom: [Part] = [separator, "x", .number(1, count: 2), separator, .number(1, count: 2)]
    return [
      InterfaceShape(card + [.number(1, count: 6)] + mda + [separator, .number(1, count: 60)]),
      InterfaceShape(card + [.number(1, count: 4)] + mda + connector, base: 721),
      InterfaceShape(card + [.number(1, count: 2)] + xiom + [separator, .number(1, count: 20)], base: 3601),
      InterfaceShape(
        card + [.number(1, count: 2)] + xiom + [separator, "c", .number(1, count: 12), separator, .number(1, count: 2)], base: 3761),
    ]
  }
}
