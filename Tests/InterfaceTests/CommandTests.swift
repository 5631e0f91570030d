import Glibc
import Testing

/// What can be said of the command line without a bus.
@Suite struct CommandTests {
  @Test func `wrong use ends with 2, a usage line and what was probably meant`() throws {
    let cases: [(call: CommandCall, says: String)] = try [
      (CommandCall("dploy"), "did you mean 'deploy'?"),
      (CommandCall("node", "begin", "ring"), "archetype node restart"),
      (CommandCall("deploy", "--detatch", "-t", "x"), "did you mean --detach?"),
      (CommandCall("deploy"), "usage: archetype deploy"),
      (CommandCall("destroy"), "--all"),
      (CommandCall("destroy", "ring", "--all"), "--all"),
      (CommandCall("exec", "ring", "r1"), "-- COMMAND"),
      (CommandCall("exec", "ring"), "NODE: is missing"),
      (CommandCall("list", "ring"), "one word too many"),
      (CommandCall("list", "--format", "xml"), "table or json"),
      (CommandCall("list", "--bus", "udp://x"), "not a bus address"),
      (CommandCall("inspect", "no lab"), "not a lab name"),
      (CommandCall("events", "--since", "yesterday"), "neither a number nor a time"),
      (CommandCall("deploy", "-t", "x", "--timeout", "soon"), "--timeout"),
      (CommandCall("deploy", "-t"), "needs a value"),
      (CommandCall("completion", "tcsh"), "bash"),
      (CommandCall(), "no command given"),
    ]
    for (call, says) in cases {
      #expect(call.code == 2)
      #expect(call.output.isEmpty)
      #expect(call.errors.hasPrefix("error: "))
      #expect(call.errors.contains(says))
    }
  }

  @Test func `every command has a help with an example`() throws {
    let help = try CommandCall("--help")
    #expect(help.code == 0)
    for name in [
      "deploy", "destroy", "list", "inspect", "events", "exec", "logs", "stats", "node stop", "host list", "job show", "validate",
    ] {
      #expect(help.output.contains("  \(name) "))
      var words = name.split(separator: " ").map(String.init)
      words.append("--help")
      let one = try words.count == 2 ? CommandCall(words[0], words[1]) : CommandCall(words[0], words[1], words[2])
      #expect(one.code == 0)
      #expect(one.output.contains("examples:\n  archetype \(name)"))
    }
    let other = try CommandCall("help", "deploy")
    #expect(try other.output == CommandCall("deploy", "--help").output)
  }

  @Test func `an unreachable bus ends with 4, for exec with 125`() throws {
    for call in try [CommandCall("list"), CommandCall("inspect", "ring"), CommandCall("events", "--follow"), CommandCall("job", "list")] {
      #expect(call.code == 4)
      #expect(call.errors.hasPrefix("error: bus: "))
    }
    #expect(try CommandCall("exec", "ring", "r1", "--", "true").code == 125)
    let json = try CommandCall("--format", "json", "list")
    #expect(json.code == 4)
    #expect(json.errors.hasPrefix(#"{"error":{"code":"UNAVAILABLE","subject":"bus","message":""#))
    #expect(json.errors.hasSuffix("\"}}\n"))
  }

  @Test func `options of all commands may stand before the command and after it`() throws {
    #expect(try CommandCall("--bus", "ipc:///nowhere", "list").errors.contains("ipc:///nowhere"))
    #expect(try CommandCall("list", "--bus=ipc:///nowhere").errors.contains("ipc:///nowhere"))
    #expect(try CommandCall("list").errors.contains("ipc:///nonexistent"))
  }

  @Test func `a valid file is counted after its short forms`() throws {
    let file = try TemporaryFile(Self.pair)
    let call = try CommandCall("validate", "-t", file.path, "--format", "json")
    #expect(call.code == 0)
    #expect(call.output == #"{"valid":true,"name":"pair","nodes":2,"links":1,"errors":[],"warnings":[]}"# + "\n")
    #expect(call.errors.isEmpty)
  }

  @Test func `all errors of a file are told with their place`() throws {
    let file = try TemporaryFile(
      """
      name: pair
      topology:
        nodes:
          a: { kind: martian }
          b: { kind: linux }
        links:
          - endpoints: ["b:eth1", "c:eth1"]
      """)
    let json = try CommandCall("validate", "-t", file.path, "--format", "json")
    #expect(json.code == 1)
    #expect(json.output.hasPrefix(#"{"valid":false,"name":"pair","nodes":2,"links":1,"errors":[{"line":4,"column":"#))
    let text = try CommandCall("validate", "-t", file.path)
    #expect(text.code == 1)
    #expect(text.output.contains("\(file.path):4:"))
    #expect(text.output.contains("\(file.path):7:"))
    #expect(text.output.contains(": error: kind: "))
    let deploy = try CommandCall("deploy", "-t", file.path)
    #expect(deploy.code == 1)
    #expect(deploy.errors.split(separator: "\n").count { $0.hasPrefix("error: \(file.path):") } >= 2)
    let deployJSON = try CommandCall("deploy", "-t", file.path, "--format", "json")
    #expect(deployJSON.errors.hasPrefix(#"{"error":{"code":"INVALID_ARGUMENT","subject":"\#(file.path):4:"#))
  }

  @Test func `a file that is named and missing is a warning for validate and refused by deploy`() throws {
    let file = try TemporaryFile(
      """
      name: pair
      topology:
        nodes:
          a:
            kind: linux
            image: alpine
            startup-config: no-such-file.cfg
      """)
    let check = try CommandCall("validate", "-t", file.path)
    #expect(check.code == 0)
    #expect(check.output.contains(": warning: startup-config: no-such-file.cfg"))
    let deploy = try CommandCall("deploy", "-t", file.path)
    #expect(deploy.code == 1)
    #expect(deploy.errors.hasPrefix("error: \(file.path):7:"))
    #expect(deploy.errors.contains("no-such-file.cfg"))
  }

  @Test func `an unreadable topology is an error with its path`() throws {
    for path in ["/nonexistent.clab.yml", "/tmp"] {
      for command in ["deploy", "validate"] {
        let call = try CommandCall(command, "-t", path)
        #expect(call.code == 1)
        #expect(call.errors.hasPrefix("error: \(path): "))
      }
    }
  }

  @Test func `keys are made once and told where they are`() throws {
    var name = Array("/tmp/archetype-keys-XXXXXX".utf8CString)
    let folder = String(cString: try #require(mkdtemp(&name)))
    defer {
      for file in ["hub.key", "hub.pub", "peer.key", "peers/cli@local.pub", "peers/agent@h1.pub", "hosts/h1/peer.key", "hosts/h1/hub.pub"] {
        unlink("\(folder)/\(file)")
      }
      for entry in ["hosts/h1", "hosts", "peers", ""] { rmdir("\(folder)/\(entry)") }
    }
    #expect(try CommandCall("keys", "init", "--keys", folder).code == 0)
    #expect(try CommandCall("keys", "host", "h1", "--keys", folder).code == 0)
    for file in ["hub.key", "peer.key", "hosts/h1/peer.key", "hosts/h1/hub.pub", "peers/agent@h1.pub"] {
      #expect(access("\(folder)/\(file)", R_OK) == 0)
    }
    #expect(try CommandCall("keys", "init", "--keys", folder).code == 0)
    #expect(access("\(folder)/hub.pub", R_OK) == 0)
  }

  private static let pair = """
    name: pair
    topology:
      nodes:
        a: { kind: linux, image: alpine }
        b: { kind: linux, image: alpine }
      links:
        - endpoints: ["a:eth1", "b:eth1"]
    """
}
