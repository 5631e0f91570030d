import Files
import Glibc
public import Model
import Wire

/// Ends of nodes that no reconciler has acknowledged, in /run: they outlive the agent, and go with the host's boot, as the nodes do.
///
/// Records one after another, each behind its length in four bytes. What is acknowledged is dropped now and then only: telling it again does
/// no harm, since the reconciler knows its number.
public struct EndJournal: Sendable {
  public static let standardPath = "/run/archetype/ends"
  /// With more records the file is written anew: twice what may be pending.
  private static let mostRecords = 2 * Limits.unacknowledgedChanges
  /// With more and nothing pending, too.
  private static let fewRecords = 64

  private let path: String
  /// What the file says.
  public private(set) var kept: KeptEnds?
  /// What somebody should know of the file, each thing once.
  private var complaints: [LabError] = []
  private var records = 0
  /// The last write failed.
  private var hasFailed = false

  /// Reads what an earlier life has left. What can't be read is put aside as `PATH.damaged`, with a complaint: the ends in it from there on
  /// are lost.
  public init(path: String = Self.standardPath) {
    self.path = path
    let bytes: [UInt8]
    do throws(FileError) { bytes = try File.read(path, most: .max) } catch {
      if error.code != ENOENT { complain("can't be read: ends of nodes that weren't told yet may be lost", error) }
      return
    }
    if read(bytes[...]) { return }
    rename(path, path + ".damaged")
    complain("was damaged: ends of nodes that weren't told yet may be lost (it is kept as \(path).damaged)")
    writeAnew()
  }

  /// False where something can't be read. A last record that was cut short was never relied on: its writer died in the middle.
  private mutating func read(_ bytes: ArraySlice<UInt8>) -> Bool {
    var rest = bytes
    while rest.count >= 4 {
      let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= 4 + length else { break }
      guard let write = try? Codec.decodeEndWrite(Array(rest.dropFirst(4).prefix(length))), kept.take(write) else { return false }
      records += 1
      rest = rest.dropFirst(4 + length)
    }
    if !rest.isEmpty { writeAnew() }
    return true
  }

  /// There when it returns, for whatever becomes of this process. Where it can't be written there is a complaint.
  public mutating func write(_ write: EndWrite) {
    guard kept.take(write) else { return }
    records += 1
    let isIdle = kept?.pending.isEmpty == true && records > Self.fewRecords
    if case .begin = write { return writeAnew() }
    if isIdle || records > Self.mostRecords { return writeAnew() }
    do throws(FileError) {
      try File.append(path, Self.record(write))
      hasFailed = false
    } catch { fail(error) }
  }

  /// What has come up since it was last asked.
  public mutating func takeComplaints() -> [LabError] {
    defer { complaints = [] }
    return complaints
  }

  private mutating func writeAnew() {
    guard let kept else { return }
    let writes = [EndWrite.begin(kept.deployment, kept.series)] + kept.pending.map { .add($0) }
    records = writes.count
    do throws(FileError) {
      try File.replace(path, with: writes.flatMap(Self.record), isDurable: false)
      hasFailed = false
    } catch { fail(error) }
  }

  private mutating func fail(_ error: FileError) {
    if !hasFailed {
      complain("can't be written: what ends now is lost if the agent dies before it is told (free some space in /run)", error)
    }
    hasFailed = true
  }

  private mutating func complain(_ message: String, _ cause: FileError? = nil) {
    let code: ErrorCode = cause?.code == ENOSPC ? .resourceExhausted : .internalError
    complaints.append(LabError(code, path, message, cause: cause.map { "\($0)" } ?? ""))
  }

  private static func record(_ write: EndWrite) -> [UInt8] {
    let bytes = Codec.encode(write)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
  }
}
