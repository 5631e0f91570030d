import Arguments
import Model
import Testbed

/// `archetype testbed up`.
struct TestbedUp: Runnable {
  static let entry = Entry(
    Command(
      "testbed up", "make virtual hosts on this machine, with a control plane",
      options: [
        .value("hosts", "N", "how many", standard: "2"), .value("mtu", "M", "of the underlay", standard: "1500"),
        .flag("docker", "an engine in each host"), .flag("ipv6", "an underlay of IPv6 addresses"),
        .flag("metrics", "each program serves its metrics to its own machine, at ports 9470 to 9476"), TestbedCommands.folder,
      ]),
    examples: ["archetype testbed up --hosts 2", "archetype testbed up --hosts 3 --dir /var/tmp/bed"],
    make: { (invocation) throws(LabError) in try TestbedUp(invocation) })

  private let invocation: Invocation
  private let testbed: Testbed
  private let hosts: Int
  private let mtu: Int

  private init(_ invocation: Invocation) throws(LabError) {
    self.invocation = invocation
    testbed = try TestbedCommands.testbed(invocation)
    hosts = try invocation.arguments.number("hosts", in: 1...250) ?? 2
    mtu = try invocation.arguments.number("mtu", in: 1280...65_535) ?? 1_500
  }

  func run() throws(LabError) -> Int32 {
    let arguments = invocation.arguments
    try testbed.up(
      hosts: hosts, mtu: mtu, docker: arguments.flag("docker"), ipv6: arguments.flag("ipv6"), metrics: arguments.flag("metrics"))
    if invocation.isJSON {
      let names = try testbed.hosts().map { JSON.string($0) }
      Output.json(.members(["bus": .string(testbed.busAddress), "hosts": .array(names)]))
    } else {
      Output.line("export ARCHETYPE_BUS=\(testbed.busAddress)")
    }
    return ExitCode.done
  }
}
