import Machine
import Testing

@testable import Journal

/// The black box's ring of sectors: what is read after any damage is what was written, and what isn't is known to be missing.
struct SealedRingTests {
  private let ring = SealedRing(length: 64)

  /// Groups with their number and sizes from less than one sector to several.
  private func group(_ number: Int) -> [UInt8] {
    var chance = Jitter(seed: UInt64(number))
    return Array("group \(number) ".utf8) + (0..<Int(chance.below(1_500))).map { _ in UInt8(truncatingIfNeeded: chance.next()) }
  }

  private func write(_ count: Int) -> (bytes: [UInt8], groups: [[UInt8]], last: Range<Int>) {
    var bytes = [UInt8](repeating: 0, count: ring.bytes)
    var next: UInt64 = 1
    var last = 0..<0
    let groups = (0..<count).map { group($0) }
    for group in groups {
      let sectors = ring.seal(group, from: next)
      last = ring.offset(of: next)..<ring.offset(of: next) + sectors.count * SealedRing.sectorBytes
      for sector in sectors {
        bytes.replaceSubrange(ring.offset(of: next)..<ring.offset(of: next) + SealedRing.sectorBytes, with: sector)
        next += 1
      }
    }
    return (bytes, groups, last)
  }

  @Test("What was written is read, however often the ring has come round", arguments: [0, 1, 5, 20, 40, 200])
  func read(count: Int) {
    let (bytes, groups, _) = write(count)
    let contents = ring.read(bytes)
    #expect(!contents.isDamaged && contents.torn == 0)
    #expect(contents.groups == groups.suffix(contents.groups.count))
    #expect(contents.groups.count >= min(count, 15))
  }

  @Test("A last write that was cut anywhere spoils only itself, and the next one covers it", arguments: [3, 40])
  func torn(count: Int) {
    let (before, _, _) = write(count - 1)
    let (after, groups, last) = write(count)
    // A write beyond the file's end goes on at its beginning.
    guard last.upperBound <= ring.bytes else { return }
    for cut in stride(from: 1, to: last.count, by: 100) {
      var bytes = before
      bytes.replaceSubrange(last.prefix(cut), with: after[last.prefix(cut)])
      var contents = ring.read(bytes)
      #expect(!contents.isDamaged, "cut at \(cut)")
      #expect(contents.groups.last == groups[count - 2] || contents.groups.last == groups[count - 1], "cut at \(cut)")
      for (place, sector) in ring.seal([1, 2, 3], from: contents.next, parts: max(1, contents.torn)).enumerated() {
        let offset = ring.offset(of: contents.next + UInt64(place))
        bytes.replaceSubrange(offset..<offset + sector.count, with: sector)
      }
      contents = ring.read(bytes)
      #expect(!contents.isDamaged && contents.torn == 0 && contents.groups.last == [1, 2, 3], "cut at \(cut)")
    }
  }

  @Test("A flipped bit anywhere is noticed where it hits what was written", arguments: [10, 60])
  func flipped(count: Int) {
    let (bytes, groups, _) = write(count)
    let whole = ring.read(bytes)
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var spoiled = bytes
      spoiled[place] ^= 1 << UInt8(place & 7)
      let contents = ring.read(spoiled)
      let isNoticed = contents.isDamaged || contents.torn > 0
      // The oldest group is a rest already once the ring has come round.
      let isOfUse = contents.groups != whole.groups
      #expect(isNoticed || !isOfUse || contents.groups == whole.groups.dropFirst().map { $0 }, "at \(place)")
      #expect(contents.groups.allSatisfy(groups.contains), "at \(place)")
    }
  }

  @Test("A file that is cut, garbage or something else is damaged, and nothing is made up of it")
  func garbage() {
    let (bytes, groups, _) = write(30)
    for size in [0, 1, 511, 512, 10_000, bytes.count - 1] {
      let contents = ring.read(Array(bytes.prefix(size)))
      #expect(contents.isDamaged && contents.groups.allSatisfy(groups.contains), "cut to \(size)")
    }
    var chance = Jitter(seed: 7)
    let noise = bytes.map { _ in UInt8(truncatingIfNeeded: chance.next()) }
    let contents = ring.read(noise)
    #expect(contents.isDamaged && contents.groups.isEmpty)
    #expect(ring.read([UInt8](repeating: 0xff, count: bytes.count)).isDamaged)
    #expect(ring.read(bytes + bytes).hasWrongSize)
  }

  @Test("A group of more than it holds is cut, and one of nothing is one")
  func bounds() {
    #expect(ring.seal([UInt8](repeating: 1, count: 1 << 20), from: 1).count == ring.mostParts)
    #expect(ring.seal([], from: 1).count == 1)
  }
}
