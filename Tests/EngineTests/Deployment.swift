import Foundation
import Support
import Testing

/// What was started by compose on both hosts.
struct Deployment {
  let lab: TestLab
  private let underlay: [String: String]

  private static let keys = "/var/lib/archetype/keys"

  init(_ lab: TestLab) throws {
    self.lab = lab
    underlay = try ["h1", "h2"].reduce(into: [:]) { found, host in
      found[host] = try lab.underlay(of: host).text.split(separator: "/").first.map(String.init)
    }
    try shell("h1", "\(lab.programs)/archetype keys init --keys \(Self.keys) && \(lab.programs)/archetype keys host h2 --keys \(Self.keys)")
    try compose("h1", "up", "-d")
    try shell("h1", "cp -r \(Self.keys)/hosts/h2 \(lab.folder)/h2.keys")
    try shell("h2", "mkdir -p \(Self.keys) && cp -r \(lab.folder)/h2.keys/. \(Self.keys)")
    try compose("h2", "up", "-d")
    guard try eventually(within: 60, { try hosts() == ["h1", "h2"] }) else {
      throw SupportError("the hosts are not there: \(try lab.on("h1", "docker", "logs", "compose_agent_1").errors)")
    }
  }

  private func hosts() throws -> [String] {
    let run = try lab.on("h1", "sh", "-c", archetypeWords + " host list --format json")
    guard run.exit == 0, let list = try run.json() as? [[String: Any]] else { return [] }
    return list.filter { $0["state"] as? String == "online" }.compactMap { $0["name"] as? String }.sorted()
  }

  private var archetypeWords: String { "ARCHETYPE_BUS=ipc:///run/archetype NO_COLOR=1 \(lab.programs)/archetype" }

  var follow: String { archetypeWords + " events --since 0 --follow --format json" }

  /// A script on h1, beside what the test does.
  func start(_ script: String) throws -> StartedCommand {
    try lab.start("testbed", "exec", "h1", "--dir", lab.folder, "--", "sh", "-c", script)
  }

  /// As long as it is there, which is no longer than the testbed, jobs come.
  private var jobsGo: String { lab.folder + "/jobs-go" }

  /// One job after the other, until `endJobs`; prints how each command has ended.
  func startJobs(_ file: String) throws -> StartedCommand {
    #expect(FileManager.default.createFile(atPath: jobsGo, contents: nil))
    return try start(
      """
      try() {
        while [ -e \(jobsGo) ]; do
          env \(archetypeWords) "$@" --timeout 120 >&2
          code=$?
          echo $code
          [ $code = 4 ] || return 0
        done
      }
      while [ -e \(jobsGo) ]; do
        try deploy -t \(file)
        try destroy brief
      done
      """)
  }

  /// How each command has ended, and what all have said; none comes after.
  func endJobs(_ jobs: StartedCommand) throws -> (exits: [Substring], said: String) {
    try FileManager.default.removeItem(atPath: jobsGo)
    let run = jobs.wait(limit: 300)
    return (run.output.split(separator: "\n"), run.errors)
  }

  /// Of the jobs that are remembered.
  func jobPhases() throws -> [String] {
    let list = try lab.on("h1", "sh", "-c", archetypeWords + " job list --format json").json() as? [[String: Any]] ?? []
    return list.compactMap { $0["phase"] as? String }
  }

  /// Of a service's container.
  func image(of service: String) throws -> String { try lab.docker("h1", "inspect", "-f", "{{.Image}}", "compose_\(service)_1") }

  private func shell(_ host: String, _ script: String) throws {
    let run = try lab.on(host, "sh", "-ec", script)
    guard run.exit == 0 else { throw SupportError("\(host): \(script): \(run.errors)\(run.output)") }
  }

  func archetype(_ arguments: String...) throws { try shell("h1", ([archetypeWords] + arguments).joined(separator: " ")) }

  /// As env.example has them.
  private static let metrics =
    "ARCHETYPE_NETWORK_MODE=host ARCHETYPE_CONFIGS_OPTIONS='--metrics 9471' ARCHETYPE_NETWORK_OPTIONS='--metrics 9476'"

  /// Of a program on h1.
  func isReady(at port: Int) throws -> Bool {
    let script = "exec 3<>/dev/tcp/127.0.0.1/\(port) && printf 'GET /ready HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3"
    return try lab.on("h1", "bash", "-c", script).output.hasSuffix("\r\n\r\nready\n")
  }

  private func settings(_ host: String) -> String {
    let bus =
      host == "h1"
      ? "ARCHETYPE_BUS_OPTIONS='--listen ipc:///run/archetype --listen tcp://0.0.0.0:7700 --keys /etc/archetype/keys'"
      : "ARCHETYPE_BUS=tcp://\(underlay["h1"] ?? ""):7700"
    return
      "ARCHETYPE_HOST=\(host) ARCHETYPE_UNDERLAY=\(underlay[host] ?? "") ARCHETYPE_KEYS=\(Self.keys) \(Self.metrics) ARCHETYPE_AGENT_OPTIONS='--docker /run/docker.sock' \(bus)"
  }

  func run(_ host: String, _ words: [String], settings: String) throws -> CommandRun {
    let file = TestLab.repository + "/compose/" + (host == "h1" ? "compose.yaml" : "compose.agent.yaml")
    let command = "\(settings) DOCKER_HOST=unix:///run/docker.sock docker-compose -p compose -f \(file) " + words.joined(separator: " ")
    return try lab.on(host, "sh", "-c", command)
  }

  func compose(_ host: String, _ words: String..., image: String = "archetype:latest") throws { try compose(host, words, image: image) }

  func compose(_ host: String, _ words: [String], image: String = "archetype:latest") throws {
    let run = try run(host, words, settings: settings(host) + " ARCHETYPE_IMAGE=\(image)")
    guard run.exit == 0 else { throw SupportError("docker-compose \(words) on \(host): \(run.errors)\(run.output)") }
  }

  func health(_ host: String, _ service: String) throws -> String {
    try lab.docker(host, "inspect", "-f", "{{.State.Health.Status}}", "compose_\(service)_1")
  }

  private func inspect(_ name: String) throws -> [String: Any]? {
    let run = try lab.on("h1", "sh", "-c", archetypeWords + " inspect \(name) --format json")
    return run.exit == 0 ? try run.json() as? [String: Any] : nil
  }

  /// The first process of each node.
  func nodes(_ name: String) throws -> [String: Int] {
    let nodes = try inspect(name)?["nodes"] as? [[String: Any]] ?? []
    return Dictionary(uniqueKeysWithValues: nodes.map { ($0["name"] as? String ?? "", $0["pid"] as? Int ?? 0) })
  }

  func converges(_ name: String, after what: String) throws {
    let ready = try eventually(within: 60) { try inspect(name)?["converged"] as? Bool == true }
    #expect(ready, "not converged after \(what)")
  }

  func echoes(from node: String, _ name: String, to address: String) throws -> Echoes {
    guard let pid = try nodes(name)[node] else { throw SupportError("\(node) doesn't run") }
    return try Echoes(lab, of: pid, on: "h1", to: address)
  }

  /// What a follower that was never restarted has printed.
  func events(_ followed: StartedCommand) throws -> [Happening] {
    try followed.printed.split(separator: "\n").map { try JSONDecoder().decode(Happening.self, from: Data($0.utf8)) }
  }

  struct Happening: Decodable {
    var index: Int
    var subject: String
    var kind: String
  }
}
