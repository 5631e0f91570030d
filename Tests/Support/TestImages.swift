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

  /// `netos:latest`: behaves like a device's system. It needs `eth1` before it boots, boots until there is a file `/go`, and then prints that it is
  /// ready.
  public func importNetworkSystem(on host: String) throws {
    let boot = """
      #!/bin/sh
      [ -e /sys/class/net/eth1 ] || { echo eth1 is missing; exit 1; }
      rm -f /go
      until [ -e /go ]; do sleep 0.1; done
      echo System ready
      exec sleep 1000000
      """
    try importImage("netos:latest", command: "/sbin/boot", files: ["sbin/boot": boot], on: host)
  }

  /// `archetype:latest`, and the same as `archetype:next`: the programs beside the test with their libraries, as the Containerfile's last stage has
  /// them.
  public func importArchetype(on host: String) throws {
    let script = """
      folder=$(mktemp -d)
      trap 'rm -rf "$folder"' EXIT
      mkdir -p "$folder/usr/bin" "$folder/proc" "$folder/sys" "$folder/dev" "$folder/tmp" "$folder/run" "$folder/var/lib/archetype"
      for name in archetype archetype-bus archetype-configs archetype-jobs archetype-links archetype-reconciler archetype-agent archetype-init \
        archetype-runc; do
        cp "\(programs)/$name" "$folder/usr/bin"
        ldd "\(programs)/$name" | grep -o '/[^ ]*' | while read -r library; do
          [ -e "$folder$library" ] || { mkdir -p "$folder$(dirname "$library")" && cp -L "$library" "$folder$library"; }
        done
      done
      tar -C "$folder" -c . | docker import - archetype:latest
      docker tag archetype:latest archetype:next
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
