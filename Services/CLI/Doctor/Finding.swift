/// What was looked at on this machine, and what its lack costs.
struct Finding {
  enum State: String {
    case good
    /// Labs run, but not all of them, or not so well.
    case lacking
    /// No agent can work here.
    case unusable
  }

  var subject: String
  var state: State
  /// What is there.
  var found: String
  /// What can't be done for it; empty where nothing is lacking.
  var cost = ""
  /// What to do.
  var remedy = ""

  static func good(_ subject: String, _ found: String) -> Finding { Finding(subject: subject, state: .good, found: found) }

  static func lacking(_ subject: String, _ found: String, cost: String, remedy: String) -> Finding {
    Finding(subject: subject, state: .lacking, found: found, cost: cost, remedy: remedy)
  }

  static func unusable(_ subject: String, _ found: String, cost: String, remedy: String) -> Finding {
    Finding(subject: subject, state: .unusable, found: found, cost: cost, remedy: remedy)
  }

  var json: JSON {
    .members([
      "subject": .string(subject), "state": .string(state.rawValue), "found": .string(found), "cost": .string(cost),
      "remedy": .string(remedy),
    ])
  }
}
