import Machine
import Model

/// What was answered to each `exec`, so that its repetition starts no second command: bounded, the oldest forgotten first.
struct ExecAnswers: Sendable {
  enum Answer: Sendable {
    /// It is being started; its answer goes to whoever asked.
    case underWay
    case ended(Result<Reply, LabError>)
  }

  private var answers: [Incoming.Address: Answer] = [:]
  private var order: [Incoming.Address] = []

  /// - Parameter addresses: what was asked for before the agent died, oldest first: how that ended nobody knows.
  init(ofEarlierLives addresses: [Incoming.Address]) {
    for address in addresses {
      begin(address)
      end(address, .failure(LabError(.unknown, "exec", "outcome unknown: the agent has restarted since")))
    }
  }

  subscript(_ address: Incoming.Address) -> Answer? { answers[address] }

  mutating func begin(_ address: Incoming.Address) {
    guard answers.updateValue(.underWay, forKey: address) == nil else { return }
    order.append(address)
    guard order.count >= 2 * Limits.rememberedRequests else { return }
    for old in order.prefix(Limits.rememberedRequests) { answers[old] = nil }
    order.removeFirst(Limits.rememberedRequests)
  }

  /// Other requests' answers are passed over. After a passing hindrance nothing runs, and a repetition tries again.
  mutating func end(_ address: Incoming.Address, _ result: Result<Reply, LabError>) {
    guard case .underWay? = answers[address] else { return }
    if case .failure(let error) = result, error.isTransient {
      answers[address] = nil
      order.removeAll { $0 == address }
    } else {
      answers[address] = .ended(result)
    }
  }
}
