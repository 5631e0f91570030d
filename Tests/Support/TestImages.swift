/// Images made of the distribution's packages: none can be pulled here.
extension TestLab {
  /// `busybox:latest`: a shell and its commands, of the package busybox-static.
  public func importBusybox(on host: String) throws { try importImage("busybox:latest", command: "sh", on: host) }

  /// `frrouting/frr:test`: zebra, staticd and ospfd of the package frr with their libraries. They begin with `/etc/frr/frr.conf` as their project's
  /// own image does.
  public func importRouter(on host: String) throws {
    let boot = """
      #!/bin/sh
      mkdir -p /run/frr /var/tmp/frr
      chown -R frr:frr /run/frr /var/tmp/frr /etc/frr
      echo 1 > /proc/sys/net/ipv4/ip_forward
      for name in zebra staticd ospfd; do /usr/lib/frr/$name -d -A 127.0.0.1; done
      vtysh -b
      exec sleep 1000000
      """
    let programs = """
      programs="/usr/lib/frr/zebra /usr/lib/frr/staticd /usr/lib/frr/ospfd /usr/bin/vtysh"
      security=$(find /lib/*/security -name pam_permit.so)
      for file in $programs $security /etc/pam.d/frr $(ldd $programs $security | grep -o '/[^ ]*' | grep -v ':$' | sort -u); do
        mkdir -p "$folder$(dirname "$file")"
        cp -L "$file" "$folder$file"
      done
      mkdir -p "$folder/etc/frr" "$folder/var"
      ln -s /run "$folder/var/run"
      echo 'account sufficient pam_permit.so' >> "$folder/etc/pam.d/frr"
      echo 'service integrated-vtysh-config' > "$folder/etc/frr/vtysh.conf"
      grep '^frr' /etc/passwd >> "$folder/etc/passwd"
      grep '^frr' /etc/group >> "$folder/etc/group"
      """
    try importImage("frrouting/frr:test", command: "/sbin/boot", files: ["sbin/boot": boot], more: programs, on: host)
  }

  /// `netos:latest`: behaves like a device's system of the kind `arista_ceos`. Its init is told its environment, it needs its interfaces before it
  /// boots, boots until there is a file `/go`, prints that it is ready, drops what it should forward, and has a command line that knows its running
  /// configuration, which begins as the startup configuration in its flash.
  public func importNetworkSystem(on host: String) throws {
    let boot = """
      #!/bin/sh
      for word in "$@"; do case "$word" in systemd.setenv=*) export "${word#systemd.setenv=}" ;; esac; done
      [ "$CEOS $EOS_PLATFORM $container" = "1 ceoslab docker" ] || { echo wrong environment; exit 1; }
      for name in "$MGMT_INTF" "${INTFTYPE}1"; do [ -e "/sys/class/net/$name" ] || { echo "$name is missing"; exit 1; }; done
      mkdir -p /run
      cp /mnt/flash/startup-config /run/running-config || exit 1
      : > /run/rules
      for name in /sys/class/net/eth*; do echo "-i ${name##*/} -j DROP" >> /run/rules; done
      rm -f /go
      until [ -e /go ]; do sleep 0.1; done
      echo "%SYS-5-SYSTEM_INITIALIZED: System initialized"
      exec sleep 1000000
      """
    let commandLine = """
      #!/bin/sh
      if [ $# = 0 ]; then while read -r line; do Cli -p 15 -c "$line"; done; exit; fi
      [ "$1 $2 $3" = "-p 15 -c" ] || exit 2
      case "$4" in
      "show running-config") cat /run/running-config ;;
      "write memory") cp /run/running-config /mnt/flash/startup-config ;;
      *) echo "$4" >> /run/running-config ;;
      esac
      """
    let rules = """
      #!/bin/sh
      [ "$1 $2" = "-D EOS_FORWARD" ] && grep -qx -e "$3 $4 $5 $6" /run/rules || exit 1
      sed -i "/^$3 $4 /d" /run/rules
      """
    let files = ["sbin/init": boot, "usr/bin/Cli": commandLine, "usr/bin/iptables": rules]
    try importImage("netos:latest", command: "sh", files: files, on: host)
  }

  /// `archetype:latest`: the programs beside the test with their libraries, as the Containerfile's last stage has them; and `archetype:next`, another
  /// image of the same content.
  public func importArchetype(on host: String) throws {
    let script = """
      folder=$(mktemp -d)
      trap 'rm -rf "$folder"' EXIT
      mkdir -p "$folder/usr/bin" "$folder/proc" "$folder/sys" "$folder/dev" "$folder/tmp" "$folder/run" "$folder/var/lib/archetype"
      for name in archetype archetype-bus archetype-configs archetype-jobs archetype-links archetype-reconciler archetype-agent archetype-init \
        archetype-runc archetype-network; do
        cp "\(programs)/$name" "$folder/usr/bin"
        ldd "\(programs)/$name" | grep -o '/[^ ]*' | while read -r library; do
          [ -e "$folder$library" ] || { mkdir -p "$folder$(dirname "$library")" && cp -L "$library" "$folder$library"; }
        done
      done
      tar -C "$folder" -c . | docker import - archetype:latest
      printf 'FROM archetype:latest\\nLABEL version=next\\n' | DOCKER_BUILDKIT=0 docker build -t archetype:next -
      """
    let run = try on(host, "sh", "-ec", script)
    guard run.exit == 0 else { throw SupportError("image archetype on \(host): \(run.errors)\(run.output)") }
  }

  /// - Parameters:
  ///   - files: programs beside busybox's, by path; none may hold a quote.
  ///   - more: of the script that fills `$folder`.
  private func importImage(_ name: String, command: String, files: [String: String] = [:], more: String = "", on host: String) throws {
    let additions = files.map { path, text in
      "mkdir -p \"$folder/$(dirname \(path))\"; echo '\(text)' > \"$folder/\(path)\"; chmod 755 \"$folder/\(path)\""
    }
    let script = """
      folder=$(mktemp -d)
      trap 'rm -rf "$folder"' EXIT
      mkdir -p "$folder/bin" "$folder/etc" "$folder/tmp" "$folder/root" "$folder/proc" "$folder/sys" "$folder/dev"
      cp -L "$(command -v busybox)" "$folder/bin/busybox"
      for name in $(busybox --list); do [ -e "$folder/bin/$name" ] || ln -s busybox "$folder/bin/$name"; done
      echo 'root:x:0:0:root:/root:/bin/sh' > "$folder/etc/passwd"
      echo 'root:x:0:' > "$folder/etc/group"
      \(additions.joined(separator: "\n"))
      \(more)
      tar -C "$folder" -c . | docker import --change 'CMD ["\(command)"]' - \(name)
      """
    let run = try on(host, "sh", "-ec", script)
    guard run.exit == 0 else { throw SupportError("image \(name) on \(host): \(run.errors)\(run.output)") }
  }

  /// The engine's own command line on a host; what it printed, without the last line's end.
  public func docker(_ host: String, _ arguments: String...) throws -> String {
    let run = try CommandRun.run(
      programs + "/archetype", ["testbed", "exec", host, "--dir", folder, "--", "docker"] + arguments, environment: environment)
    guard run.exit == 0 else { throw SupportError("docker \(arguments.joined(separator: " ")) on \(host): \(run.errors)") }
    return run.output.hasSuffix("\n") ? String(run.output.dropLast()) : run.output
  }
}
