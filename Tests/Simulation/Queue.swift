/// What is going to happen, ordered by (time, insertion): equal times keep their order, so a run can be repeated.
struct Queue<Item> {
  private var heap: [(time: UInt64, number: UInt64, item: Item)] = []
  private var inserted: UInt64 = 0

  var isEmpty: Bool { heap.isEmpty }

  mutating func push(_ item: Item, at time: UInt64) {
    inserted += 1
    heap.append((time, inserted, item))
    var child = heap.count - 1
    while child > 0, isBefore(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func pop() -> (time: UInt64, item: Item)? {
    guard let first = heap.first else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      let left = 2 * parent + 1
      var least = parent
      if left < heap.count, isBefore(left, least) { least = left }
      if left + 1 < heap.count, isBefore(left + 1, least) { least = left + 1 }
      if least == parent { return (first.time, first.item) }
      heap.swapAt(parent, least)
      parent = least
    }
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool { (heap[a].time, heap[a].number) < (heap[b].time, heap[b].number) }
}
