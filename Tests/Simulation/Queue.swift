/// What is going to happen, ordered by (time, insertion): equal times keep their order, so a run can be repeated.
///
/// The heap holds numbers only; what they stand for stays where it is.
struct Queue<Item> {
  private struct Entry {
    var time: UInt64
    var number: UInt64
    var slot: Int

    static func < (a: Self, b: Self) -> Bool { a.time == b.time ? a.number < b.number : a.time < b.time }
  }

  private var heap: [Entry] = []
  private var slots: [Item?] = []
  private var free: [Int] = []
  private var inserted: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }

  mutating func push(_ item: consuming Item, at time: UInt64) {
    inserted += 1
    let slot: Int
    if let last = free.popLast() {
      slot = last
      slots[slot] = item
    } else {
      slot = slots.count
      slots.append(item)
    }
    let entry = Entry(time: time, number: inserted, slot: slot)
    heap.append(entry)
    var child = heap.count - 1
    while child > 0, entry < heap[(child - 1) / 2] {
      heap[child] = heap[(child - 1) / 2]
      child = (child - 1) / 2
    }
    heap[child] = entry
  }

  mutating func pop() -> (time: UInt64, item: Item)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty { sink(last) }
    guard let item = slots[first.slot].take() else { return nil }
    free.append(first.slot)
    return (first.time, item)
  }

  /// Puts an entry where the first one was.
  private mutating func sink(_ entry: Entry) {
    var parent = 0
    while true {
      var least = 2 * parent + 1
      guard least < heap.count else { break }
      if least + 1 < heap.count, heap[least + 1] < heap[least] { least += 1 }
      guard heap[least] < entry else { break }
      heap[parent] = heap[least]
      parent = least
    }
    heap[parent] = entry
  }
}
