import Foundation
import Support
import Testing

/// Images by way of the agents of hosts with engines.
@Suite(.serialized) struct ImageTests {
  private func names(_ lab: TestLab, on host: String) throws -> [String] {
    let run = try lab.archetype("image", "list", "--host", host, "--format", "json")
    #expect(run.exit == 0, "\(run.errors)")
    let images = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    #expect(images.allSatisfy { $0["host"] as? String == host && ($0["size"] as? Int ?? 0) > 0 })
    return images.flatMap { $0["names"] as? [String] ?? [] }
  }

  @Test func `an archive of images is loaded on a host, and its lab runs`() throws {
    try TestLab.with(docker: true) { lab in
      try lab.importBusybox(on: "h1")
      let file = lab.folder + "/images.tar"
      let save = "\(lab.programs)/archetype testbed exec h1 --dir \(lab.folder) -- docker save busybox > \(file)"
      #expect(try CommandRun.run("/bin/sh", ["-ec", save], environment: lab.environment).exit == 0)
      #expect(try names(lab, on: "h1") == ["busybox:latest"] && names(lab, on: "h2") == [])
      let load = try lab.archetype("image", "load", file, "--host", "h2")
      #expect(load.exit == 0 && load.output == "h2: busybox:latest\n", "\(load)")
      #expect(try names(lab, on: "h2") == ["busybox:latest"])
      try lab.deploy(Topology("one", "name: one\ntopology: {nodes: {a: {kind: linux, image: busybox, host: h2}}}"))
    }
  }

  @Test func `a node without its image says so, holds up no other, and goes on by itself once that is loaded`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      let file = lab.folder + "/images.tar"
      _ = try lab.docker("h1", "tag", "busybox", "thing:1")
      let save = "\(lab.programs)/archetype testbed exec h1 --dir \(lab.folder) -- docker save thing:1 > \(file)"
      #expect(try CommandRun.run("/bin/sh", ["-ec", save], environment: lab.environment).exit == 0)
      _ = try lab.docker("h1", "rmi", "thing:1")
      let text = """
        name: lacks
        topology:
          defaults: {kind: linux}
          nodes:
            never: {image: "thing:1", image-pull-policy: Never}
            pulled: {image: "127.0.0.1:1/thing:1"}
            right: {image: busybox}
        """
      let deploy = try lab.archetype("deploy", "-t", try lab.file("lacks", text), "--timeout", "6")
      #expect(deploy.exit == 3 && deploy.errors.contains("node never: failed: image thing:1: isn't on this host"), "\(deploy.errors)")
      #expect(deploy.errors.contains("node pulled: failed: image 127.0.0.1:1/thing:1: ") && deploy.errors.contains("refused"))
      #expect(deploy.errors.contains("image load"))
      #expect(try lab.node("right", of: "lacks")["phase"] as? String == "ready")
      #expect(try lab.archetype("image", "load", file).exit == 0)
      #expect(try eventually { try lab.node("never", of: "lacks")["phase"] as? String == "ready" })
      _ = try lab.docker("h1", "tag", "thing:1", "127.0.0.1:1/thing:1")
      #expect(try eventually { try lab.isConverged("lacks") })
      // Its container needs no image any more.
      _ = try lab.docker("h1", "rmi", "-f", "thing:1")
      let pid = try #require(try lab.node("never", of: "lacks")["pid"] as? Int)
      #expect(try lab.on("h1", "kill", "-9", "\(pid)").exit == 0)
      #expect(
        try eventually {
          let node = try lab.node("never", of: "lacks")
          return node["phase"] as? String == "ready" && node["pid"] as? Int != pid
        })
    }
  }

  @Test func `what can't be loaded or pulled says why, and where`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      let file = lab.folder + "/rubbish.tar"
      #expect(try CommandRun.run("/bin/sh", ["-ec", "head -c 3000000 /dev/urandom > \(file)"]).exit == 0)
      let away = "127.0.0.1:1/a"
      for (verb, what, subject) in [("load", file, file), ("load", file + "x", file + "x"), ("pull", away, "image \(away)")] {
        let run = try lab.archetype("image", verb, what)
        #expect(run.exit == 1 && run.errors.contains("error: \(subject): "), "\(run)")
      }
      let run = try lab.archetype("image", "pull", away, "--format", "json")
      #expect(run.exit == 1 && run.errors.contains("\"subject\":\"image \(away)\"") && run.errors.contains("host h1"), "\(run)")
      #expect(try names(lab, on: "h1") == [])
    }
  }
}
