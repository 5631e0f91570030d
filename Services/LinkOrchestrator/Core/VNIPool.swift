import Model

/// Which VNIs may be given out, beside what intent says: those of Puts that are under way aren't free any more.
struct VNIPool: Sendable {
  private var reserved: [LabName: [VNI]] = [:]
  private var all: Set<VNI> = []
  /// Where the next one is looked for: none is free from the beginning to here, so that nobody looks through all that are in use.
  private(set) var floor = Self.least
  private var beginning = Self.least

  /// Below are those that people choose by hand.
  static let least: UInt32 = 4097

  /// Labs with a Put under way.
  var labs: [LabName] { Array(reserved.keys) }

  func isFree(_ vni: VNI, in intent: Intent) -> Bool {
    intent.index.owners[vni] == nil && intent.tombstones[vni] == nil && !all.contains(vni)
  }

  /// - Parameter floor: where the next one is looked for then.
  mutating func reserve(_ vnis: [VNI], for lab: LabName, floor: UInt32) {
    reserved[lab] = vnis
    all.formUnion(vnis)
    self.floor = floor
  }

  /// A lab's Put has ended: what it brought is in intent, and the rest is free again.
  mutating func release(_ lab: LabName, in intent: Intent?) {
    for vni in reserved.removeValue(forKey: lab) ?? [] {
      all.remove(vni)
      if intent?.index.owners[vni] == nil { free(vni) }
    }
  }

  /// A VNI has rested.
  mutating func free(_ vni: VNI) {
    if vni.number >= beginning { floor = min(floor, vni.number) }
  }

  /// With another copy of intent: anything may be free. A recovered store doesn't know which VNIs the lost time gave out, and a host may still
  /// send with them: each incarnation begins somewhere else.
  mutating func begin(in store: StoreIdentity) {
    beginning = Self.least
    if !store.predecessors.isEmpty { beginning += UInt32(StableHash.of(store.incarnation.text) % UInt64(15 << 20 - Self.least)) }
    floor = beginning
  }
}
