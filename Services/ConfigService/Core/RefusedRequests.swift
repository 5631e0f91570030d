import Machine
import Model

/// Puts that were refused: bounded, the oldest forgotten first. Their senders have decided otherwise since, or told a user.
struct RefusedRequests: Sendable {
  private var errors: [Incoming.Address: LabError] = [:]
  private var order: [Incoming.Address] = []

  subscript(_ address: Incoming.Address) -> LabError? { errors[address] }

  mutating func remember(_ address: Incoming.Address, _ error: LabError) {
    guard errors.updateValue(error, forKey: address) == nil else { return }
    order.append(address)
    guard order.count >= 2 * Limits.rememberedRequests else { return }
    for old in order.prefix(Limits.rememberedRequests) { errors[old] = nil }
    order.removeFirst(Limits.rememberedRequests)
  }
}
