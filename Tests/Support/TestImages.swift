/// Images made of the distribution's packages: none can be pulled here.
extension TestLab {
  /// `busybox:latest`: a shell and its commands, of the package busybox-static.
  public func importBusybox(on host: String) throws {
    let script = """
      folder=$(mktemp -d)
      trap 'rm -rf "$folder"' EXIT
      mkdir -p "$folder/bin" "$folder/etc" "$folder/tmp" "$folder/root" "$folder/proc" "$folder/sys" "$folder/dev"
      cp -L "$(command -v busybox)" "$folder/bin/busybox"
      for name in $(busybox --list); do [ -e "$folder/bin/$name" ] || ln -s busybox "$folder/bin/$name"; done
      echo 'root:x:0:0:root:/root:/bin/sh' > "$folder/etc/passwd"
      echo 'root:x:0:' > "$folder/etc/group"
      tar -C "$folder" -c . | docker import --change 'CMD ["sh"]' - busybox:latest
      """
    let run = try on(host, "sh", "-ec", script)
    guard run.exit == 0 else { throw SupportError("busybox's image on \(host): \(run.errors)\(run.output)") }
  }

  /// The engine's own command line on a host; what it printed, without the last line's end.
  public func docker(_ host: String, _ arguments: String...) throws -> String {
    let run = try CommandRun.run(
      programs + "/archetype", ["testbed", "exec", host, "--dir", folder, "--", "docker"] + arguments, environment: environment)
    guard run.exit == 0 else { throw SupportError("docker \(arguments.joined(separator: " ")) on \(host): \(run.errors)") }
    return run.output.hasSuffix("\n") ? String(run.output.dropLast()) : run.output
  }
}
