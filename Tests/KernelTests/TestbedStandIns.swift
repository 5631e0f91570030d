import CLinux
import Glibc
import Model
import Testing

@testable import Testbed

extension Programs {
  /// Sleepers, in the place of all services and agents.
  static var sleepers: Programs {
    var programs = Programs.installed
    programs.arguments = { _, _, _ in ["/bin/sleep", "100000"] }
    programs.announce = false
    programs.makeKeys = { (layout, hosts) throws(LabError) in for host in hosts { try Files.makeFolders(layout.keys(host)) } }
    return programs
  }
}

extension Testbed {
  func shell(_ host: String, _ script: String) throws -> Int32 { try exec(host, ["/bin/sh", "-c", script]) }

  func ping(_ host: String, _ address: String) throws -> Bool {
    try shell(host, "ping -c1 -W2 \(address) >/dev/null 2>&1") == 0
  }

  /// What a script wrote, without the last line's end.
  func output(_ host: String, _ script: String) throws -> String {
    let file = folder + "/output"
    defer { unlink(file) }
    try #expect(exec(host, ["/bin/sh", "-c", "(\(script)) >\"$0\" 2>&1", file]) == 0)
    var text = Files.read(file) ?? ""
    if text.hasSuffix("\n") { text.removeLast() }
    return text
  }
}

func temporaryFolder() throws -> String {
  var name = Array("/tmp/archetype-testbed-XXXXXX".utf8CString)
  return String(cString: try #require(mkdtemp(&name)))
}

func clean(_ folder: String) { #expect(clinux_remove_tree(folder) == 0) }

/// Gives `body` a running testbed of sleepers, and removes it.
func withTestbed(hosts: Int, mtu: Int = 1500, ipv6: Bool = false, _ body: (Testbed) throws -> Void) throws {
  let folder = try temporaryFolder()
  defer { clean(folder) }
  let testbed = try Testbed(folder: folder + "/bed", programs: .sleepers)
  try testbed.up(hosts: hosts, mtu: mtu, ipv6: ipv6)
  do { try body(testbed) } catch {
    try testbed.down()
    throw error
  }
  try testbed.down()
  #expect(!Files.exists(testbed.folder))
}
