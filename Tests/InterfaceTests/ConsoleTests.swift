import Foundation
import Support
import Testing

/// Sitting at a node, and copying files to it and from it.
@Suite(.serialized) struct ConsoleTests {
  private let router = Topology(
    "sit",
    """
    name: sit
    topology:
      nodes:
        r: {kind: linux, image: frrouting/frr, host: h1}
        pc: {kind: linux, image: alpine, host: h2, env: {GREETING: hello}}
    """)

  @Test func `a console is the node's own command line at a terminal of its own`() throws {
    try TestLab.with { lab in
      try lab.deploy(router)
      let shell = try lab.atConsole(
        "sit", "pc", typed: [("# ", "tty; echo $GREETING > /tmp/f; cat /tmp/f\r"), ("hello", "exit 7\r")])
      #expect(shell.contains("/dev/pts/") && shell.contains("ended with 7"), "\(shell)")
      let left = try lab.atConsole("sit", "r", typed: [("r# ", "show version\r"), ("FRRouting", "\u{1d}")])
      #expect(left.contains("ended with 0"), "\(left)")
      #expect(try eventually { try lab.on("h1", "pgrep", "-c", "-x", "vtysh").output.hasPrefix("0") }, "who leaves ends it")
    }
  }

  @Test func `a console without a terminal reads its commands from what it is given`() throws {
    try TestLab.with { lab in
      try lab.deploy(router)
      let run = try CommandRun.run(
        "/bin/sh", ["-c", "echo 'show version' | \(lab.programs)/archetype console sit r"], environment: lab.environment, limit: 60)
      #expect(run.exit == 0 && run.output.contains("FRRouting"), "\(run)")
      #expect(try lab.archetype("console", "sit", "nobody").exit == 125)
    }
  }

  @Test func `files and folders are copied whole, both ways, or not at all`() throws {
    try TestLab.with { lab in
      try lab.deploy(router)
      func sh(_ words: String) throws -> String { try CommandRun.run("/bin/sh", ["-ec", words]).output }
      let mine = lab.folder + "/mine"
      _ = try sh("mkdir -p \(mine)/deep; head -c 3000000 /dev/urandom > '\(mine)/deep/a file'; chmod 750 '\(mine)/deep/a file'")
      #expect(try lab.archetype("cp", "sit", mine, "pc:/srv").exit == 0)
      #expect(try lab.archetype("cp", "sit", "pc:/srv/mine", lab.folder + "/back").exit == 0)
      #expect(
        try sh("cmp '\(mine)/deep/a file' '\(lab.folder)/back/deep/a file' && stat -c %a '\(lab.folder)/back/deep/a file'") == "750\n")
      for (arguments, words) in [
        (["cp", "sit", "pc:/no/such", lab.folder], "/no/such"), (["cp", "sit", mine, "pc:/no/folder/here"], "no such folder"),
        (["cp", "sit", mine, "pc:/srv"], "is there already"), (["cp", "sit", lab.folder + "/nothing", "pc:/srv"], "can't be read"),
      ] {
        let run = try lab.archetype(arguments)
        #expect(run.exit == 1 && run.errors.contains(words), "\(run)")
      }
      #expect(try lab.archetype("cp", "sit", "here", "there").exit == 2)
      #expect(try lab.exec("sit", "pc", "sh", "-c", "ls -A /srv").output == "mine\n")
      #expect(try sh("ls -A \(lab.folder) | grep -c '^.archetype' || true") == "0\n")
    }
  }
}
