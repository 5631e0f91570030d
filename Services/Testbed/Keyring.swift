import Bus
import Model

/// The keys of a testbed's peers.
enum Keyring {
  /// Makes the hub's keys and one pair for each host's agent, in the folders that the programs are given.
  static func make(_ layout: Layout, _ hosts: [String]) throws(LabError) {
    try Files.makeFolders(layout.keys("bus"), mode: 0o700)
    for host in hosts { try Files.makeFolders(layout.keys(host), mode: 0o700) }
  }
}
