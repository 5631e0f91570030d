internal import CJSON

extension JSONValue {
  /// A text of JSON with one member set; all else stays as it is, in its order and with its numbers. nil where it is so already.
  ///
  /// - Parameters:
  ///   - path: of the member; objects on the way are made.
  ///   - text: empty stands for an empty object.
  /// - Throws: `JSONError` where the text isn't an object, or something on the way is none.
  public static func setting(_ path: [String], to value: JSONValue, in text: [UInt8]) throws(JSONError) -> [UInt8]? {
    let isEmpty = text.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\t") }
    let root = isEmpty ? json_object_new_object() : try parse(text)
    defer { json_object_put(root) }
    var place = root
    for name in path.dropLast() {
      var below: OpaquePointer?
      guard json_object_is_type(place, json_type_object) != 0 else { throw JSONError(reason: "\(name) has to stand in an object") }
      if json_object_object_get_ex(place, name, &below) == 0 {
        below = json_object_new_object()
        json_object_object_add(place, name, below)
      }
      place = below
    }
    guard let last = path.last, json_object_is_type(place, json_type_object) != 0 else { throw JSONError(reason: "it isn't an object") }
    var present: OpaquePointer?
    if json_object_object_get_ex(place, last, &present) != 0, self.value(present) == value { return nil }
    json_object_object_add(place, last, value.object)
    return words(of: root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE) + [UInt8(ascii: "\n")]
  }
}
