import Glibc
import Kernel
import Model
import Testing

/// Namespaces and their pins.
@Suite struct NamespaceTests {
  @Test func `a pin outlives its maker and opens the same namespace again`() throws {
    let bench = try FabricBench()
    let identity = try NetworkNamespace.create().pinned(in: bench.pins, as: "kept")
    #expect(try bench.pins.open("kept").identity == identity)
    #expect(try bench.pins.openOrCreate("kept").identity == identity)
    #expect(try bench.pins.list() == [Fabric.name, "host", "kept"])
    let other = try NetworkNamespace.create()
    #expect(throws: KernelError.self) { try bench.pins.pin(other, as: "kept") }
    try bench.pins.unpin("kept")
    try bench.pins.unpin("kept")
    #expect(try bench.pins.list() == [Fabric.name, "host"])
    #expect(throws: KernelError.self) { _ = try bench.pins.open("kept") }
  }

  @Test func `a second opening of the folder finds what is pinned`() throws {
    let bench = try FabricBench()
    try bench.sandboxes(["a"])
    let identity = try bench.pins.open("a").identity
    let again = try NamespacePins(folder: bench.pins.folder)
    #expect(try again.open("a").identity == identity)
    #expect(try Fabric.open(in: again).identity == bench.fabric.identity)
  }

  @Test func `a new mount namespace has no copy of any pin`() throws {
    let bench = try FabricBench()
    try bench.sandboxes((0..<20).map { "s\($0)" })
    #expect(system("grep -c '\(bench.pins.folder)/s' /proc/self/mountinfo | grep -qx 40") == 0)
    #expect(system("unshare -m sh -c 'grep -c \(bench.pins.folder)/ /proc/self/mountinfo | grep -qx 0'") == 0)
  }

  @Test func `work inside a namespace leaves every other thread where it was`() throws {
    let home = try NetworkNamespace.current().identity
    let namespace = try NetworkNamespace.create()
    let (own, there) = (try namespace.identity, try namespace.inside { () throws(KernelError) in try NetworkNamespace.current().identity })
    #expect(own == there && own != home)
    #expect(try NetworkNamespace.current().identity == home)
  }

  @Test func `a file that is no namespace is refused`() throws {
    #expect(throws: KernelError.self) { _ = try NetworkNamespace(path: "/proc/self/status") }
    #expect(throws: KernelError.self) { _ = try NetworkNamespace(path: "/proc/self/ns/mnt") }
  }
}

extension NetworkNamespace {
  /// Pins it and lets go of the descriptor.
  fileprivate consuming func pinned(in pins: NamespacePins, as name: String) throws -> Identity {
    try pins.pin(self, as: name)
    return try identity
  }
}
