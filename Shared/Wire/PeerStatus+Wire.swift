import Model

/// PeerService's requests and replies from bytes.
struct PeerRequestReader: Proto.PeerServiceHandler {
  func status(_ request: Proto.StatusRequest) -> Request { .status }
}

struct PeerReplyReader: Proto.PeerServiceReplies {
  func status(_ reply: Proto.StatusReply) throws -> Reply { .status(try PeerStatus(reply)) }
}

extension PeerStatus: WireValue {
  init(_ message: Proto.StatusReply) throws(LabError) {
    self.init(
      name: try PeerName(message.name), build: message.build, instance: Instance(message.instance), uptime: message.uptime,
      processor: message.processor, memory: message.memory, isServing: message.serving, handled: message.handled,
      waiting: message.waiting, longestRound: message.longestRound,
      complaint: message.lastComplaint.map { Complaint(at: $0.at, text: $0.text) },
      figures: message.figures.map { Figure($0.name, $0.value) },
      peers: try message.peers.map { text throws(LabError) in try PeerName(text) })
  }

  var message: Proto.StatusReply {
    Proto.StatusReply(
      name: name.description, build: build, instance: instance.number, uptime: uptime, processor: processor, memory: memory,
      serving: isServing, handled: handled, waiting: waiting, longestRound: longestRound,
      lastComplaint: complaint.map { Proto.Complaint(at: $0.at, text: $0.text) },
      figures: figures.map { Proto.Figure(name: $0.name, value: $0.value) }, peers: peers.map(\.description))
  }
}
