/// What a host's operator has said of it; a host of which nothing was said takes part in everything. Written by the job service.
public enum Restraint: String, Sendable, Hashable, CaseIterable {
  /// Nothing new is placed on it; what it has stays.
  case cordoned
  /// Nothing is placed on it, and what isn't pinned to it goes elsewhere as soon as there is room.
  case drained
}
