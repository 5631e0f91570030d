import Model

extension Postmortem {
  /// As interface.md has it.
  var json: JSON {
    .members([
      "host": .string(host.text), "at": .string(Timestamp.text(at)), "boot": .string(boot),
      "death": .optional(death) { death in
        .members([
          "boot": .string(death.boot), "after": .string(Timestamp.text(death.last.wall)), "secondsAgo": .integer(seconds(death.last)),
          "clean": .bool(death.isClean),
        ])
      },
      "lastAction": .optional(lastActions) { last in
        .members([
          "at": .string(Timestamp.text(last.record.wall)), "secondsAgo": .integer(seconds(last.record)), "kind": .string(last.actions.kind),
          "number": .unsigned(last.actions.number), "actions": .array(last.actions.words.map { .string($0) }),
          "more": .integer(last.actions.more), "over": .bool(last.isOver),
        ])
      },
      "records": .array(records.map(\.json)), "load": .array(loads.map(\.json)), "remarks": .array(remarks.map { .string($0) }),
      "kernel": kernel.json, "system": system.json,
    ])
  }

  private func seconds(_ record: BoxRecord) -> Int { Int(max(0, at - record.wall) / 1_000) }
}

extension SystemLines {
  var json: JSON { .members(["lines": .array(lines.map { .string($0) }), "reason": .text(reason)]) }
}

extension BoxRecord {
  var json: JSON {
    var members: [JSON.Member] = [
      .init(key: "boot", value: .string(boot)), .init(key: "at", value: .string(Timestamp.text(wall))),
      .init(key: "up", value: .integer(Int(clamping: up))),
    ]
    func add(_ kind: String, _ more: KeyValuePairs<String, JSON>) {
      members.append(.init(key: "kind", value: .string(kind)))
      members += more.map { .init(key: $0.key, value: $0.value) }
    }
    switch entry {
    case .began(let agent, let build): add("began", ["agent": .string("\(agent)"), "build": .string(build)])
    case .actions(let actions):
      add(
        "actions",
        [
          "number": .unsigned(actions.number), "work": .string(actions.kind), "actions": .array(actions.words.map { .string($0) }),
          "more": .integer(actions.more),
        ])
    case .over(let number, let failures): add("over", ["number": .unsigned(number), "failures": .integer(failures)])
    case .load(let load): add("load", ["load": load.json])
    case .note(let note): add("note", ["note": .string(note)])
    case .stopped: add("stopped", [:])
    }
    return .object(members)
  }
}
