import Model

/// How much intent comes to, kept as it changes: what is too long for a message could be told to nobody.
struct IntentSize: Sendable {
  /// Bytes of a record as it is sent.
  private let measure: @Sendable (RecordChange) -> Int
  private var sizes: [RecordKey: Int] = [:]
  private(set) var total = 0

  init(of intent: Intent, measure: @escaping @Sendable (RecordChange) -> Int) {
    self.measure = measure
    add(measured(intent.records.map(\.record)))
  }

  /// The sizes that these records will have.
  func measured(_ changes: [RecordChange]) -> [RecordKey: Int] {
    Dictionary(changes.map { ($0.key, size(of: $0)) }, uniquingKeysWith: { _, new in new })
  }

  func total(after new: [RecordKey: Int]) -> Int { new.reduce(total) { $0 + $1.value - (sizes[$1.key] ?? 0) } }

  mutating func add(_ new: [RecordKey: Int]) {
    total = total(after: new)
    for (key, size) in new { sizes[key] = size == 0 ? nil : size }
  }

  /// A lab's cables are counted with it, since they can't be refused any more: their ends' names are as long as in the lab itself.
  private func size(of change: RecordChange) -> Int {
    switch change {
    case .lab(_, let lab?): 2 * measure(change) + lab.spec.links.count * Self.cable
    case .tombstone(_, .some), .host(_, .some), .job(_, .some), .restraint(_, .some): measure(change)
    case .lab, .tombstone, .host, .job, .segments, .projection, .assigned, .restraint: 0
    }
  }

  /// Two hosts, two addresses, VNI and MTU.
  private static let cable = 64
}
