import Bus
import CZMQ
import HubCore
import Logging
import Machine
import Model
import Wire

/// Who follows what, and what an operator reads.
extension HubServer {
  mutating func takeSubscription(_ message: Socket.Received, _ now: Now) throws(LabError) {
    guard let frame = message.frames.first, let first = frame.first else { return }
    let wanted = Array(frame.dropFirst())
    switch first {
    case 0: try sockets.events.set(ZMQ_UNSUBSCRIBE, wanted)
    case 1: try subscribe(wanted, key(message), now)
    default: counts[.strange, default: 0] += 1
    }
  }

  private mutating func subscribe(_ wanted: [UInt8], _ key: PeerName?, _ now: Now) throws(LabError) {
    switch Subscription(wanted) {
    case nil: count(.strange, key, now)
    case .sync(let number)?:
      try sockets.events.set(ZMQ_SUBSCRIBE, wanted)
      _ = try sockets.events.send([wanted, HubFrame.synced(number).encode()])
    case .topic(let topic)?:
      let effects = hub.handle(.subscribed(key: key, topic), at: now)
      if effects.contains(where: \.isAllowed) { try sockets.events.set(ZMQ_SUBSCRIBE, wanted) }
      try perform(effects, now)
    }
  }

  mutating func readTap(_ now: Now) throws(LabError) {
    while let message = try sockets.tap.receive(isKeyed: isKeyed) {
      guard let frame = message.frames.first, let first = frame.first else { continue }
      let wanted = Array(frame.dropFirst())
      if first == 0 {
        try sockets.tap.set(ZMQ_UNSUBSCRIBE, wanted)
        tap.leave()
      } else {
        let effects = hub.handle(.tapped(key: key(message)), at: now)
        let isAllowed = isTraced && effects.contains(where: \.isAllowed)
        if isAllowed { try sockets.tap.set(ZMQ_SUBSCRIBE, wanted) }
        tap.join(isAllowed: isAllowed)
        try perform(effects, now)
      }
    }
  }

  /// Remembers a message, and shows it to whoever follows the tap.
  mutating func show(_ frame: [UInt8], from: PeerName?, to: PeerName? = nil, _ parcel: Parcel?, _ now: Now) throws(LabError) {
    let (from, to) = (frames.bytes(from), frames.bytes(to))
    recorder.note(frame, from: from, to: to, parcel)
    guard tap.isFollowed else { return }
    tap.note(frame, from: from, to: to, parcel, now)
    if tap.isFull { try showWaiting() }
  }

  /// To write may take the word that another wants to follow.
  mutating func showWaiting() throws(LabError) {
    unread.tap = true
    for frames in tap.take() { _ = try sockets.tap.send(frames) }
  }

  mutating func count(_ what: Hub<Parcel>.Count, _ name: PeerName?, _ now: Now) {
    counts[what, default: 0] += 1
    switch what {
    case .full, .dropped:
      guard let withheld = complaints.take(at: now.boot.milliseconds) else { return }
      Log.warning("peer doesn't read", ["peer": name?.description ?? "", "count": counts[what] ?? 0, "withheld": withheld])
    case .forwarded, .published, .unavailable, .forbidden, .strange: return
    }
  }

  mutating func say(_ note: Hub<Parcel>.Note, _ now: Now) {
    guard let withheld = complaints.take(at: now.boot.milliseconds) else { return }
    switch note {
    case .admitted(let hello): Log.debug("peer admitted", ["peer": hello.name, "instance": hello.instance, "build": hello.build])
    case .tookOver(let name, let before): Log.notice("name taken over from a dead peer", ["peer": name, "instance": before])
    case .refused(let hello, let why):
      Log.warning("peer refused", ["peer": hello.name, "instance": hello.instance, "reason": why, "withheld": withheld])
    case .forbidden(let name, let what): Log.warning("forbidden", ["peer": name, "wish": what, "withheld": withheld])
    }
  }
}

extension Hub.Effect {
  var isAllowed: Bool { if case .allow = self { true } else { false } }
}
