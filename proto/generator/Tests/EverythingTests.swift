import Testing

@testable import Wire

private typealias Everything = Proto.Everything

private func everything(_ payload: Everything.Payload? = nil) -> Everything {
  var value = Everything(
    i32: -5, i64: .min, u32: .max, u64: .max, s32: -7, s64: .min, f32: 1, f64: 2, sf32: -1, sf64: -2, single: 1.5, real: -2.25, flag: true,
    text: "héllo", raw: [0, 1, 2, 255], state: .negative, nested: .init(node: "r1"), optionalI32: 0, optionalState: .unrecognized(77),
    optionalEnd: .init(), numbers: [1, -2, 3], texts: ["a", "", "c"], ends: [.init(node: "r1"), .init()])
  value.states = [.running, .unrecognized(99), ._10g]
  value.blobs = [[1], [], [2, 3]]
  value.flags = [true, false]
  value.reals = [1, .infinity]
  value.bigs = [.max, 0]
  value.payload = payload
  value.labels = ["k": "v", "x": "", "": "e"]
  value.byId = [-4: .init(node: "r1"), 7: .init()]
  value.statesById = [9: .running, 8: .unspecified]
  value.inner = .init(depth: 3, kind: .b)
  value.default = 3
  value.`self` = "me"
  value.class = true
  value.register = "r"
  value.c = "c"
  value.camelCase = "x"
  value.`init` = "i"
  return value
}

@Test(
  arguments: [
    nil, .count(0), .note(""), .at(.init()), .now(.unspecified), .blob([]), .ok(false), .deep(.init()), .note("a"), .blob([9]),
  ] as [Proto.Everything.Payload?])
func `everything comes back`(payload: Proto.Everything.Payload?) throws {
  let value = everything(payload)
  #expect(try Everything(decoding: value.encode()) == value)
  let wrapper = Proto.Wrapper(everything: value, list: [value, .init(), value])
  #expect(try Proto.Wrapper(decoding: wrapper.encode()) == wrapper)
}

@Test func `a map has the same bytes however it was made`() throws {
  var one = Everything()
  var other = Everything()
  for number in 0..<100 { one.labels["\(number)"] = "x" }
  for number in (0..<100).reversed() { other.labels["\(number)"] = "x" }
  #expect(try one.encode() == other.encode())
}

@Test func `of two entries with one key the later counts`() throws {
  let entry: [UInt8] = [0xc2, 2, 6, 10, 1, 97, 18, 1]
  #expect(try Everything(decoding: entry + [98] + entry + [99]).labels == ["a": "c"])
}

@Test func `thousands of changed messages do no harm`() throws {
  let bytes = try Proto.Wrapper(everything: everything(.note("ab")), list: [everything()]).encode()
  var state: UInt64 = 0x9e37_79b9_7f4a_7c15
  func next(_ bound: Int) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return Int(state % UInt64(bound))
  }
  for _ in 0..<20_000 {
    var changed = bytes
    for _ in 0...next(4) { changed[next(changed.count)] = UInt8(next(256)) }
    if next(2) == 0 { changed.removeLast(next(changed.count)) }
    guard let value = try? Proto.Wrapper(decoding: changed) else { continue }
    // Twice, because a NaN isn't equal to itself but its bytes are.
    let again = try value.encode()
    #expect(try Proto.Wrapper(decoding: again).encode() == again)
  }
}

private struct Answers: Proto.TestServiceHandler {
  func register(_ request: Proto.Endpoint) -> String { "register \(request.node)" }
  func watch(_ request: Proto.Empty) -> String { "watch" }
  func clearVNIs(_ request: Proto.Everything) -> String { "clear \(request.i32)" }
}

@Test func `methods have their names, streams are marked`() throws {
  #expect(Proto.TestServiceMethod.allCases.map(\.rawValue) == ["TestService.Register", "TestService.Watch", "TestService.ClearVNIs"])
  #expect(Proto.TestServiceMethod.allCases.map(\.isStream) == [false, true, false])
  #expect(try Answers().handle(.clearVNIs, Everything(i32: 4).encode()) == "clear 4")
}
