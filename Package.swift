// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  // Else what is generic in one module is looked up anew at each call from another: a tenth of what services and simulator do.
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// What simulated worlds consist of, optimised in debug builds too: four times as many in a test's time. `make simulate` builds them for release.
let simulated: Set<String> = [
  "Model", "Machine", "Kinds", "Topology", "HubCore", "ConfigCore", "JobCore", "LinkCore", "ReconcilerCore", "AgentCore", "Simulation",
]

func library(_ name: String, _ path: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, path: path,
    swiftSettings: strict + (simulated.contains(name) ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : []))
}

func program(_ name: String, _ path: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func system(_ name: String, _ package: String) -> Target {
  .systemLibrary(name: name, path: "Shared/\(name)", providers: [.apt([package])])
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

/// The first process of nodes runs in any root, so it is static; a sanitizer's runtime can't be (`make soak` asks for it).
let initLinking: [LinkerSetting] =
  Context.environment["ARCHETYPE_SANITIZE"] == nil ? [.unsafeFlags(["-static-executable", "-nostartfiles"])] : []

/// What every service's `App` performs its effects with.
let serving: [Target.Dependency] = ["Model", "Machine", "Reactor", "Arguments"]

/// The programs that tests start; named so that building a test builds them.
let programs: [Target.Dependency] = [
  "archetype", "archetype-bus", "archetype-configs", "archetype-jobs", "archetype-links", "archetype-reconciler",
  "archetype-agent", "archetype-network", "archetype-init", "archetype-runc",
]

/// Has no `main` but the fuzzer's (`make fuzz`).
let fuzzer: [Target] =
  Context.environment["ARCHETYPE_FUZZ"] == nil ? [] : [program("archetype-fuzz", "Tests/Fuzz", ["Fuzzing"])]

let package = Package(
  name: "archetype",
  targets: [
    system("CZMQ", "libzmq3-dev"),
    system("CProtobufC", "libprotobuf-c-dev"),
    system("CSQLite", "libsqlite3-dev"),
    system("CMNL", "libmnl-dev"),
    system("CYAML", "libyaml-dev"),
    system("CSystemd", "libsystemd-dev"),
    system("CSodium", "libsodium-dev"),
    system("CCurl", "libcurl4-openssl-dev"),
    system("CJSON", "libjson-c-dev"),
    system("CMicroHTTPD", "libmicrohttpd-dev"),
    .target(name: "CLinux", path: "Shared/CLinux", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    .target(name: "CMessages", dependencies: ["CProtobufC"], path: "Shared/CMessages"),

    library("Model", "Shared/Model"),
    library("Machine", "Shared/Machine", ["Model"]),
    library("Files", "Shared/Files"),
    library("Locks", "Shared/Locks", ["CLinux"]),
    library("Kinds", "Shared/Kinds", ["Model"]),
    library("Topology", "Shared/Topology", ["Model", "Kinds", "CYAML"]),
    library("Wire", "Shared/Wire", ["Model", "Machine", "CMessages", "CProtobufC", "CSodium"]),
    library("Logging", "Shared/Logging", ["Locks", "CLinux"]),
    library("Arguments", "Shared/Arguments", ["Model"]),
    library("Bus", "Shared/Bus", ["Model", "Machine", "Wire", "Files", "CZMQ"]),
    library("Metrics", "Shared/Metrics", ["Model", "Machine", "Locks", "CMicroHTTPD"]),
    library("Reactor", "Shared/Reactor", ["Model", "Machine", "Bus", "Arguments", "Locks", "Logging", "Metrics", "CLinux", "CSystemd"]),
    library("Store", "Shared/Store", ["Model", "Machine", "Wire", "Files", "CSQLite"]),
    library("Kernel", "Shared/Kernel", ["Model", "Locks", "CMNL", "CLinux"]),
    library("JSON", "Shared/JSON", ["CJSON"]),
    library("Engine", "Shared/Engine", ["Model", "JSON", "Locks", "CLinux", "CCurl"]),
    library("Runtime", "Shared/Runtime", ["Model", "JSON", "Engine", "Files", "Locks", "CLinux", "CSodium"]),
    library("Journal", "Shared/Journal", ["Model", "Wire", "Files", "Locks", "CLinux", "CSodium"]),

    library("HubCore", "Services/Bus/Core", ["Model", "Machine"]),
    library("ConfigCore", "Services/ConfigService/Core", ["Model", "Machine"]),
    library("JobCore", "Services/JobService/Core", ["Model", "Machine", "Topology"]),
    library("LinkCore", "Services/LinkOrchestrator/Core", ["Model", "Machine"]),
    library("ReconcilerCore", "Services/Reconciler/Core", ["Model", "Machine"]),
    library("AgentCore", "Services/HostAgent/Core", ["Model", "Machine"]),
    library("NetworkCore", "Services/NetworkDriver/Core", ["Model", "JSON", "Kinds"]),

    program("archetype-bus", "Services/Bus/App", serving + ["HubCore", "Wire", "Bus", "Journal", "Logging", "Metrics", "CZMQ"]),
    program("archetype-configs", "Services/ConfigService/App", serving + ["ConfigCore", "Store"]),
    program("archetype-jobs", "Services/JobService/App", serving + ["JobCore"]),
    program("archetype-links", "Services/LinkOrchestrator/App", serving + ["LinkCore"]),
    program("archetype-reconciler", "Services/Reconciler/App", serving + ["ReconcilerCore", "Logging", "Store"]),
    program(
      "archetype-agent", "Services/HostAgent/App",
      serving + ["AgentCore", "Wire", "Locks", "Logging", "Files", "Journal", "Kernel", "Runtime", "Kinds", "CLinux"]),
    program(
      "archetype-network", "Services/NetworkDriver/App",
      serving + ["NetworkCore", "Engine", "Files", "JSON", "Kernel", "Locks", "Logging", "Metrics", "CMicroHTTPD", "CSystemd"]),
    library("Testbed", "Services/Testbed", ["Model", "Machine", "Bus", "Files", "CLinux", "CMNL"]),
    program(
      "archetype", "Services/CLI",
      serving + ["Wire", "Bus", "Files", "Journal", "Kernel", "Runtime", "Topology", "Kinds", "Testbed", "CLinux"]),
    .executableTarget(
      name: "archetype-init", path: "Services/Init", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-Os"])],
      linkerSettings: initLinking),
    // The engine runs it in whatever surroundings: static too.
    .executableTarget(
      name: "archetype-runc", path: "Services/RuntimeWrapper", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-Os"])],
      linkerSettings: initLinking + [.linkedLibrary("json-c")]),

    library(
      "Simulation", "Tests/Simulation",
      ["Model", "Machine", "Kinds", "Wire", "HubCore", "ConfigCore", "JobCore", "LinkCore", "ReconcilerCore", "AgentCore"]),
    program(
      "archetype-simulate", "Tests/Simulate",
      ["Simulation", "Arguments", "Model", "Machine", "Wire", "Bus", "ConfigCore", "JobCore", "LinkCore", "ReconcilerCore"]),
    library("Support", "Tests/Support", ["Testbed"]),
    library("Faults", "Tests/Faults", ["Support", "Locks"]),
    .target(
      name: "Fuzzing",
      dependencies: ["Model", "Machine", "Wire", "Bus", "HubCore", "AgentCore", "Topology", "Kinds", "Kernel", "Runtime"],
      path: "Tests/Fuzzing", exclude: ["Corpus"], swiftSettings: strict),
    program("archetype-lossy", "Tests/Lossy", ["Arguments", "Bus", "CZMQ", "Machine", "Model", "Support", "Wire"]),
    program("archetype-bench", "Tests/Benchmarks", ["Support", "Faults", "Model", "Arguments", "Engine", "JSON", "Locks"]),
    .executableTarget(name: "archetype-floor", path: "Tests/Floor", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-O2"])]),
    .executableTarget(
      name: "archetype-bus-floor", path: "Tests/BusFloor", cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror", "-O2"])],
      linkerSettings: [.linkedLibrary("zmq")]),

    tests(
      "UnitTests",
      [
        "Model", "Machine", "Files", "Journal", "Kinds", "Topology", "Wire", "Bus", "Locks", "Reactor", "Store", "Logging", "Arguments",
        "HubCore", "ConfigCore", "JobCore", "LinkCore", "ReconcilerCore", "AgentCore", "NetworkCore", "Engine", "JSON", "Metrics",
        "Runtime", "Support", "Fuzzing", "CSQLite", "CZMQ",
      ]),
    tests("KernelTests", ["Kernel", "Runtime", "Kinds", "Testbed", "CLinux", "Locks", "Model", "Support", "archetype-init"]),
    tests("SimulationTests", ["Simulation", "Support", "archetype-simulate"]),
    tests("InterfaceTests", programs + ["archetype-simulate", "Support", "Locks", "Model", "Bus", "Wire", "Machine", "Testbed"]),
    tests("FaultTests", programs + ["archetype-lossy", "Faults"]),
    tests("EngineTests", programs + ["Support"]),
    tests("TidyTests", []),
  ] + fuzzer,
  swiftLanguageModes: [.v6]
)
