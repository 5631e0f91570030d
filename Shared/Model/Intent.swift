/// A record of the intent store by its name.
public enum RecordKey: Sendable, Hashable {
  case lab(LabName)
  case segments(LabName)
  case projection(LabName)
  case tombstone(VNI)
  case host(HostName)
  case job(JobID)
  case assigned(HostName)
  case restraint(HostName)
}

/// One record's new content; nil: it goes.
public indirect enum RecordChange: Sendable, Hashable {
  case lab(LabName, Lab?)
  case segments(LabName, Segments?)
  /// The last complete version of a lab whose newest isn't complete yet: hosts are told this one meanwhile. Written by the config service.
  case projection(LabName, Projection?)
  case tombstone(VNI, Tombstone?)
  case host(HostName, HostSpec?)
  case job(JobID, Job?)
  /// The revision that last changed a host's assignment. Written by the config service.
  case assigned(HostName, Revision?)
  case restraint(HostName, Restraint?)

  public var key: RecordKey {
    switch self {
    case .lab(let name, _): .lab(name)
    case .segments(let name, _): .segments(name)
    case .projection(let name, _): .projection(name)
    case .tombstone(let vni, _): .tombstone(vni)
    case .host(let name, _): .host(name)
    case .job(let id, _): .job(id)
    case .assigned(let name, _): .assigned(name)
    case .restraint(let name, _): .restraint(name)
    }
  }

  public var isDeletion: Bool {
    switch self {
    case .lab(_, nil), .segments(_, nil), .projection(_, nil), .tombstone(_, nil), .host(_, nil), .job(_, nil), .assigned(_, nil),
      .restraint(_, nil):
      true
    case .lab, .segments, .projection, .tombstone, .host, .job, .assigned, .restraint: false
    }
  }
}

/// A lab as hosts are told it: complete, with the segments of its wiring.
public struct Projection: Sendable, Hashable {
  public var lab: Lab
  public var segments: Segments
  public init(lab: Lab, segments: Segments) {
    self.lab = lab
    self.segments = segments
  }

  /// What hosts are told of a lab: its newest version when the segments are those of its wiring, else the last complete one of the same lab.
  public static func of(lab: Lab?, segments: Segments?, held: Projection?) -> Projection? {
    guard let lab else { return nil }
    if let segments, segments.lab == lab.key, segments.wiring == lab.wiring { return Projection(lab: lab, segments: segments) }
    return held?.lab.key == lab.key ? held : nil
  }
}

/// One numbered difference of the intent store.
public struct IntentChange: Sendable, Hashable {
  public var revision: Revision
  public var changes: [RecordChange]
  public init(revision: Revision, changes: [RecordChange]) {
    self.revision = revision
    self.changes = changes
  }
}

/// All of intent at a revision. The config service's own state and every follower's mirror of it are this value.
public struct Intent: Sendable, Hashable {
  public var store: StoreIdentity
  public private(set) var revision: Revision
  public private(set) var labs: [LabName: Lab] = [:]
  public private(set) var segments: [LabName: Segments] = [:]
  /// Complete versions that are held while the newest isn't complete.
  public private(set) var held: [LabName: Projection] = [:]
  /// What hosts are told of each lab; follows from the three above.
  public private(set) var projections: [LabName: Projection] = [:]
  public private(set) var tombstones: [VNI: Tombstone] = [:]
  public private(set) var hosts: [HostName: HostSpec] = [:]
  public private(set) var jobs: [JobID: Job] = [:]
  public private(set) var assigned: [HostName: Revision] = [:]
  public private(set) var restraints: [HostName: Restraint] = [:]
  /// The revision that last changed each record, for compare-and-put; a record that isn't there has none.
  public private(set) var versions: [RecordKey: Revision] = [:]
  /// What follows from all of them.
  public private(set) var index = IntentIndex()

  public init(store: StoreIdentity, revision: Revision = .zero) {
    self.store = store
    self.revision = revision
  }

  public func version(of key: RecordKey) -> Revision { versions[key] ?? .zero }

  /// Applies the next change. The caller has checked that it is the next.
  public mutating func apply(_ change: IntentChange) {
    for record in change.changes { load(record, at: change.revision) }
    revision = change.revision
  }

  /// One record as a store or a snapshot holds it.
  public mutating func load(_ record: RecordChange, at revision: Revision) {
    switch record {
    case .lab(let name, let lab):
      index.nodes(of: name, labs[name], became: lab)
      labs[name] = lab
      project(name)
    case .segments(let name, let value):
      index.cables(of: name, segments[name], became: value)
      segments[name] = value
      project(name)
    case .projection(let name, let value):
      held[name] = value
      project(name)
    case .tombstone(let vni, let value): tombstones[vni] = value
    case .host(let name, let value): hosts[name] = value
    case .job(let id, let value): jobs[id] = value
    case .assigned(let name, let value): assigned[name] = value
    case .restraint(let name, let value): restraints[name] = value
    }
    versions[record.key] = record.isDeletion ? nil : revision
  }

  private mutating func project(_ name: LabName) {
    let projection = Projection.of(lab: labs[name], segments: segments[name], held: held[name])
    index.projection(of: name, projections[name]?.lab, became: projection?.lab)
    projections[name] = projection
  }

  public mutating func setRevision(_ revision: Revision) { self.revision = revision }

  /// Every record with the revision that last changed it, in an order that is the same everywhere.
  public var records: [VersionedRecord] {
    var all: [VersionedRecord] = []
    func add(_ record: RecordChange) { all.append(VersionedRecord(revision: version(of: record.key), record: record)) }
    for (name, value) in hosts.sorted(by: { $0.key < $1.key }) { add(.host(name, value)) }
    for (name, value) in labs.sorted(by: { $0.key < $1.key }) { add(.lab(name, value)) }
    for (name, value) in segments.sorted(by: { $0.key < $1.key }) { add(.segments(name, value)) }
    for (name, value) in held.sorted(by: { $0.key < $1.key }) { add(.projection(name, value)) }
    for (vni, value) in tombstones.sorted(by: { $0.key < $1.key }) { add(.tombstone(vni, value)) }
    for (id, value) in jobs.sorted(by: { $0.key < $1.key }) { add(.job(id, value)) }
    for (name, value) in assigned.sorted(by: { $0.key < $1.key }) { add(.assigned(name, value)) }
    for (name, value) in restraints.sorted(by: { $0.key < $1.key }) { add(.restraint(name, value)) }
    return all
  }
}

/// A record with the revision that last changed it.
public struct VersionedRecord: Sendable, Hashable {
  public var revision: Revision
  public var record: RecordChange
  public init(revision: Revision, record: RecordChange) {
    self.revision = revision
    self.record = record
  }
}
