import Model

/// A value of the model that has a message.
protocol WireValue {
  associatedtype Message: ProtoMessage
  init(_ message: Message) throws(LabError)
  var message: Message { get }
}

/// One that may hold secrets, which go into another frame.
protocol SecretWireValue {
  associatedtype Message: ProtoMessage
  init(_ message: Message, _ secrets: SecretReader) throws(LabError)
  func message(_ secrets: inout SecretWriter) -> Message
}

extension WireValue {
  /// A field that must be there.
  init(required message: Message?) throws(LabError) {
    guard let message else { throw missing("\(Self.self)") }
    try self.init(message)
  }

  /// A field that may be absent.
  static func optional(_ message: Message?) throws(LabError) -> Self? {
    guard let message else { return nil }
    return try Self(message)
  }

  static func list(_ messages: [Message]) throws(LabError) -> [Self] {
    try messages.map { message throws(LabError) in try Self(message) }
  }
}

extension SecretWireValue {
  init(required message: Message?, _ secrets: SecretReader) throws(LabError) {
    guard let message else { throw missing("\(Self.self)") }
    try self.init(message, secrets)
  }

  static func optional(_ message: Message?, _ secrets: SecretReader) throws(LabError) -> Self? {
    guard let message else { return nil }
    return try Self(message, secrets)
  }

  static func list(_ messages: [Message], _ secrets: SecretReader) throws(LabError) -> [Self] {
    try messages.map { message throws(LabError) in try Self(message, secrets) }
  }
}

extension Array where Element: WireValue {
  var messages: [Element.Message] { map(\.message) }
}

extension Array where Element: SecretWireValue {
  func messages(_ secrets: inout SecretWriter) -> [Element.Message] {
    var list: [Element.Message] = []
    list.reserveCapacity(count)
    for value in self { list.append(value.message(&secrets)) }
    return list
  }
}

/// An enumeration of the model: each case has its value in the proto file, and any other value there is an error.
protocol WireEnumeration: CaseIterable {
  associatedtype Message: Equatable
  var message: Message { get }
}

extension WireEnumeration {
  init(_ message: Message) throws(LabError) {
    for value in Self.allCases where value.message == message {
      self = value
      return
    }
    throw LabError(.invalidArgument, "\(Self.self)", "unknown value \(message) (the sender may be newer than this)")
  }

  /// A field that may be absent.
  static func optional(_ message: Message?) throws(LabError) -> Self? {
    guard let message else { return nil }
    return try Self(message)
  }
}

/// A field or a choice that must be there, and isn't.
func missing(_ what: String) -> LabError { LabError(.invalidArgument, what, "is missing, or of a kind unknown here") }

/// An MTU of a device that is to be made.
func mtu(_ number: UInt32) throws(LabError) -> Int {
  guard Limits.mtu.contains(Int(number)) else {
    throw LabError(.outOfRange, "MTU \(number)", "an MTU is \(Limits.mtu.lowerBound) to \(Limits.mtu.upperBound)")
  }
  return Int(number)
}

/// A list of names.
func names<Kind: NameKind>(_ texts: [String]) throws(LabError) -> [Name<Kind>] {
  try texts.map { text throws(LabError) in try Name<Kind>(text) }
}

/// A name that may be absent: no name is empty.
func optionalName<Kind: NameKind>(_ text: String) throws(LabError) -> Name<Kind>? {
  text.isEmpty ? nil : try Name<Kind>(text)
}

/// A digest that may be absent.
func optionalDigest(_ text: String) throws(LabError) -> BlobDigest? {
  text.isEmpty ? nil : try BlobDigest(text)
}

/// A VNI that may be absent: 0 is none.
func optionalVNI(_ number: UInt32) throws(LabError) -> VNI? {
  number == 0 ? nil : try VNI(number)
}

/// A process id that may be absent: 0 is no process of a node.
func optionalPID(_ number: UInt32) throws(LabError) -> Int32? {
  guard let pid = Int32(exactly: number) else { throw LabError(.outOfRange, "pid \(number)", "a pid is at most \(Int32.max)") }
  return pid == 0 ? nil : pid
}

extension UInt32 {
  /// A count or size of the model. None of them can be negative or beyond the field, so nothing is cut.
  init(count: Int) { self.init(clamping: count) }

  /// A process id, 0 for none.
  init(pid: Int32?) { self.init(clamping: pid ?? 0) }
}
