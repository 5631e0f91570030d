import Model
import Testing

@testable import Kinds

@Suite("Kinds and the names of their interfaces")
struct KindsTests {
  @Test("Every spelling of a kind's interface is the same ordinal")
  func spellings() throws {
    let table: [(kind: String, names: [String], ordinal: Int)] = [
      ("linux", ["eth1"], 1), ("linux", ["eth0"], 0), ("linux", ["eth4095"], 4095),
      ("ceos", ["eth1", "Ethernet1", "Et1", "ethernet1"], 1), ("arista_ceos", ["Management0", "eth0"], 0),
      ("arista_ceos", ["eth2_3", "Ethernet2/3"], 2059),
      ("srl", ["e1-1", "ethernet-1/1", "eth1"], 1), ("nokia_srlinux", ["mgmt0"], 0), ("nokia_srlinux", ["e2-3", "ethernet-2/3"], 67),
      ("nokia_srlinux", ["e1-1-2", "ethernet-1/1/2"], 2049),
      ("cisco_xrd", ["Gi0-0-0-0", "GigabitEthernet0/0/0/0", "Gi0/0/0/0", "eth1"], 1),
      ("vr-xrv9k", ["Te0/0/0/2", "GigabitEthernet0/0/0/2", "eth3"], 3),
      ("juniper_vjunosrouter", ["ge-0/0/0", "et-0/0/0", "xe-0/0/0", "eth1"], 1), ("cjunosevolved", ["et-0/0/3"], 4),
      ("cisco_iol", ["Ethernet0/1", "e0/1", "eth1"], 1), ("cisco_iol", ["Ethernet1/0"], 4), ("cisco_iol", ["e0/0"], 0),
      ("cisco_csr1000v", ["Gi2", "GigabitEthernet2", "eth1"], 1), ("sonic-vs", ["Ethernet4", "eth2"], 2),
      ("nokia_srsim", ["1/1/c1/1", "e1-1-c1-1"], 721), ("nokia_srsim", ["2/1/3", "e2-1-3"], 123),
      ("nokia_srsim", ["1/x1/1/c1/1", "e1-x1-1-c1-1"], 3761), ("ciena_saos", ["7", "eth7"], 7), ("cumulus_cvx", ["swp1"], 1),
      ("mikrotik_ros", ["ether2", "eth1"], 1), ("fortinet_fortigate", ["port2"], 1), ("f5_bigip-ve", ["1.1"], 1),
    ]
    for row in table {
      for name in row.names {
        #expect(try InterfaceNaming.ordinal(of: name, kind: row.kind) == Ordinal(row.ordinal), "\(row.kind) \(name)")
      }
    }
  }

  @Test("A name that a kind doesn't know is an error with the kind's pattern in it")
  func unknownNames() throws {
    for (kind, name) in [
      ("linux", "Ethernet1"), ("linux", "eth01"), ("linux", "eth"), ("linux", "eth1x"), ("linux", ""), ("nokia_srlinux", "e1-99"),
      ("nokia_srlinux", "e0-1"), ("sonic-vs", "Ethernet3"), ("arista_ceos", "Ethernet0"), ("linux", "eth99999999999999999999"),
    ] {
      let error = #expect(throws: LabError.self, "\(kind) \(name)") { try InterfaceNaming.ordinal(of: name, kind: kind) }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains(InterfaceNaming.pattern(of: try Catalogue.kind(kind))) == true)
    }
    #expect(throws: LabError.self) { try InterfaceNaming.ordinal(of: "eth4096", kind: "linux") }
    #expect(InterfaceNaming.pattern(of: Catalogue.linux) == "eth1, eth2, …; management is eth0")
  }

  @Test("Reading what was written gives the ordinal again, for every kind, spelling and port")
  func roundTrip() throws {
    var seen: Set<[[InterfaceShape]]> = []
    for kind in Catalogue.kinds where seen.insert([kind.devices, kind.vendor]).inserted {
      var wrong: [String] = []
      for number in 0...Limits.interfacesPerNode {
        let ordinal = try Ordinal(number)
        let device = InterfaceNaming.name(of: ordinal, kind: kind)
        for name in [device] + kind.vendor.compactMap({ $0.name(of: number) }) {
          if try InterfaceNaming.ordinal(of: name, kind: kind) != ordinal { wrong.append(name) }
        }
        // IFNAMSIZ less its closing zero.
        if device.utf8.count > 15 { wrong.append(device) }
      }
      #expect(wrong.isEmpty, "\(kind)")
    }
  }

  @Test("What the kernel and the vendor call a port")
  func printed() throws {
    let first = try Ordinal(1)
    let table = [
      ("linux", "eth1", "eth1"), ("ceos", "eth1", "Ethernet1"), ("srl", "e1-1", "ethernet-1/1"),
      ("cisco_xrd", "Gi0-0-0-0", "GigabitEthernet0/0/0/0"),
      ("juniper_vmx", "eth1", "ge-0/0/0"), ("cisco_iol", "eth1", "Ethernet0/1"),
    ]
    for (name, device, vendor) in table {
      let kind = try Catalogue.kind(name)
      #expect(InterfaceNaming.name(of: first, kind: kind) == device)
      #expect((kind.vendor.first ?? kind.devices[0]).name(of: 1) == vendor)
    }
  }

  @Test("Ports that an image doesn't find by itself are listed for it")
  func interfaceMap() throws {
    let eos = try Catalogue.kind("ceos")
    func map(_ names: String...) throws -> String? {
      InterfaceNaming.map(of: try names.map { try InterfaceNaming.ordinal(of: $0, kind: eos) }, kind: eos)
    }
    #expect(try map("Management0", "Ethernet2", "eth1") == nil)
    let all = #"{"EthernetIntf":{"eth1":"Ethernet1","eth2_3":"Ethernet2/3"},"ManagementIntf":{"eth0":"Management0"}}"# + "\n"
    #expect(try map("Et2/3", "Ethernet1") == all)
  }

  @Test("Names and aliases of kinds are unique, and the kinds of containerlab's schema are there")
  func catalogue() throws {
    let names = Catalogue.kinds.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
    #expect(Catalogue.kinds.count >= 63)
    #expect(try Catalogue.kind("ceos").name == "arista_ceos")
    #expect(Catalogue.linux.runtimes == [Kind.namespaceRuntime, Kind.dockerRuntime])
    let error = #expect(throws: LabError.self) { try Catalogue.kind("nokia") }
    #expect(error?.message.contains("nokia_srlinux") == true)
  }

  @Test("An image is a command of the host, whatever its registry and tag")
  func images() throws {
    for image in ["frrouting/frr:v8.4.0", "quay.io/frrouting/frr:9.1.0", "frrouting/frr", "docker.io/frrouting/frr-debian@sha256:00"] {
      #expect(try HostCommand.of(image: image) == .frr, "\(image)")
    }
    for image in [
      "alpine:3", "docker.io/library/alpine", "ghcr.io/hellt/network-multitool", "wbitt/network-multitool:alpine-extra", "debian", "",
    ] {
      #expect(try HostCommand.of(image: image) == .idle, "\(image)")
    }
    for image in ["nginx:stable-alpine", "ceos:4.32.0F", "python:3.13-alpine"] {
      let error = #expect(throws: LabError.self, "\(image)") { try HostCommand.of(image: image) }
      #expect(error?.code == .failedPrecondition)
      #expect(error?.message.contains("Docker") == true)
    }
    #expect(try HostCommand.of(image: "alpine", command: ["sleep", "5"]).arguments == ["sleep", "5"])
    #expect(try HostCommand.of(image: "frrouting/frr", command: ["/usr/lib/frr/docker-start"]) == .frr)
  }

  @Test("A command line is cut as a shell cuts it")
  func words() throws {
    let table: [(String, [String])] = [
      ("", []), ("  a  b ", ["a", "b"]),
      (#"ash -c "echo $MYVAR > /tmp/var && sleep 9999""#, ["ash", "-c", "echo $MYVAR > /tmp/var && sleep 9999"]),
      (#"a 'b "c' d\ e "f\"g" "h\i""#, ["a", #"b "c"#, "d e", #"f"g"#, #"h\i"#]), (#"x"" ''"#, ["x", ""]), ("a\n b\\\nc", ["a", "bc"]),
    ]
    for (line, words) in table { #expect(try CommandWords.split(line) == words, "\(line)") }
    for line in [#"a "b"#, "it's", "a\\"] { #expect(throws: LabError.self) { try CommandWords.split(line) } }
  }
}
