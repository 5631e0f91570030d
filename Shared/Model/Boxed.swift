/// A value that lies apart from what holds it: for large ones that are seldom there.
indirect enum Boxed<Value> {
  case one(Value)

  init(_ value: Value) { self = .one(value) }

  var value: Value {
    switch self {
    case .one(let value): value
    }
  }
}

extension Boxed: Sendable where Value: Sendable {}
extension Boxed: Equatable where Value: Equatable {}
extension Boxed: Hashable where Value: Hashable {}
