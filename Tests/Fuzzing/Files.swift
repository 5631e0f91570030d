import Kinds
import Machine
import Model
import Topology
import Wire

extension FuzzTarget {
  static func topologies(_ input: [UInt8]) throws {
    let found = Topology.resolve(String(decoding: input, as: UTF8.self), file: "lab.clab.yml", environment: ["HOME": "/root", "A": "a: b"])
    try check((found.errors + found.allWarnings).allSatisfy { $0.line > 0 && $0.column > 0 }, "a problem has no place")
    try check(found.isValid == (found.lab != nil), "a lab with errors, or none without any")
    guard let lab = found.lab else { return }
    try check(Set(lab.nodes.map(\.name)).count == lab.nodes.count, "two nodes of one name")
    let ends = lab.links.flatMap { [$0.a, $0.b] }
    try check(Set(ends).count == ends.count, "an interface is used twice")
    let names = Set(lab.nodes.map(\.name))
    try check(ends.allSatisfy { names.contains($0.node) && $0.ordinal != .management }, "a link ends nowhere")
    let request = Request.jobs(.applyLab(lab, reconfigure: false))
    let coded = Codec.encode(request)
    try check(
      (try? Codec.decodeRequest(kind: coded.kind, body: coded.body, secret: coded.secret)) == request,
      "a lab that a file asks for can't be told to the job service")
  }

  /// A byte that chooses the kind, and a name.
  static func interfaces(_ input: [UInt8]) throws {
    guard let first = input.first else { return }
    let kind = Catalogue.kinds[Int(first) % Catalogue.kinds.count]
    let name = String(decoding: input.dropFirst(), as: UTF8.self)
    guard let ordinal = try? InterfaceNaming.ordinal(of: name, kind: kind) else { return }
    let printed = InterfaceNaming.name(of: ordinal, kind: kind)
    try check(
      (try? InterfaceNaming.ordinal(of: printed, kind: kind)) == ordinal, "\(kind): \(name) is \(ordinal) is \(printed), which isn't")
    try check(printed.utf8.count <= 15, "\(kind): \(printed) is too long for a device")
    try check(name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "\(kind): a name that can't be printed is interface \(ordinal)")
  }
}
