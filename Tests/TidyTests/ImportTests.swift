import Testing

/// Who may import what; the only list of it. Whatever isn't named here has no place in `Shared` or `Services`.
@Suite struct ImportTests {
  private static let serving: Set<String> = ["Model", "Machine", "Wire", "Bus", "Reactor", "Logging", "Arguments"]
  /// Folders that decide: no system library either. Model has Glibc for inet_pton(3) and inet_ntop(3), which only compute.
  private static let pure: [String: Set<String>] = [
    "Shared/Model": ["Glibc"],
    "Shared/Machine": ["Model"],
    "Services/Bus/Core": ["Model", "Machine"],
    "Services/ConfigService/Core": ["Model", "Machine"],
    "Services/JobService/Core": ["Model", "Machine", "Topology", "Kinds"],
    "Services/LinkOrchestrator/Core": ["Model", "Machine"],
    "Services/Reconciler/Core": ["Model", "Machine"],
    "Services/HostAgent/Core": ["Model", "Machine"],
  ]
  private static let acting: [String: Set<String>] = [
    "Shared/Kinds": ["Model"],
    "Shared/Topology": ["Model", "Kinds", "CYAML"],
    "Shared/Wire": ["Model", "Machine", "CMessages", "CProtobufC", "CSodium"],
    "Shared/Logging": ["CLinux"],
    "Shared/Arguments": ["Model"],
    "Shared/Bus": ["Model", "Machine", "Wire", "CZMQ", "CLinux"],
    "Shared/Reactor": ["Model", "Machine", "Wire", "Bus", "Logging", "Arguments", "CLinux", "CSystemd", "CZMQ"],
    "Shared/Store": ["Model", "Machine", "Wire", "CSQLite", "CLinux"],
    "Shared/Kernel": ["Model", "CMNL", "CLinux"],
    "Shared/Runtime": ["Model", "Kinds", "Kernel", "CLinux"],
    "Services/Bus/App": serving.union(["HubCore", "CZMQ", "CLinux"]),
    "Services/ConfigService/App": serving.union(["ConfigCore", "Store", "CLinux"]),
    "Services/JobService/App": serving.union(["JobCore", "CLinux"]),
    "Services/LinkOrchestrator/App": serving.union(["LinkCore", "CLinux"]),
    "Services/Reconciler/App": serving.union(["ReconcilerCore", "Store", "CLinux"]),
    "Services/HostAgent/App": serving.union(["AgentCore", "Kernel", "Runtime", "Kinds", "CLinux"]),
    "Services/Testbed": ["Model", "Machine", "Bus", "CLinux", "CMNL"],
    "Services/CLI": serving.union(["Topology", "Kinds", "Testbed", "CLinux"]),
  ]
  private static let system: Set<String> = ["Glibc", "Synchronization"]

  @Test("Imports go one way") func importsGoOneWay() {
    var wrong: [String] = []
    for file in Repository.swift where file.isIn("Shared") || file.isIn("Services") {
      let allowed = Self.allowed(file)
      for (line, module) in Self.imports(of: file) where allowed?.contains(module) != true {
        wrong.append("\(file.path):\(line): \(module)")
      }
    }
    #expect(wrong == [])
  }

  @Test("Only Wire sees generated code") func onlyWireSeesGeneratedCode() {
    let wrong = Repository.swift.filter { file in
      !file.isIn("Shared/Wire") && Self.imports(of: file).contains { ["CMessages", "CProtobufC"].contains($0.module) }
    }
    #expect(wrong.map(\.path).filter { !$0.hasPrefix("proto/generator/") } == [])
  }

  private static func allowed(_ file: SourceFile) -> Set<String>? {
    if let rule = pure.first(where: { file.isIn($0.key) }) { return rule.value }
    return acting.first { file.isIn($0.key) }?.value.union(system)
  }

  private static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
    file.code.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { number, line in
      guard line.contains("import ") else { return nil }
      let expression =
        #/^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:public\s+|package\s+|internal\s+|private\s+|fileprivate\s+)?import\s+(?:(?:struct|class|enum|func|protocol|typealias|let|var)\s+)?(\w+)/#
      return line.firstMatch(of: expression).map { (number + 1, String($0.output.1)) }
    }
  }
}
