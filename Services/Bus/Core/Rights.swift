import Model

/// What the holder of a command line's key may ask for: the only place that says it. Services and agents check what they are asked beside this.
enum Rights {
  struct Right {
    /// The least role that may ask.
    var need: Role
    /// Whether it is noted who did.
    var isNoted = false
  }

  /// - Parameter kind: of an envelope. What isn't known, from a newer command line, only an admin may ask for.
  static func right(to kind: String) -> Right { all[kind] ?? Right(need: .admin, isNoted: true) }

  static let all: [String: Right] = {
    var all: [String: Right] = ["PeerService.Enroll": Right(need: .newcomer, isNoted: true)]
    func add(_ service: String, _ need: Role, isNoted: Bool = false, _ methods: String...) {
      for method in methods { all["\(service).\(method)"] = Right(need: need, isNoted: isNoted) }
    }
    add("ConfigService", .viewer, "Standing", "MissingBlobs")
    add("ConfigService", .operator, "PutBlob")
    // Intent and contents hold secrets.
    add("ConfigService", .admin, isNoted: true, "Put", "GetBlob", "Snapshot", "Assignment", "Recover", "Backup", "Restore")
    // Parts of what is noted.
    add("ConfigService", .admin, "BackupPart", "RestorePart")
    add("JobService", .viewer, "PlanLab", "Show", "List")
    add("JobService", .operator, isNoted: true, "ApplyLab", "DestroyLab", "SetNodes", "Cancel", "RestrainHost")
    add("JobService", .admin, isNoted: true, "RegisterHost", "ForgetHost")
    add("ReconcilerService", .viewer, "Inspect", "Labs", "Hosts", "Events")
    add("ReconcilerService", .admin, isNoted: true, "Register", "Report", "Heartbeat", "Remains", "ClearVNIs")
    add("AgentService", .viewer, "Logs", "Postmortem", "Images", "Usage")
    // What follows a command that was noted.
    add("AgentService", .operator, "ExecRead", "ExecWrite", "ExecResize", "ExecKill")
    add("AgentService", .operator, isNoted: true, "Exec", "ImageTask")
    add("AgentService", .admin, isNoted: true, "FarEnds", "Greet")
    add("PeerService", .viewer, "Status")
    // It shows what the tap shows.
    add("PeerService", .operator, "Recent")
    add("PeerService", .admin, "Audit")
    return all
  }()
}
