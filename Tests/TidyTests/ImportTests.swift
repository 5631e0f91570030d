import Testing

/// Who may import what; the only list of it. Whatever isn't named here has no place in `Shared`, `Services` or the simulator.
@Suite struct ImportTests {
  private static let serving: Set<String> = ["Model", "Machine", "Reactor", "Arguments"]
  private static let cores: Set<String> = ["HubCore", "ConfigCore", "JobCore", "LinkCore", "ReconcilerCore", "AgentCore"]

  /// What decides: no system library either, but for the file that reads and prints addresses, where inet_pton(3) and inet_ntop(3) only
  /// compute.
  private static let deciding: [String: Set<String>] = [
    "Shared/Model": [],
    "Shared/Model/Addresses.swift": ["Glibc"],
    "Shared/Machine": ["Model"],
    "Services/Bus/Core": ["Model", "Machine"],
    "Services/ConfigService/Core": ["Model", "Machine"],
    "Services/JobService/Core": ["Model", "Machine", "Topology"],
    "Services/LinkOrchestrator/Core": ["Model", "Machine"],
    "Services/Reconciler/Core": ["Model", "Machine"],
    "Services/HostAgent/Core": ["Model", "Machine"],
    "Services/NetworkDriver/Core": ["Model", "JSON", "Kinds"],
    "Tests/Simulation": cores.union(["Model", "Machine", "Kinds", "Wire"]),
  ]
  /// What acts may also import `system`.
  private static let acting: [String: Set<String>] = [
    "Shared/Files": [],
    "Shared/Locks": ["CLinux"],
    "Shared/Kinds": ["Model"],
    "Shared/Topology": ["Model", "Kinds", "CYAML"],
    "Shared/Wire": ["Model", "Machine", "CMessages", "CProtobufC", "CSodium"],
    "Shared/Logging": ["Locks", "CLinux"],
    "Shared/Arguments": ["Model"],
    "Shared/Bus": ["Model", "Machine", "Wire", "Files", "CZMQ"],
    "Shared/Metrics": ["Model", "Machine", "Locks", "CMicroHTTPD"],
    "Shared/Reactor": ["Model", "Machine", "Bus", "Locks", "Logging", "Metrics", "Arguments", "CLinux", "CSystemd"],
    "Shared/Store": ["Model", "Machine", "Wire", "Files", "CSQLite"],
    "Shared/Kernel": ["Model", "Locks", "CMNL", "CLinux"],
    "Shared/JSON": ["CJSON"],
    "Shared/Engine": ["Model", "JSON", "Locks", "CLinux", "CCurl"],
    "Shared/Runtime": ["Model", "JSON", "Engine", "Files", "Locks", "CLinux", "CSodium"],
    "Shared/Journal": ["Model", "Wire", "Files", "Locks", "CLinux", "CSodium"],
    "Services/Bus/App": serving.union(["HubCore", "Bus", "Wire", "Journal", "Logging", "Metrics", "CZMQ"]),
    "Services/ConfigService/App": serving.union(["ConfigCore", "Store"]),
    "Services/JobService/App": serving.union(["JobCore"]),
    "Services/LinkOrchestrator/App": serving.union(["LinkCore"]),
    "Services/Reconciler/App": serving.union(["ReconcilerCore", "Logging", "Store"]),
    "Services/HostAgent/App": serving.union([
      "AgentCore", "Wire", "Locks", "Logging", "Files", "Journal", "Kernel", "Runtime", "Kinds", "CLinux",
    ]),
    "Services/NetworkDriver/App": serving.union([
      "NetworkCore", "Engine", "Files", "JSON", "Kernel", "Locks", "Logging", "Metrics", "CMicroHTTPD", "CSystemd",
    ]),
    "Services/Testbed": ["Model", "Machine", "Bus", "Files", "CLinux", "CMNL"],
    "Services/CLI": serving.union(["Bus", "Wire", "Files", "Journal", "Kernel", "Runtime", "Topology", "Kinds", "Testbed", "CLinux"]),
  ]
  private static let system: Set<String> = ["Glibc", "Synchronization"]

  @Test("Imports go one way") func importsGoOneWay() {
    var wrong: [String] = []
    for file in Repository.swift where file.isIn("Shared") || file.isIn("Services") || file.isIn("Tests/Simulation") {
      let allowed = Self.place(of: file).map(Self.allowed) ?? []
      for (line, module) in Self.imports(of: file) where !allowed.contains(module) { wrong.append("\(file.path):\(line): \(module)") }
    }
    #expect(wrong == [])
  }

  /// Of a release build nothing is a test.
  @Test("What programs are made of doesn't import Testing") func onlyTestsImportTesting() {
    var wrong: [String] = []
    for file in Repository.swift {
      let folders = file.path.split(separator: "/").dropFirst().dropLast()
      if folders.contains(where: { $0.hasSuffix("Tests") }) { continue }
      for (line, module) in Self.imports(of: file) where module == "Testing" { wrong.append("\(file.path):\(line)") }
    }
    #expect(wrong == [])
  }

  @Test("Nobody may import what nobody there imports") func nothingIsAllowedInVain() {
    var used: [String: Set<String>] = [:]
    for file in Repository.swift {
      if let place = Self.place(of: file) { used[place, default: []].formUnion(Self.imports(of: file).map(\.module)) }
    }
    let vain = Self.deciding.merging(Self.acting) { first, _ in first }.flatMap { place, modules in
      modules.subtracting(used[place] ?? []).map { "\(place): \($0)" }
    }
    #expect(vain.sorted() == [])
  }

  @Test("Only Wire sees generated code") func onlyWireSeesGeneratedCode() {
    let wrong = Repository.swift.filter { file in
      !file.isIn("Shared/Wire") && Self.imports(of: file).contains { ["CMessages", "CProtobufC"].contains($0.module) }
    }
    #expect(wrong.map(\.path).filter { !$0.hasPrefix("proto/generator/") } == [])
  }

  /// The file or the nearest folder that has a rule.
  private static func place(of file: SourceFile) -> String? {
    (Array(deciding.keys) + acting.keys).filter { $0 == file.path || file.isIn($0) }.max { $0.count < $1.count }
  }

  private static func allowed(at place: String) -> Set<String> { deciding[place] ?? acting[place]?.union(system) ?? [] }

  private static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
    file.code.lines.enumerated().compactMap { number, line in
      guard line.contains("import ") else { return nil }
      let expression =
        #/^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:public\s+|package\s+|internal\s+|private\s+|fileprivate\s+)?import\s+(?:(?:struct|class|enum|func|protocol|typealias|let|var)\s+)?(\w+)/#
      return line.firstMatch(of: expression).map { (number + 1, String($0.output.1)) }
    }
  }
}
