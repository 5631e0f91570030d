/// Containerlab's own variables of a node.
struct MagicVariables {
  var lab: String
  var node: String

  func expand(_ text: String) -> String {
    guard text.contains("__clab") else { return text }
    return
      text
      .replacing("__clabNodeDir__", with: "clab-\(lab)/\(node)")
      .replacing("__clabDir__", with: "clab-\(lab)")
      .replacing("__clabNodeName__", with: node)
      .replacing("__clabLabName__", with: lab)
  }
}
