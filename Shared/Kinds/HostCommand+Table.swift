import Model

extension HostCommand {
  /// One line of the table.
  struct Entry: Sendable {
    /// Globs over the image's repository without registry; `*` stands for anything.
    var images: [String]
    var program: HostCommand
    /// Commands that topologies give with these images and that the entry already does.
    var startScripts: [[String]] = []

    func matches(_ repository: String) -> Bool {
      images.contains { glob(Array($0.utf8)[...], Array(repository.utf8)[...]) }
    }

    private func glob(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
      guard let first = pattern.first else { return text.isEmpty }
      if first == UInt8(ascii: "*") {
        let rest = pattern.dropFirst()
        return (text.startIndex...text.endIndex).contains { glob(rest, text[$0...]) }
      }
      return text.first == first && glob(pattern.dropFirst(), text.dropFirst())
    }
  }

  static let table: [Entry] = [
    Entry(images: ["frrouting/frr*", "*/frr", "frr", "frr-*"], program: frr, startScripts: [["/usr/lib/frr/docker-start"]]),
    Entry(
      images: [
        "", "alpine", "*/alpine", "busybox", "*/busybox", "debian", "*/debian", "ubuntu", "*/ubuntu", "*multitool*", "*/netshoot",
      ], program: idle),
  ]

  /// A node that waits: its shells are started by `exec`.
  public static let idle = HostCommand(arguments: [], files: [], environment: [])

  /// FRR's daemons under watchfrr, which stays in the foreground and is what the node lives and dies with.
  ///
  /// `/etc/frr/daemons` says which; `daemon_list` of FRR's own shell library reads it. The folder for sockets is a tmpfs's in an image and
  /// missing in a fresh root, and configurations that came as files belong to root, which the daemons
  /// couldn't read; a bind's files are the host's and stay as they are. A router forwards.
  public static let frr = HostCommand(
    arguments: [
      "/bin/bash", "-c",
      """
      log_success_msg() { :; }; log_warning_msg() { echo "$*" >&2; }; log_failure_msg() { echo "$*" >&2; }
      echo 1 > /proc/sys/net/ipv4/ip_forward
      echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
      install -d -o frr -g frr -m 755 /run/frr /var/tmp/frr
      mounts=$(</proc/self/mountinfo)
      own=()
      for file in /etc/frr /etc/frr/*; do [[ $mounts == *" $file "* ]] || own+=("$file"); done
      chown frr:frr "${own[@]}"
      chmod u+rwX,g+rX "${own[@]}"
      . /usr/lib/frr/frrcommon.sh
      daemon_list daemons
      exec /usr/lib/frr/watchfrr $watchfrr_options $daemons
      """,
    ],
    files: [
      DefaultFile(path: "/etc/frr/daemons", content: frrDaemons, mode: 0o640),
      DefaultFile(path: "/etc/frr/vtysh.conf", content: "service integrated-vtysh-config\n", mode: 0o640),
      DefaultFile(path: "/etc/frr/frr.conf", content: "", mode: 0o640),
    ],
    environment: [], configPath: "/etc/frr/frr.conf", console: ["vtysh"])

  /// Zebra and staticd always run; the node's own file names the rest.
  private static let frrDaemons = """
    bgpd=no
    ospfd=no
    ospf6d=no
    ripd=no
    ripngd=no
    isisd=no
    pimd=no
    ldpd=no
    nhrpd=no
    eigrpd=no
    babeld=no
    pbrd=no
    bfdd=no
    fabricd=no
    vrrpd=no
    pathd=no
    vtysh_enable=yes
    zebra_options="  -A 127.0.0.1 -s 90000000"
    bgpd_options="   -A 127.0.0.1"
    ospfd_options="  -A 127.0.0.1"
    ospf6d_options=" -A ::1"
    isisd_options="  -A 127.0.0.1"
    staticd_options="-A 127.0.0.1"
    bfdd_options="   -A 127.0.0.1"

    """
}
