import Foundation
import Support
import Testing

/// What a topology says of containers reaches them, and what can't be is said clearly.
@Suite(.serialized) struct ContainerOptionTests {
  @Test func `every option of a container is set`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      let config = lab.folder + "/start.cfg"
      try "hello from the file\n".write(toFile: config, atomically: true, encoding: .utf8)
      try lab.deploy(
        Topology(
          "all",
          """
          name: all
          topology:
            nodes:
              n:
                kind: linux
                image: busybox
                entrypoint: sh -c
                cmd: '"sleep 1000"'
                user: "0:0"
                hostname: tower
                env: {COLOUR: "red blue"}
                labels: {owner: me}
                cap-add: [SYS_TIME]
                sysctls: {net.ipv4.ip_forward: 1}
                ulimits: {nofile: "1234:2345"}
                memory: 128m
                cpu: 0.5
                cpu-set: "0"
                shm-size: 32m
                tmpfs: ["/scratch:size=1m"]
                dns: {servers: [192.0.2.53], search: [example.net]}
                extra-hosts: ["neighbour:192.0.2.7"]
                binds: ["start.cfg:/etc/start.cfg", "/usr/share/zoneinfo:/zones:ro"]
                startup-config: start.cfg
          """))
      func sees(_ script: String) throws -> String { try lab.exec("all", "n", "sh", "-c", script).output }
      #expect(try sees("hostname; echo $COLOUR") == "tower\nred blue\n")
      // Its first process has it so; one of `exec` may find the soft limit raised, by runc's own start (opencontainers/runc#4195).
      #expect(try sees("cat /proc/sys/net/ipv4/ip_forward; grep -c 'files *1234 *2345 ' /proc/1/limits") == "1\n1\n")
      #expect(try sees("cat /etc/start.cfg /etc/archetype/startup-config") == "hello from the file\nhello from the file\n")
      #expect(try sees("grep -c tmpfs /proc/mounts | grep -vc '^0'; df -k /dev/shm /scratch | grep -c ' 32768 \\| 1024 '") == "1\n2\n")
      #expect(try sees("cat /etc/resolv.conf").contains("192.0.2.53"))
      #expect(try sees("cat /etc/hosts").contains("192.0.2.7\tneighbour"))
      #expect(try sees("ls /zones | grep -c UTC; touch /zones/x 2>/dev/null || echo read-only").hasSuffix("read-only\n"))
      let format =
        "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.CpusetCpus}} {{.HostConfig.CapAdd}} {{.Config.Labels.owner}}"
      let container = try lab.docker("h1", "ps", "-q", "--filter", "label=archetype.lab=all")
      #expect(try lab.docker("h1", "inspect", "-f", format, container).contains("134217728 500000000 0"))
      #expect(try lab.docker("h1", "inspect", "-f", format, container).hasSuffix(" me"))
      #expect(try lab.docker("h1", "inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", container) == "no")
    }
  }

  @Test func `a container has its management address before its first process, and its host reaches it`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      let text = """
        name: managed
        mgmt: {ipv4-subnet: 10.77.0.0/24, ipv6-subnet: "fd00:77::/64"}
        topology:
          defaults: {kind: linux, image: busybox, entrypoint: sh -c}
          nodes:
            a: {cmd: "'ip -o address show dev eth0 > /first; exec sleep 1000'"}
            b: {cmd: "'exec sleep 1000'", mgmt-ipv4: 10.77.0.77}
            c: {cmd: "'exec sleep 1000'", network-mode: none}
        """
      try lab.deploy(Topology("managed", text))
      let first = try lab.exec("managed", "a", "cat", "/first").output
      #expect(first.contains("10.77.0.2/24") && first.contains("fd00:77::2/64"), "\(first)")
      for address in ["10.77.0.2", "10.77.0.77", "fd00:77::2"] {
        #expect(try lab.on("h1", "ping", "-q", "-c", "1", "-W", "5", address).exit == 0, "\(address)")
      }
      #expect(try lab.exec("managed", "a", "ping", "-c", "1", "-W", "5", "10.77.0.77").exit == 0)
      #expect(try !lab.exec("managed", "c", "ip", "-o", "link").output.contains("eth0"))
      // Another start by anybody finds it as it was.
      let container = try lab.docker("h1", "ps", "-q", "--filter", "label=archetype.node=a")
      _ = try lab.docker("h1", "restart", "-t", "0", container)
      let isBack = eventually {
        guard (try? lab.isConverged("managed")) == true else { return false }
        return ["10.77.0.2", "fd00:77::2"].allSatisfy { (try? lab.on("h1", "ping", "-q", "-c", "1", "-W", "2", $0).exit) == 0 }
      }
      #expect(isBack)
      try lab.destroy("managed")
      #expect(try !lab.on("h1", "ip", "-o", "link").output.contains("ar1 "))
    }
  }

  @Test func `an image that isn't there, and a name that is taken, are told with what to do`() throws {
    try TestLab.with(hosts: 1, docker: true) { lab in
      try lab.importBusybox(on: "h1")
      let missing = Topology("gone", "name: gone\ntopology:\n  nodes:\n    n: {kind: linux, image: \"localhost:1/none:1\"}\n")
      let run = try lab.archetype("deploy", "-t", try lab.file(missing.name, missing.text), "--timeout", "5")
      #expect(
        run.exit == 3 && run.errors.contains("localhost:1/none:1") && run.errors.contains("image load"), "\(run.errors)\(run.output)")
      try lab.destroy("gone")
      let wrong = Topology("wrong", "name: wrong\ntopology:\n  nodes:\n    n: {kind: linux, image: busybox, cmd: /no/such/program}\n")
      let failed = try lab.archetype("deploy", "-t", try lab.file(wrong.name, wrong.text), "--timeout", "5")
      #expect(failed.exit == 3 && failed.errors.contains("/no/such/program"), "\(failed.errors)\(failed.output)")
      try lab.destroy("wrong")
      #expect(try lab.docker("h1", "ps", "-aq") == "")
    }
  }
}
