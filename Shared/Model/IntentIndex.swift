/// What follows from intent's records and would cost a look at all of them: kept as they change, so that a question costs what it is about.
///
/// Only `Intent` writes it, with the record that it follows from.
public struct IntentIndex: Sendable, Hashable {
  /// Whose cable has each VNI that is in use.
  public private(set) var owners: [VNI: LabName] = [:]
  /// How many nodes of each lab each host is to run.
  public private(set) var placed: [HostName: [LabName: Int]] = [:]
  /// How many nodes of each lab each host is told of, by what is projected.
  public private(set) var told: [HostName: [LabName: Int]] = [:]

  init() {}

  /// Nodes that a host is to run.
  ///
  /// - Parameter lab: its nodes aren't counted.
  public func nodes(on host: HostName, except lab: LabName? = nil) -> Int {
    placed[host]?.reduce(0) { $1.key == lab ? $0 : $0 + $1.value } ?? 0
  }

  mutating func cables(of name: LabName, _ old: Segments?, became new: Segments?) {
    let (gone, come) = Self.difference(old?.vnis ?? [], new?.vnis ?? [])
    for vni in gone where owners[vni] == name { owners[vni] = nil }
    for vni in come { owners[vni] = name }
  }

  mutating func nodes(of name: LabName, _ old: Lab?, became new: Lab?) { Self.move(name, old, new, in: &placed) }

  mutating func projection(of name: LabName, _ old: Lab?, became new: Lab?) { Self.move(name, old, new, in: &told) }

  private static func move(_ name: LabName, _ old: Lab?, _ new: Lab?, in table: inout [HostName: [LabName: Int]]) {
    let (gone, come) = difference(old?.nodes.map(\.host) ?? [], new?.nodes.map(\.host) ?? [])
    for host in come { table[host, default: [:]][name, default: 0] += 1 }
    for host in gone {
      guard let count = table[host]?[name] else { continue }
      table[host]?[name] = count > 1 ? count - 1 : nil
      if table[host]?.isEmpty == true { table[host] = nil }
    }
  }

  /// What is between the beginning and the end that both have: a change of a lab leaves most of it where it is.
  private static func difference<Element: Equatable>(_ old: [Element], _ new: [Element]) -> (ArraySlice<Element>, ArraySlice<Element>) {
    var begin = 0
    while begin < old.count, begin < new.count, old[begin] == new[begin] { begin += 1 }
    var end = 0
    while end < old.count - begin, end < new.count - begin, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
    return (old[begin..<(old.count - end)], new[begin..<(new.count - end)])
  }
}
