import Glibc

/// The namespace that holds every device of ours on this host. The host's own is never edited.
public enum Fabric {
  public static let name = "archetype"

  /// Opens it, or makes it silent and pins it (dataplane.md, rule 7): settings come before the first device, `lo` stays down.
  public static func open(in pins: NamespacePins, named name: String = Fabric.name) throws(KernelError) -> NetworkNamespace {
    let fabric = try pins.openOrCreate(name, loopbackUp: false)
    try fabric.inside { () throws(KernelError) in try silence() }
    return fabric
  }

  /// Settings of the calling thread's namespace without which its devices send frames of their own or frames meet a firewall.
  private static func silence() throws(KernelError) {
    let settings = [
      ("ipv6/conf/all/disable_ipv6", "1", false), ("ipv6/conf/default/disable_ipv6", "1", false), ("ipv4/ip_forward", "0", true),
      ("bridge/bridge-nf-call-iptables", "0", false), ("bridge/bridge-nf-call-ip6tables", "0", false),
      ("bridge/bridge-nf-call-arptables", "0", false),
    ]
    for (name, value, isRequired) in settings {
      let path = "/proc/sys/net/\(name)"
      let number = Glibc.open(path, O_WRONLY | O_CLOEXEC)
      // A kernel without IPv6 or bridge filtering has nothing to turn off.
      if number < 0, errno == ENOENT, !isRequired { continue }
      guard number >= 0 else { throw .current("open \(path)") }
      defer { close(number) }
      guard write(number, value, value.utf8.count) == value.utf8.count else { throw .current("write \(path)") }
    }
  }
}
