import Engine
import Foundation
import JSON
import Locks
import Model
import Support
import Testing

/// The client against an engine that answers as a test wants.
@Suite struct EngineClientTests {
  private func error(_ body: () throws -> EngineReply) throws -> LabError {
    try #require(throws: LabError.self) { _ = try body() }
  }

  @Test func `an answer comes whole, and a refusal in the engine's words`() throws {
    let server = try EngineServer { request in
      request.hasPrefix("GET /things?name=a%20b%26c ")
        ? .json(200, #"{"list":[1,2.5,"x\n",null,true],"deep":{"a":{}}}"#) : .json(409, #"{"message":"the name is taken"}"#)
    }
    let client = try EngineClient(socket: server.path)
    let answer = try client.call(EngineRequest(.get, "/things", ["name": "a b&c"])).json()
    #expect(answer["list"].list.last?.isTrue == true && answer["list"].list == [.integer(1), .real(2.5), "x\n", .null, true])
    #expect(answer["deep"]["a"].members.isEmpty && answer["none"] == .null)
    let refusal = try error { try client.call(EngineRequest(.post, "/things", content: .json(["a": "b"]))) }
    #expect(refusal.code == .alreadyExists && refusal.message == "the name is taken")
    #expect(try client.call(EngineRequest(.delete, "/things", accepted: [409])).status == 409)
  }

  @Test func `at most four calls are under way, and all come to their answer`() throws {
    let server = try EngineServer { _ in
      usleep(5_000)
      return .json(200, "{}")
    }
    let client = try EngineClient(socket: server.path)
    let answers = Guarded(0)
    let group = DispatchGroup()
    for _ in 0..<24 {
      Thread.detachNewThread {
        defer { group.leave() }
        // On a machine that is busy enough it may be taken for a hanging one meanwhile.
        if eventually(within: 60, { (try? client.call(EngineRequest(.get, "/"))) != nil }) { answers.withLock { $0 += 1 } }
      }
      group.enter()
    }
    group.wait()
    #expect(answers.withLock { $0 } == 24)
    #expect(server.most <= 4)
  }

  @Test func `a call that isn't answered ends at its deadline, and the next is asked all the same`() throws {
    let server = try EngineServer { $0.hasPrefix("GET /hang ") ? .silence : .json(200, "{}") }
    defer { server.go() }
    let client = try EngineClient(socket: server.path)
    #expect(try error { try client.call(EngineRequest(.get, "/hang", deadline: 100)) }.code == .deadlineExceeded)
    #expect(try client.call(EngineRequest(.get, "/other")).status == 200)
  }

  @Test func `an engine that hangs is asked nothing more until it answers again`() throws {
    let server = try EngineServer { _ in .silence }
    let client = try EngineClient(socket: server.path)
    Thread.detachNewThread { _ = try? client.call(EngineRequest(.get, "/hang", deadline: 60_000)) }
    var refusals: Set<ErrorCode> = []
    #expect(
      try eventually {
        let error = try error { try client.call(EngineRequest(.get, "/next", deadline: 100)) }
        refusals.insert(error.code)
        return error.code == .unavailable && error.message.contains("hangs")
      })
    #expect(refusals.isSubset(of: [.deadlineExceeded, .unavailable]))
    server.go()
    #expect(eventually { (try? client.call(EngineRequest(.get, "/again"))) != nil })
  }

  @Test func `where there is no engine, or it goes in the middle, that is said`() throws {
    let nobody = try EngineClient(socket: "/tmp/archetype-no-engine")
    let error = try error { try nobody.call(EngineRequest(.get, "/")) }
    #expect(error.code == .unavailable && error.message.contains("/tmp/archetype-no-engine"))
    let server = try EngineServer { request in
      .bytes(request.hasPrefix("GET /cut ") ? "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{" : "HTTP/1.1 200 OK\r\n\r\nno json")
    }
    let client = try EngineClient(socket: server.path)
    #expect(try self.error { try client.call(EngineRequest(.get, "/cut")) }.code == .unavailable)
    let reply = try client.call(EngineRequest(.get, "/whole"))
    #expect(throws: LabError.self) { try reply.json() }
  }

  @Test func `an answer that is too long is not taken`() throws {
    let server = try EngineServer { _ in .json(200, "\"" + String(repeating: "x", count: 100_000) + "\"") }
    let client = try EngineClient(socket: server.path)
    #expect(try error { try client.call(EngineRequest(.get, "/"), most: 50_000) }.code == .resourceExhausted)
    #expect(try client.call(EngineRequest(.get, "/"), most: 200_000).body.count == 100_002)
  }

  @Test func `a stream is given line by line, and its end is told`() throws {
    let server = try EngineServer {
      $0.contains("/events") ? .stream(["{\"n\":1}\n{\"n\"", ":2}\n", "{\"n\":3}"]) : .json(500, "nonsense")
    }
    let client = try EngineClient(socket: server.path)
    let heard = Guarded<(lines: [Int64?], end: Result<Int, LabError>?)>(([], nil))
    func listen(_ path: String) -> EngineStream {
      client.open(
        EngineRequest(.get, path, deadline: 200),
        EngineLines { line in
          heard.withLock { $0.lines.append((try? JSONValue(line))?["n"].integer) }
        } over: { end in
          heard.withLock { $0.end = end }
        })
    }
    let stream = listen("/events")
    #expect(eventually { heard.withLock { $0.lines.count } == 2 })
    // Other calls go on beside it, and quiet is no end.
    #expect(throws: LabError.self) { try client.call(EngineRequest(.get, "/hang", deadline: 400)) }
    #expect(heard.withLock { $0.end == nil })
    server.go()
    #expect(eventually { heard.withLock { $0.end } == .success(200) })
    #expect(heard.withLock { $0.lines } == [1, 2, 3])
    _ = consume stream
    let refused = listen("/refused")
    #expect(eventually { if case .failure = heard.withLock({ $0.end }) { true } else { false } })
    _ = consume refused
  }

  @Test func `a stream that nobody wants any more is cut`() throws {
    let server = try EngineServer { _ in .stream(["{}\n"]) }
    defer { server.go() }
    let client = try EngineClient(socket: server.path)
    let end = Guarded<Result<Int, LabError>?>(nil)
    var stream: EngineStream? = client.open(
      EngineRequest(.get, "/events"),
      EngineLines { _ in
      } over: { result in
        end.withLock { $0 = result }
      })
    #expect(eventually { server.underWay == 1 })
    #expect(stream != nil)
    stream = nil
    #expect(eventually { if case .failure(let error) = end.withLock({ $0 }) { error.code == .cancelled } else { false } })
  }

  @Test func `one member of a file is set, and all else stays as it is`() throws {
    func set(_ text: String) throws -> String? {
      try JSONValue.setting(["runtimes", "archetype"], to: ["path": "/x/y"], in: Array(text.utf8)).map {
        String(decoding: $0, as: UTF8.self)
      }
    }
    let fresh = try #require(try set(""))
    #expect(try JSONValue(Array(fresh.utf8)) == ["runtimes": ["archetype": ["path": "/x/y"]]])
    #expect(try set(fresh) == nil)
    let full =
      #"{"zeta":18446744073709551615,"runtimes":{"other":{"path":"/o","runtimeArgs":["a"]},"archetype":{"path":"/old"}},"alpha":1.50}"#
    let changed = try #require(try set(full))
    #expect(changed.contains("18446744073709551615") && changed.contains("1.50"))
    #expect(changed.range(of: "zeta")!.lowerBound < changed.range(of: "alpha")!.lowerBound)
    #expect(try JSONValue(Array(changed.utf8))["runtimes"]["other"]["runtimeArgs"] == ["a"])
    for wrong in ["[]", "{", #"{"runtimes":[]}"#, "{} x"] { #expect(throws: JSONError.self, "\(wrong)") { try set(wrong) } }
  }

  @Test func `JSON is read and written as it stands, and nothing else is taken for it`() throws {
    let value: JSONValue = ["a": [.integer(-9_007_199_254_740_993), "ü/\"\\\u{1}"], "b": ["c": .null]]
    #expect(try JSONValue(value.bytes) == value)
    for text in ["", "{", "{}{}", "[1,]", "nul", "{\"a\":01}", String(repeating: "[", count: 100) + String(repeating: "]", count: 100)] {
      #expect(throws: JSONError.self, "\(text)") { try JSONValue(Array(text.utf8)) }
    }
    #expect(try JSONValue(Array("12".utf8)) == .integer(12) && JSONValue(Array(" null ".utf8)) == .null)
    #expect(throws: JSONError.self) { try JSONValue([0x22, 0xff, 0x22]) }
  }
}
