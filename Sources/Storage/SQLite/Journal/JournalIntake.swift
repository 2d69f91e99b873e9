import Exchange
import Primitives

/// Brings the entries of journals into the tree, at the beginning of a commit: this process's own, those of others on
/// the same file, and what one has left that ended without doing it.
struct JournalIntake {
  private var own: (journal: LogJournal, count: UInt64)?
  /// Files of journals whose processes are gone, and of which nothing is needed any more after the commit. They are
  /// locked.
  private var left: [JournalFile] = []

  /// - Parameter own: this process's journal, which nobody else may take away.
  /// - Throws: `integrity` where entries of the own journal are not there any more.
  init(_ transaction: SQLiteTransaction, own: LogJournal?, database: String) throws {
    if let own { try bringIn(own, into: transaction) }
    for (key, count) in try transaction.counters(
      from: JournalName.keys.first, to: JournalName.keys.end)
    {
      guard let name = JournalName(database: database, key: key), name != own?.name else {
        continue
      }
      let files = try name.paths.compactMap { try JournalFile(path: $0, creating: false) }
      guard let first = files.first else {
        try transaction.deleteCounter(key)
        continue
      }
      // Before they are read: what is appended after that would be taken away unread.
      let isLeft = first.tryLock(.exclusive)
      let broughtIn = UInt64(clamping: count)
      var end = broughtIn
      for block in try Self.blocks(files) { try Self.take(block, from: &end, into: transaction) }
      if end != broughtIn { try transaction.setCounter(key, Int64(clamping: end)) }
      if isLeft { left += files }
    }
  }

  private mutating func bringIn(_ own: LogJournal, into transaction: SQLiteTransaction) throws {
    let key = own.name.key
    let known = try transaction.counters(from: key, to: key + [0]).first
    let broughtIn = known.map { UInt64(clamping: $0.value) } ?? own.counts.broughtIn
    var end = broughtIn
    if own.counts.appended > broughtIn {
      let needed = own.turn()
      for block in try Self.blocks(own.files) where block.first <= end {
        try Self.take(block, from: &end, into: transaction)
      }
      guard end >= needed else {
        throw PeerChartError(.integrity, "the journal of the log has lost entries")
      }
    }
    if end != broughtIn || known == nil {
      try transaction.setCounter(key, Int64(clamping: end))
    }
    self.own = (own, end)
  }

  /// Says so, when the commit is durable.
  ///
  /// - Returns: whether there is something to forget with the next commit.
  func settle() -> Bool {
    own.map { $0.journal.hasBroughtIn($0.count) }
    guard let first = left.first else { return false }
    // One that stays is found again: its counter says that nothing in it is needed.
    do {
      for file in left { try file.remove() }
      try first.syncFolder()
      return true
    } catch {
      return false
    }
  }

  private static func blocks(_ files: [JournalFile]) throws -> [JournalBlock] {
    try files.flatMap { JournalBlock.chain(try $0.contents()) }.sorted { $0.first < $1.first }
  }

  /// Appends those entries of a block that are not in the tree. One may be missing before them after a power cut: it
  /// was not synced yet, and told to nobody.
  private static func take(
    _ block: JournalBlock, from end: inout UInt64, into transaction: SQLiteTransaction
  ) throws {
    guard block.end > end else { return }
    for entry in block.entries.dropFirst(Int(clamping: end - min(end, block.first))) {
      _ = try transaction.appendAudit(
        slot: entry.slot, sealed: entry.sealed, leafHash: entry.leafHash)
    }
    end = block.end
  }
}
