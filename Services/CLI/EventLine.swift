import Model

extension LabEvent {
  var json: JSON {
    .members([
      "index": .unsigned(index), "at": .string(Timestamp.text(at)), "lab": .text(lab), "subject": .string(subject),
      "kind": .string(kind.rawValue), "detail": .object(detail.map { JSON.Member(key: $0.name, value: .string($0.value)) }),
    ])
  }

  /// One line for people, without its end.
  var line: String {
    var words = ["\(index)", Timestamp.text(at), lab.isEmpty ? "-" : lab]
    words.append(kind.rawValue + String(repeating: " ", count: max(0, 13 - kind.rawValue.utf8.count)))
    words.append(subject)
    words += detail.map { "\($0.name)=\($0.value.contains(" ") ? JSON.string($0.value).text : $0.value)" }
    return words.joined(separator: " ")
  }
}
