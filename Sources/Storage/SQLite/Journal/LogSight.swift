import Exchange
import Primitives
import Synchronization

/// What a read sees of the log. While entries are in journals that is less than there is, so it does not count: they
/// are brought in, and it is made once more.
final class LogSight: Sendable {
  private let own: [UInt8]?
  /// Whether the own journal was ahead before the snapshot was taken.
  private let isBehind: Bool
  private let hasLooked = Atomic(false)
  private let refused = Atomic(false)

  /// - Parameter own: this process's journal; made before the snapshot is taken.
  init(own: LogJournal?) {
    self.own = own?.name.key
    isBehind = own?.isAhead == true
  }

  var hasRefused: Bool { refused.load(ordering: .relaxed) }

  /// - Throws: `storage`, and `hasRefused` is set, while something is in a journal, or may be in another process's.
  func look(_ snapshot: SQLiteSnapshot) throws {
    guard !hasLooked.exchange(true, ordering: .relaxed) else { return }
    let keys = JournalName.keys
    let others = try snapshot.counters(from: keys.first, to: keys.end)
      .contains { $0.key != own }
    guard others || isBehind else { return }
    refused.store(true, ordering: .relaxed)
    throw PeerChartError(.storage, "entries of the log are to be brought in first")
  }
}
