/// Keys of containerlab's schema (release 0.79) by the place where they may stand, and which of them are supported here.
enum KnownKeys {
  /// The keys of one place.
  struct Place {
    var name: String
    var supported: Set<String>
    var known: Set<String>
    /// Keys below a key that isn't supported yet.
    var nested: [String: Set<String>] = [:]
  }

  static let top = Place(
    name: "the file",
    supported: [
      "name", "prefix", "topology", "mgmt",
    ],
    known: [
      "settings", "debug",
    ],
    nested: [
      "settings": [
        "certificate-authority"
      ]
    ])

  static let mgmt = Place(
    name: "mgmt",
    supported: [
      "network", "ipv4-subnet", "ipv6-subnet", "ipv4-gw", "ipv6-gw", "mtu", "external-access", "skip-when-unused",
    ],
    known: [
      "bridge", "ipv4-range", "ipv6-range", "driver-opts",
    ])

  static let topology = Place(
    name: "topology",
    supported: [
      "defaults", "kinds", "groups", "nodes", "links",
    ],
    known: [])

  static let node = Place(
    name: "a node",
    supported: [
      "kind", "image", "group", "startup-config", "exec", "env", "binds", "cmd", "network-mode", "host", "entrypoint", "user", "hostname",
      "privileged", "memory", "cpu", "cpu-set", "shm-size", "image-pull-policy", "runtime", "cap-add", "devices", "tmpfs", "security-opts",
      "labels", "sysctls", "dns", "startup-delay", "healthcheck", "stages", "mgmt-ipv4",
      "mgmt-ipv6", "ports",
      // Ours.
      "extra-hosts", "ulimits", "ready",
    ],
    known: [
      "restart-policy", "license", "type", "enforce-startup-config", "suppress-startup-config", "auto-remove", "volumes",
      "credentials", "env-files", "link-apply-mode", "extras", "config", "certificate",
      "components", "aliases", "cgroupns-mode", "cgroup-parent", "pid-mode",
    ],
    nested: [
      "credentials": [
        "username", "password", "identity-file",
      ],
      "extras": [
        "ceos-copy-to-flash"
      ],
      "config": [
        "vars"
      ],
      "certificate": [
        "issue", "sans", "key-size", "validity-duration",
      ],
    ])

  static let dns = Place(
    name: "dns",
    supported: [
      "servers", "search", "options",
    ],
    known: [])

  static let healthcheck = Place(
    name: "healthcheck",
    supported: [
      "test", "interval", "retries", "timeout", "start-period",
    ],
    known: [])

  static let stages = Place(
    name: "stages",
    supported: [
      "create", "create-links", "configure", "healthy", "exit",
    ],
    known: [])

  static let stage = Place(
    name: "a stage",
    supported: [
      "wait-for", "exec",
    ],
    known: [])

  static let waitFor = Place(
    name: "wait-for",
    supported: [
      "node", "stage",
    ],
    known: [])

  static let stageExec = Place(
    name: "exec of a stage",
    supported: [
      "command", "target", "phase",
    ],
    known: [])

  /// Ours.
  static let ready = Place(
    name: "ready",
    supported: [
      "command", "log", "port", "interval", "timeout", "start-period",
    ],
    known: [])

  static let shortLink = Place(
    name: "a link",
    supported: [
      "endpoints", "mtu",
    ],
    known: [
      "ipv4", "ipv6", "vars", "labels",
    ])

  static let vethLink = Place(
    name: "a link of type veth",
    supported: [
      "type", "endpoints", "mtu",
    ],
    known: [
      "ipv4", "ipv6", "vars", "labels",
    ])

  /// By type, links that are known and not supported yet.
  static let otherLinks: [String: Set<String>] = [
    "veth-stitch": [
      "type", "endpoints", "mtu", "vars", "labels",
    ],
    "mgmt-net": [
      "type", "endpoint", "host-interface", "mtu", "vars", "labels",
    ],
    "macvlan": [
      "type", "endpoint", "host-interface", "mode", "mtu", "vars", "labels",
    ],
    "host": [
      "type", "endpoint", "host-interface", "mtu", "vars", "labels",
    ],
    "vxlan": [
      "type", "endpoint", "remote", "vni", "dst-port", "src-port", "mtu", "vars", "labels",
    ],
    "vxlan-stitch": [
      "type", "endpoint", "remote", "vni", "dst-port", "src-port", "mtu", "vars", "labels",
    ],
    "dummy": [
      "type", "endpoint", "mtu", "vars", "labels",
    ],
  ]

  static let endpoint = Place(
    name: "an endpoint",
    supported: [
      "node", "interface",
    ],
    known: [
      "mac", "ipv4", "ipv6", "vars",
    ])

}
