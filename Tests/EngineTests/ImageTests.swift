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
