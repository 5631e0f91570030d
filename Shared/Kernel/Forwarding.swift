import Glibc

/// What else a host needs for its nodes to reach what it reaches, and to be reached by its ports.
enum Forwarding {
  /// - Throws: EOPNOTSUPP where the host forwards nothing, with what to do.
  static func check(_ action: String, in host: borrowing NetworkNamespace, hasIPv6: Bool) throws(KernelError) {
    try host.inside { () throws(KernelError) in
      for name in ["net.ipv4.ip_forward"] + (hasIPv6 ? ["net.ipv6.conf.all.forwarding"] : []) {
        let setting = try Descriptor(path: "/proc/sys/\(String(name.map { $0 == "." ? "/" : $0 }))", flags: O_RDONLY)
        var value: UInt8 = 0
        guard read(setting.number, &value, 1) == 1 else { throw .current("read \(name)") }
        if value == UInt8(ascii: "0") {
          throw KernelError(EOPNOTSUPP, action, "this host forwards nothing (sysctl -w \(name)=1)")
        }
      }
    }
  }

  /// An engine drops what it doesn't know of all that is forwarded, and asks its host's owner first (`DOCKER-USER`). Where there is that chain, what
  /// leaves by the gate passes, and what comes back.
  static func set(_ gate: String, in host: borrowing NetworkNamespace, isAllowed: Bool) throws(KernelError) {
    for program in ["iptables", "ip6tables"] {
      guard try run([program, "-w", "5", "-n", "-L", chain], in: host) == 0 else { continue }
      for direction in [["-i", gate], ["-o", gate, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED,DNAT"]] {
        let rule = [chain] + direction + ["-m", "comment", "--comment", "archetype", "-j", "ACCEPT"]
        let isThere = try run([program, "-w", "5", "-C"] + rule, in: host) == 0
        if isThere == isAllowed { continue }
        guard try run([program, "-w", "5", isAllowed ? "-I" : "-D"] + rule, in: host) == 0 else {
          throw KernelError(EOPNOTSUPP, "let \(gate) through \(chain)", "\(program) refuses it")
        }
      }
    }
  }

  /// What the host sends to a published port at its own 127.0.0.1 leaves by the gate: the kernel allows that by device only.
  static func letLoopbackOut(by gate: String, in host: borrowing NetworkNamespace) throws(KernelError) {
    try host.inside { () throws(KernelError) in
      let setting = try Descriptor(path: "/proc/sys/net/ipv4/conf/\(gate)/route_localnet", flags: O_WRONLY)
      guard write(setting.number, "1", 1) == 1 else { throw .current("set route_localnet of \(gate)") }
    }
  }

  private static let chain = "DOCKER-USER"

  /// The exit code of a program in the namespace; 127 where there is none.
  private static func run(_ words: [String], in host: borrowing NetworkNamespace) throws(KernelError) -> Int32 {
    try host.inside { () throws(KernelError) -> Int32 in
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
        posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
      }
      var arguments = words.map { strdup($0) } + [nil]
      defer { for argument in arguments { free(argument) } }
      var pid: pid_t = 0
      let path = strdup("PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")
      defer { free(path) }
      var environment = [path, nil]
      let code = posix_spawnp(&pid, words[0], &actions, nil, &arguments, &environment)
      if code == ENOENT { return 127 }
      guard code == 0 else { throw KernelError(code, "run \(words[0])") }
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0 { if errno != EINTR { throw .current("wait for \(words[0])") } }
      return status & 0x7f == 0 ? status >> 8 & 0xff : 128
    }
  }
}
