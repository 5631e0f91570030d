import Model

/// What a program's figure is to Prometheus.
struct FigureMetric {
  /// After `archetype_`.
  var name: String
  var help: String
  var type: MetricType = .gauge

  /// One whose name isn't in the table is a gauge of that name: a newer service's.
  static func of(_ figure: Figure, of program: String) -> FigureMetric {
    (program == "\(PeerName.bus)" ? ofBus : ofOthers)[figure.name]
      ?? FigureMetric(name: figure.name, help: "The figure '\(figure.name)' of this service.")
  }

  static let ofOthers: [String: FigureMetric] = [
    "revision": FigureMetric(name: "revision", help: "Revision of the intent that this service has, or that this host has applied."),
    "labs": FigureMetric(name: "labs", help: "Labs that this service knows."),
    "hosts": FigureMetric(name: "hosts", help: "Hosts that this service knows."),
    "nodes": FigureMetric(name: "nodes", help: "Nodes that run on this host."),
    "actions": FigureMetric(name: "actions_total", help: "Changes that the agent has made to its host.", type: .counter),
    "session": FigureMetric(name: "session", help: "1 while the reconciler has a session of this agent."),
    "blobs": FigureMetric(name: "blobs", help: "Contents in the store."),
    "suspended": FigureMetric(name: "suspended", help: "1 while the store lacks changes that hosts have seen, and nothing is changed."),
    "full": FigureMetric(name: "disk_full", help: "1 while the store's disk is nearly full, and nothing new is stored."),
    "event": FigureMetric(name: "last_event", help: "Number of the newest event in the log."),
    "held": FigureMetric(name: "held_questions", help: "Questions that wait until hosts have reported."),
    "running": FigureMetric(name: "running_jobs", help: "Jobs under way."),
    "unstored": FigureMetric(name: "unstored_operations", help: "Operations that are not stored yet."),
    "unplanned": FigureMetric(name: "unplanned_labs", help: "Labs whose cables are to be planned."),
    "tombstones": FigureMetric(name: "tombstones", help: "Freed network identifiers that rest."),
    "refused": FigureMetric(name: "refused_total", help: "What the engine asked for and was refused.", type: .counter),
  ]

  static let ofBus: [String: FigureMetric] = [
    "peers": FigureMetric(name: "bus_peers", help: "Peers that the bus has admitted."),
    "tappers": FigureMetric(name: "bus_tappers", help: "Connections that read along."),
    "forwarded": FigureMetric(name: "bus_forwarded_total", help: "Requests and answers forwarded.", type: .counter),
    "published": FigureMetric(name: "bus_published_total", help: "Events published.", type: .counter),
    "unavailable": FigureMetric(name: "bus_unavailable_total", help: "Messages to peers that were not there.", type: .counter),
    "full": FigureMetric(name: "bus_refused_total", help: "Messages to peers that didn't read.", type: .counter),
    "forbidden": FigureMetric(name: "bus_forbidden_total", help: "Messages that their sender had no right to.", type: .counter),
    "strange": FigureMetric(name: "bus_strange_total", help: "Messages that are none.", type: .counter),
    "dropped": FigureMetric(name: "bus_dropped_total", help: "Events that a follower didn't take.", type: .counter),
  ]
}
