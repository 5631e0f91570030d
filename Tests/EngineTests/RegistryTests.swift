import Foundation
import Support
import Testing

/// A registry on a virtual host's own loopback, which wants to know who pulls.
@Suite(.serialized) struct RegistryTests {
  private static let image = "127.0.0.1:5000/thing:1"

  /// Runs it with one image, which the host itself hasn't.
  private func serve(_ lab: TestLab) throws {
    try lab.importBusybox(on: "h1")
    // The password is "secret", as bcrypt has it.
    let script = """
      mkdir -p /run/registry/data
      echo 'user:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a' > /run/registry/users
      cat > /run/registry/config.yml <<END
      version: 0.1
      storage: {filesystem: {rootdirectory: /run/registry/data}}
      http: {addr: "127.0.0.1:5000"}
      auth: {htpasswd: {realm: test, path: /run/registry/users}}
      END
      setsid docker-registry serve /run/registry/config.yml > /run/registry/log 2>&1 < /dev/null &
      echo $! > /run/registry/pid
      until docker --config /run/login login -u user -p secret 127.0.0.1:5000; do sleep 0.2; done
      docker tag busybox \(Self.image)
      docker --config /run/login push \(Self.image)
      docker rmi \(Self.image)
      """
    let run = try lab.on("h1", "sh", "-ec", script)
    guard run.exit == 0 else { throw SupportError("registry: \(run.errors)\(run.output)") }
  }

  /// The agent begins anew with what `docker login` has written.
  private func login(_ lab: TestLab) throws {
    try lab.testbed("kill", "agent/h1")
    let environment = lab.environment.merging(["DOCKER_CONFIG": "/run/login"]) { _, new in new }
    let start = try CommandRun.run(
      lab.programs + "/archetype", ["testbed", "start", "agent/h1", "--dir", lab.folder], environment: environment)
    #expect(start.exit == 0, "\(start.errors)")
  }

  private func registry(_ signal: String, _ lab: TestLab) throws {
    #expect(try lab.on("h1", "sh", "-c", "kill -\(signal) $(cat /run/registry/pid)").exit == 0)
  }

  private func lab(_ name: String) -> String {
    """
    name: \(name)
    topology:
      defaults: {kind: linux}
      nodes:
        n: {image: "\(Self.image)"}
        other: {image: "\(Self.image)", image-pull-policy: Always}
        here: {image: busybox}
    """
  }

  @Test func `an image is pulled for those who may, shown as long as it takes, and given up when nobody waits for it any more`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try serve(lab)
      let refused = try lab.archetype("deploy", "-t", try lab.file("one", self.lab("one")), "--timeout", "6")
      #expect(refused.exit == 3 && refused.errors.contains("node n: failed: image \(Self.image)"), "\(refused.errors)")
      #expect(refused.errors.contains("docker login") && refused.errors.contains("image load"), "\(refused.errors)")
      #expect(try lab.node("here", of: "one")["phase"] as? String == "ready")
      try login(lab)
      #expect(try eventually(within: 60) { try lab.isConverged("one") })
      try lab.destroy("one")
      _ = try lab.docker("h1", "rmi", Self.image)
      try registry("STOP", lab)
      #expect(try lab.archetype("deploy", "-t", try lab.file("two", self.lab("two")), "--detach").exit == 0)
      #expect(
        try eventually {
          let node = try lab.node("n", of: "two")
          return node["phase"] as? String == "preparing" && (node["reason"] as? String)?.hasPrefix("pulling \(Self.image)") == true
        })
      #expect(try eventually { try lab.node("here", of: "two")["phase"] as? String == "ready" })
      try lab.destroy("two")
      try registry("CONT", lab)
      #expect(try !lab.docker("h1", "images").contains("thing"))
      try lab.deploy(Topology("three", self.lab("three")))
    }
  }
}
