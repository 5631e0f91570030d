import Locks
public import Model

/// What an agent writes down before it acts, so that it can be read after the host has died: two rings of sealed sectors on the agent's disk,
/// one of actions and one of load, written and flushed by a thread of their own.
///
/// Who acts waits for the flush of what it is about to do, but not for long: a disk that hangs holds up one action for `patience`, and none
/// after it until it has caught up. What wasn't flushed in time is written all the same, with a note of it.
public final class BlackBox: Sendable {
  /// In milliseconds: well above a flush (0.2 ms on flash, 10 to 30 on a disk that turns), well below the half second in which a node's
  /// process should be back.
  public static let patience: UInt64 = 100
  /// A megabyte: some hundred large batches, or two thousand small ones.
  static let actionSectors = 2_048
  /// A quarter: at one sample every ten seconds an hour and more.
  static let loadSectors = 512
  /// Names of the rings in the agent's folder.
  static let actionsName = "blackbox-actions"
  static let loadsName = "blackbox-load"

  /// Time for records: milliseconds since 1970, and since boot.
  public typealias Clock = @Sendable () -> (wall: Int64, up: UInt64)

  private let writer: BoxWriter

  /// Opens the rings on their own thread: a disk that hangs holds up nobody.
  ///
  /// - Parameters:
  ///   - folder: the agent's; it must exist.
  ///   - boot: the host's life, as `HostLife.current`.
  ///   - patience: how long who acts waits for a flush, in milliseconds.
  /// - Throws: `RESOURCE_EXHAUSTED` where there is no descriptor or thread left.
  public init(folder: String, boot: String, patience: UInt64 = BlackBox.patience, clock: @escaping Clock) throws(LabError) {
    let writer = try BoxWriter(folder: folder, boot: boot, patience: patience, clock: clock)
    if let error = OwnThread.start({ writer.run() }) {
      throw LabError(.resourceExhausted, "black box", "can't start a thread", cause: error)
    }
    self.writer = writer
  }

  /// What was given is written; then its thread ends.
  deinit { writer.close() }

  /// Writes down what is about to be done, and waits until it is on the disk, at most `patience`; what it returns tells of its end.
  public func begin(_ kind: String, _ words: some Collection<String>) -> UInt64 {
    let number = writer.number()
    writer.add(.actions(BoxActions(number: number, kind: kind, words: words)), waits: true)
    return number
  }

  /// What `begin` gave this number is over. It is on the disk with whatever is flushed next.
  public func end(_ number: UInt64, failures: Int) { writer.add(.over(number, failures: failures), waits: false) }

  /// - Parameter waits: whether it is on the disk when this returns, if that doesn't take too long.
  public func add(_ entry: BoxEntry, waits: Bool) { writer.add(entry, waits: waits) }

  /// The agent ends as it was told.
  public func finish() { writer.add(.stopped, waits: true) }

  /// What is wrong with it now; empty: nothing.
  public var fault: String { writer.fault }

  /// What was found damaged, each thing once.
  public func takeRemarks() -> [String] { writer.takeRemarks() }
}
