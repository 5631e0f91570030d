import Model

extension Postmortem {
  /// Records and lines of each kind that a person is shown.
  private static let shown = 20
  private static let actionsShown = 5

  var text: String {
    var lines = [verdict, doing] + remarks.map { "note: \($0)" }
    func section(_ title: String, _ body: [String], _ reason: String = "") {
      lines += ["", title]
      lines += body.isEmpty ? ["  \(reason.isEmpty ? "nothing" : reason)"] : body.suffix(Self.shown).map { "  \($0)" }
    }
    let life = death?.boot ?? boot
    section("Last records of \(death == nil ? "this boot" : "that boot")", records.filter { $0.boot == life }.map(\.line))
    section("How busy it was", loads.filter { $0.boot == life }.map(\.line))
    section("Warnings of the kernel since this boot", kernel.lines, kernel.reason)
    section("End of the system's log of the boot before", system.lines, system.reason)
    return lines.joined(separator: "\n") + "\n"
  }

  private var verdict: String {
    guard let death else { return "host \(host): no death is on record" }
    let how = death.isClean ? "its agent had been told to end" : "without a word"
    return "host \(host) died \(how), after \(Timestamp.text(death.last.wall)), \(ago(death.last))"
  }

  private var doing: String {
    guard let (record, actions, isOver) = lastActions else { return "no action is on record" }
    let state = isOver ? "it had come to its end" : "it had not come to its end"
    return "last action: \(actions.line(most: Self.actionsShown)) at \(Timestamp.text(record.wall)), \(ago(record)); \(state)"
  }

  private func ago(_ record: BoxRecord) -> String { "\(Self.seconds(from: record.wall, to: at)) s ago" }

  fileprivate static func seconds(from: Int64, to: Int64) -> Int64 { max(0, to - from) / 1_000 }
}

extension BoxActions {
  /// The last of them behind the first: where there are many, those say most.
  func line(most: Int) -> String {
    let count = words.count + more
    let named = words.prefix(most).joined(separator: "; ")
    return "\(kind) \(number): \(named)\(count > most ? "; … \(count) in all" : "")"
  }
}

extension BoxRecord {
  var line: String {
    let text: String =
      switch entry {
      case .began(let agent, let build): "agent \(agent) begins, build \(build)"
      case .actions(let actions): actions.line(most: 3)
      case .over(let number, let failures): "\(number) is over\(failures > 0 ? ", \(failures) failed" : "")"
      case .load(let load): load.words
      case .note(let note): note
      case .stopped: "agent ends as it was told"
      }
    return "\(Timestamp.text(wall)) \(text)"
  }
}
