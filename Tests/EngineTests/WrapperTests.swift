import Foundation
import Support
import Testing

/// `archetype-runc`: as runc, but that it puts a new container into its node's sandbox; and how the agent has the engine know it.
@Suite(.serialized) struct WrapperTests {
  @Test func `the configuration is changed in one place, and what can't be done is told where the engine looks for it`() throws {
    try TestLab.with(hosts: 1) { lab in
      let script = """
        mkdir -p /run/archetype/docker/sandboxes /run/bundle /run/bin
        printf '#!/bin/sh\\necho "$@" > /run/called\\n' > /run/bin/runc
        chmod 755 /run/bin/runc
        ln -s /run/archetype/netns/archetype /run/archetype/docker/sandboxes/known
        ln -s /run/called /run/archetype/docker/sandboxes/wrong
        cd /run/bundle
        echo '{"z":18446744073709551615,"linux":{"namespaces":[{"type":"mount"},{"type":"network"}],"x":0.5},"a":"\\u00fc/"}' > config.json
        run() { PATH=/run/bin:$PATH \(lab.programs)/archetype-runc --log /run/log.json --log-format json "$@"; }
        run create --bundle /run/bundle --pid-file /run/p known
        cat config.json; echo; cat /run/called
        run delete known && cat /run/called
        run create --bundle=/run/bundle unknown || echo refused
        run create --bundle /run/bundle wrong || echo refused
        run create --bundle /run known || echo refused
        grep -c '"level":"error"' /run/log.json
        """
      let run = try lab.on("h1", "sh", "-c", script)
      #expect(
        run.output == """
          {"z":18446744073709551615,"linux":{"namespaces":[{"type":"mount"},{"type":"network","path":"/run/archetype/netns/archetype"}],"x":0.5},"a":"ü/"}
          --log /run/log.json --log-format json create --bundle /run/bundle --pid-file /run/p known
          --log /run/log.json --log-format json delete known
          refused
          refused
          refused
          3

          """, "\(run.errors)")
    }
  }

  @Test func `the engine's settings keep what is in them`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      func file() throws -> String { try lab.on("h1", "cat", "/etc/docker/daemon.json").output }
      let settings = #"{"debug":false,"runtimes":{"other":{"path":"/usr/sbin/runc"}},"labels":["a=b"]}"#
      _ = try lab.on("h1", "sh", "-c", "echo '\(settings)' > /etc/docker/daemon.json")
      try lab.deploy(Topology("one", "name: one\ntopology:\n  nodes:\n    n: {kind: linux, image: busybox}\n"))
      let merged = try file()
      for word in ["\"debug\"", "\"other\"", "a=b", "/var/lib/archetype/bin/archetype-runc"] { #expect(merged.contains(word)) }
    }
  }
}
