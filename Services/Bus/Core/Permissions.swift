import Model

/// Who may speak to whom, publish what and follow what: the only place that says it.
///
/// Answers travel as requests do, so whoever may be asked may speak to whoever asks.
enum Permissions {
  static func maySend(_ from: PeerName, to: PeerName) -> Bool {
    switch (from, to) {
    case (.client, .client): false
    case (.client, _): true
    case (.agent, .configs), (.agent, .reconciler), (.agent, .agent), (.agent, .client): true
    case (.agent, .jobs), (.agent, .links), (.agent, .bus): false
    // Nobody has this name but the hub.
    case (.bus, _): false
    case (.configs, _), (.jobs, _), (.links, _), (.reconciler, _): true
    }
  }

  static func mayPublish(_ from: PeerName, _ topic: Topic) -> Bool {
    switch (from, topic) {
    case (.configs, .intent), (.configs, .assign): true
    case (.reconciler, .lab), (.reconciler, .all): true
    case (.configs, .lab), (.configs, .all), (.reconciler, .intent), (.reconciler, .assign): false
    case (.bus, _), (.jobs, _), (.links, _), (.agent, _), (.client, _): false
    }
  }

  /// - Parameter key: the name that the follower's key is bound to; nil: the local operator, who may be anyone.
  /// - Parameter role: of a command line's key.
  static func mayFollow(_ key: PeerName?, _ role: Role, _ topic: Topic) -> Bool {
    switch (key, topic) {
    case (nil, _): true
    case (.bus?, _): false
    case (.agent(let host)?, .assign(let other)): host == other
    case (.agent?, .intent), (.agent?, .lab), (.agent?, .all): false
    // Intent holds environments of nodes; a command line asks its questions instead.
    case (.client?, .intent): false
    case (.client?, .assign), (.client?, .lab), (.client?, .all): role >= .viewer
    case (.configs?, _), (.jobs?, _), (.links?, _), (.reconciler?, _): true
    }
  }

  /// Whether the tap, which shows everything but secrets, is for the holder of this key.
  static func mayTap(_ key: PeerName?, _ role: Role) -> Bool {
    switch key {
    case nil, .configs?, .jobs?, .links?, .reconciler?: true
    case .client?: role >= .operator
    case .bus?, .agent?: false
    }
  }

  /// A key is for one name; a command line's is for that name and all that begin with it and a dot, since each process is a peer.
  static func mayBe(_ name: PeerName, key: PeerName?) -> Bool {
    switch (key, name) {
    case (_, .bus): false
    case (nil, _): true
    case (.client(let held)?, .client(let wanted)): wanted == held || wanted.hasPrefix("\(held).")
    case (let held?, _): held == name
    }
  }
}
