import Model
import Testing

@testable import Topology

/// What a file says of how its nodes start.
@Suite("Starts in topology files")
struct BootTopologyTests {
  private func resolve(_ text: String) -> Resolution { Topology.resolve(text, file: "lab.clab.yml", environment: [:]) }

  @Test("ready, healthcheck and startup-delay are read, and the more specific stands")
  func reading() throws {
    let resolution = resolve(
      """
      name: x
      topology:
        defaults:
          kind: linux
          image: alpine
          startup-delay: 5
          ready: {log: "^up [0-9]+$", timeout: 30, interval: 0.5, start-period: 2}
        nodes:
          a:
          b: {startup-delay: 0, ready: {command: "test -e '/tmp/a file'"}}
          c: {ready: {port: 179}}
      """)
    #expect(resolution.errors.isEmpty && resolution.warnings.isEmpty, "\(resolution)")
    let nodes = try #require(resolution.lab?.nodes)
    #expect(nodes.map(\.startupDelay) == [5_000, 0, 5_000])
    #expect(
      nodes.map(\.readiness) == [
        Readiness(.log("^up [0-9]+$"), startPeriod: 2_000, interval: 500, deadline: 30_000),
        Readiness(.command(["test", "-e", "/tmp/a file"])), Readiness(.port(179)),
      ])
  }

  @Test("containerlab's healthcheck is a command with Docker's times")
  func healthcheck() throws {
    let resolution = resolve(
      """
      name: x
      topology:
        nodes:
          a: {kind: linux, image: alpine, healthcheck: {test: [CMD, cat, /etc/os-release], start-period: 3, interval: 5, timeout: 2, retries: 4}}
          b: {kind: linux, image: alpine, healthcheck: {test: [CMD-SHELL, "cat __clabNodeName__ | grep x"]}}
          c: {kind: linux, image: alpine, healthcheck: {test: [NONE]}}
          d: {kind: linux, image: alpine, healthcheck: {test: [NONE]}, ready: {port: 22}}
      """)
    #expect(resolution.errors.isEmpty && resolution.warnings.isEmpty, "\(resolution)")
    #expect(
      resolution.lab?.nodes.map(\.readiness) == [
        Readiness(.command(["cat", "/etc/os-release"]), startPeriod: 3_000, interval: 5_000, timeout: 2_000, deadline: 31_000),
        Readiness(.command(["sh", "-c", "cat b | grep x"]), interval: 30_000, timeout: 30_000, deadline: 180_000), nil,
        Readiness(.port(22)),
      ])
  }

  @Test("What can't be meant is an error at its place")
  func wrong() {
    let resolution = resolve(
      """
      name: x
      topology:
        nodes:
          a: {kind: linux, image: b, ready: {}}
          b: {kind: linux, image: b, ready: {log: x, port: 1}}
          c: {kind: linux, image: b, ready: {log: "("}}
          d: {kind: linux, image: b, ready: {port: 65536}}
          e: {kind: linux, image: b, ready: {port: 1, timeout: soon}}
          f: {kind: linux, image: b, startup-delay: -1}
          g: {kind: linux, image: b, healthcheck: {test: [cat]}}
          h: {kind: linux, image: b, healthcheck: {test: [CMD, cat], retries: 0}}
          i: {kind: linux, image: b, startup-delay: 86401}
      """)
    #expect(resolution.errors.map(\.line) == [4, 5, 6, 7, 8, 9, 10, 11, 12])
    #expect(
      resolution.errors.map(\.key) == ["ready", "ready", "log", "port", "timeout", "startup-delay", "test", "retries", "startup-delay"])
  }
}
