// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the main one needs neither Google's descriptors nor protoc.
// Build it with ../generate.sh: that makes the module CDescriptors (C from protoc-c) in a scratch folder and points the compiler there.
let package = Package(
  name: "generator",
  targets: [
    .executableTarget(
      name: "protoc-gen-archetype",
      swiftSettings: [
        .treatAllWarnings(as: .error), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
      ],
      linkerSettings: [.linkedLibrary("protobuf-c")])
  ],
  swiftLanguageModes: [.v6]
)
