/// One entry of `binds:`, `source:target[:options]`.
struct Bind {
  var source: String
  /// Absolute path in the node.
  var target: String
  var isReadOnly: Bool

  /// What `binds` is merged by.
  static func target(of text: String) -> String {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return String(parts.count > 1 ? parts[1] : parts[0])
  }

  /// Nil with a reason for what isn't one.
  static func parse(_ text: String) -> Result<Bind, Reason> {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty else {
      return .failure(Reason(text: "\(text) is not source:target[:ro]"))
    }
    guard parts[1].hasPrefix("/"), !parts[1].split(separator: "/").contains("..") else {
      return .failure(Reason(text: "the target \(parts[1]) must be an absolute path without .."))
    }
    let options = parts.count == 3 ? parts[2].split(separator: ",") : []
    return .success(Bind(source: parts[0], target: parts[1], isReadOnly: options.contains("ro")))
  }

  struct Reason: Error { var text: String }

  /// As `NodeSpec.binds` has it.
  var text: String { isReadOnly ? "\(source):\(target):ro" : "\(source):\(target)" }
}
