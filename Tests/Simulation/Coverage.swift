import AgentCore
import ConfigCore
import HubCore
import Machine
import ReconcilerCore

/// An event as it is counted: each case by its name, and by another one where it brings a failure.
protocol CountedEvent {
  static var names: [String] { get }
  var name: String { get }
}

/// Whether every case of every machine's events was ever fed.
public enum Coverage {
  /// Every case, `MACHINE.CASE`, sorted.
  public static var all: [String] {
    let machines: [(String, [String])] = [
      ("Hub", Hub<Payload>.Event.names), ("ConfigCore", ConfigCore.Event.names), ("JobCore", BusOnly.Event.names),
      ("LinkCore", BusOnly.Event.names), ("ReconcilerCore", ReconcilerCore.Event.names), ("AgentCore", AgentCore.Event.names),
    ]
    return machines.flatMap { machine, names in names.map { "\(machine).\($0)" } }.filter { !impossible.contains($0) }.sorted()
  }

  /// It follows no topic.
  private static let impossible: Set<String> = ["ConfigCore.bus.published"]
}

extension BusEvent: CountedEvent {
  private enum Case: String, CaseIterable { case request, reply, published, connected, disconnected }
  static var names: [String] { Case.allCases.map { "bus.\($0)" } }
  var name: String {
    let kind: Case =
      switch self {
      case .request: .request
      case .reply: .reply
      case .published: .published
      case .connected: .connected
      case .disconnected: .disconnected
      }
    return "bus.\(kind)"
  }
}

extension BusOnly.Event: CountedEvent {
  static var names: [String] { BusEvent.names + ["tick"] }
  var name: String {
    switch self {
    case .bus(let event): event.name
    case .tick: "tick"
    }
  }
}

extension Hub.Event: CountedEvent {
  static var names: [String] { HubCase.allCases.map(\.rawValue) }
  var name: String {
    let kind: HubCase =
      switch self {
      case .received: .received
      case .unroutable: .unroutable
      case .full: .full
      case .subscribed: .subscribed
      case .tapped: .tapped
      case .roles: .roles
      case .tick: .tick
      }
    return kind.rawValue
  }
}

private enum HubCase: String, CaseIterable { case received, unroutable, full, subscribed, tapped, roles, tick }

extension ConfigCore.Event: CountedEvent {
  private enum Case: String, CaseIterable { case tick, blobRead, blobMissing, disk, fullDisk, copied, copyFailed }
  static var names: [String] { BusEvent.names + Case.allCases.map(\.rawValue) }
  var name: String {
    let kind: Case
    switch self {
    case .bus(let event): return event.name
    case .tick: kind = .tick
    case .blobRead(_, let content): kind = content == nil ? .blobMissing : .blobRead
    case .disk(let free): kind = free == 0 ? .fullDisk : .disk
    case .copied(_, .success): kind = .copied
    case .copied(_, .failure): kind = .copyFailed
    }
    return kind.rawValue
  }
}

extension ReconcilerCore.Event: CountedEvent {
  private enum Case: String, CaseIterable { case tick, eventsRead }
  static var names: [String] { BusEvent.names + Case.allCases.map(\.rawValue) }
  var name: String {
    let kind: Case
    switch self {
    case .bus(let event): return event.name
    case .tick: kind = .tick
    case .eventsRead: kind = .eventsRead
    }
    return kind.rawValue
  }
}

extension AgentCore.Event: CountedEvent {
  private enum Case: String, CaseIterable {
    case tick, inventory, listed, unlisted, imageFound, imageMissing, imageUnknown, pullProgress, pulled, pullFailed, observed, performed,
      failed, assignmentSaved, assignmentUnsaved, blobSaved, blobUnsaved,
      blobLost, commandsEnded
    case readinessPassed, readinessFailed, answer, load, lacks
  }
  static var names: [String] { BusEvent.names + Case.allCases.map(\.rawValue) }
  var name: String {
    let kind: Case
    switch self {
    case .bus(let event): return event.name
    case .tick: kind = .tick
    case .inventory: kind = .inventory
    case .listed(_, .success): kind = .listed
    case .listed(_, .failure): kind = .unlisted
    case .imageFound(_, .success(let isThere)): kind = isThere ? .imageFound : .imageMissing
    case .imageFound(_, .failure): kind = .imageUnknown
    case .pullProgress: kind = .pullProgress
    case .pullEnded(_, let error): kind = error == nil ? .pulled : .pullFailed
    case .observed: kind = .observed
    case .performed(_, let failures, _): kind = failures.isEmpty ? .performed : .failed
    case .assignmentSaved(let error): kind = error == nil ? .assignmentSaved : .assignmentUnsaved
    case .blobSaved(_, let error): kind = error == nil ? .blobSaved : .blobUnsaved
    case .blobLost: kind = .blobLost
    case .commandsEnded: kind = .commandsEnded
    case .readinessTested(_, _, let failure): kind = failure == nil ? .readinessPassed : .readinessFailed
    case .answer: kind = .answer
    case .load: kind = .load
    case .lacks: kind = .lacks
    }
    return kind.rawValue
  }
}
