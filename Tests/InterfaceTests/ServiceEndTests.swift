import Foundation
import Support
import Testing

/// How a service ends that can't begin: whoever starts it again must know whether that can help.
@Suite struct ServiceEndTests {
  /// A folder of services, gone with its owner.
  private final class Scene {
    let folder = FileManager.default.temporaryDirectory.path + "/archetype-ends-\(UUID().uuidString.prefix(8))"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func run(_ program: String, _ words: String...) throws -> CommandRun { try run(program, words) }

    /// Runs it to its end, with processes and a folder /run of its own: an agent works in the host of the first process that it sees, and
    /// says in /run that this kernel has one.
    func run(_ program: String, _ words: [String]) throws -> CommandRun {
      try runAny(["\(TestLab.builtPrograms)/\(program)"] + words)
    }

    func runAny(_ words: [String]) throws -> CommandRun {
      let inside = ["sh", "-c", "mount -t tmpfs none /run; exec \"$@\"", "sh"]
      return try CommandRun.run("/usr/bin/unshare", ["--mount", "--pid", "--fork", "--mount-proc"] + inside + words, limit: 30)
    }

    func start(_ program: String, _ words: String...) throws -> StartedCommand {
      try StartedCommand("\(TestLab.builtPrograms)/\(program)", words)
    }

    /// A config service's data folder as a newer program leaves it.
    func newerStore() throws -> String {
      let data = folder + "/newer"
      let path = data + "/intent.db"
      let service = try start("archetype-configs", "--data", data, "--bus", "ipc://\(folder)/nobody")
      let hasBegun = eventually { (try? FileHandle(forReadingAtPath: path)?.read(upToCount: 64)?.count) == 64 }
      service.signal(SIGTERM)
      let file = FileHandle(forUpdatingAtPath: path)
      guard hasBegun, service.wait(limit: 30).exit == 0, let file else { throw CocoaError(.fileReadUnknown) }
      // SQLite's `user_version`, which is the schema's.
      try file.seek(toOffset: 60)
      try file.write(contentsOf: [0, 0, 4, 0])
      try file.close()
      return data
    }
  }

  @Test func `wrong options end it with 2`() throws {
    let scene = try Scene()
    for (program, words, says) in [
      ("archetype-bus", ["--frobnicate"], "unknown option"), ("archetype-links", ["--bus", "nowhere"], "not a bus address"),
      ("archetype-jobs", ["--log-level", "loud"], "--log-level"), ("archetype-reconciler", ["--metrics", "here"], "--metrics"),
      ("archetype-agent", [], "--underlay"), ("archetype-agent", ["--underlay", "192.0.2.1", "--fabric", "ovs"], "--fabric"),
    ] {
      let run = try scene.run(program, words)
      #expect(run.exit == 2 && run.errors.contains(says), "\(program) \(words): \(run)")
    }
  }

  @Test func `keys that are missing and a store of a newer program end it with 78, and say what to do`() throws {
    let scene = try Scene()
    let bus = try scene.run("archetype-bus", "--listen", "tcp://127.0.0.1:7700", "--keys", scene.folder, "--data", scene.folder)
    #expect(bus.exit == 78 && bus.errors.contains("archetype keys init"), "\(bus)")
    let links = try scene.run("archetype-links", "--bus", "tcp://127.0.0.1:7700")
    #expect(links.exit == 78 && links.errors.contains("archetype keys host"), "\(links)")
    let data = try scene.newerStore()
    let configs = try scene.run("archetype-configs", "--data", data, "--bus", "ipc://\(scene.folder)/nobody")
    #expect(configs.exit == 78 && configs.errors.contains("start the newer program"), "\(configs)")
  }

  @Test func `what another start may find otherwise ends it with 1`() throws {
    let scene = try Scene()
    let first = try scene.start("archetype-bus", "--listen", "ipc://\(scene.folder)/bus", "--data", scene.folder)
    defer { _ = first.terminate() }
    #expect(eventually { FileManager.default.fileExists(atPath: scene.folder + "/bus/lock") })
    let second = try scene.run("archetype-bus", "--listen", "ipc://\(scene.folder)/bus", "--data", scene.folder)
    #expect(second.exit == 1 && second.errors.contains("another archetype-bus"), "\(second)")
    // An address that nobody has, kept for examples: as one that this machine is given later.
    let metrics = try scene.run("archetype-jobs", "--bus", "ipc://\(scene.folder)/nobody", "--metrics", "203.0.113.1:9472")
    #expect(metrics.exit == 1 && metrics.errors.contains("can't be listened at"), "\(metrics)")
    let agent = try scene.run("archetype-agent", "--host", "h1", "--underlay", "203.0.113.1", "--data", scene.folder + "/agent")
    #expect(agent.exit == 1 && agent.errors.contains("no interface of this host has this address"), "\(agent)")
  }

  @Test func `a network driver that ends leaves the socket that it was given to whoever gave it`() throws {
    let scene = try Scene()
    let driver = ["\(TestLab.builtPrograms)/archetype-network", "--data", scene.folder + "/networks"]
    let run = try scene.runAny(["perl", "-MIO::Socket::UNIX", "-MPOSIX", "-e", Self.giver, scene.folder + "/socket"] + driver)
    #expect(run.exit == 0, "\(run)")
  }

  /// Listens and hands its socket over as systemd does, and looks whether it is still good once the program has answered and ended.
  private static let giver = """
    my ($path, @program) = @ARGV;
    my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 8) or die "no socket: $!";
    my $child = fork;
    if (!$child) {
      my $given = fcntl($listener, F_DUPFD, 10);
      POSIX::dup2($given, 3);
      ($ENV{LISTEN_FDS}, $ENV{LISTEN_PID}) = (1, $$);
      exec @program;
    }
    my $asking = IO::Socket::UNIX->new($path) or die "not asked: $!";
    print $asking "POST /Plugin.Activate HTTP/1.0\\r\\nContent-Length: 0\\r\\n\\r\\n";
    join("", <$asking>) =~ /NetworkDriver/ or die "no answer";
    kill TERM => $child;
    waitpid($child, 0);
    $? == 0 or die "ended with $?";
    IO::Socket::UNIX->new($path) or die "the socket is shut: $!";
    """
}
