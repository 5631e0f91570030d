import Bus
import Model

/// The keys of a testbed's peers.
enum Keyring {
  /// Makes the hub's keys and one pair for each host's agent, in the folders that the programs are given.
  static func make(_ layout: Layout, _ hosts: [String]) throws(LabError) {
    let hub = layout.keys("bus")
    try Keys.makeHub(hub)
    for host in hosts {
      try Keys.makePeer(name: try PeerName("agent/\(host)"), hubFolder: hub, peerFolder: layout.keys(host))
    }
  }
}
