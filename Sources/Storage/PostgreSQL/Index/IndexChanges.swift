/// Entries that come and go, gathered until they are sent.
///
/// They outlast the write that asked for them: all writes of a commit are sent together, so that a block
/// which several of them touch is rewritten once.
struct IndexChanges {
  private struct Change {
    let entry: IndexEntry
    let isAddition: Bool

    var part: Int64 { RowNumber.part(of: RowNumber.slot(of: entry.row)) }
  }

  /// Bounds what is gathered.
  private static let mostChanges = 1 << 15

  private var changes: [Change] = []
  /// Of these, how many belong to writes before the one that is running.
  private var settled = 0
  /// Changes of earlier writes that were sent behind the savepoint of the one that is running: they
  /// come to nothing together with it, and are then made again.
  private var atRisk: [Change] = []

  var isEmpty: Bool { changes.isEmpty }
  var isFull: Bool { changes.count >= Self.mostChanges }

  mutating func beginWrite() {
    settled = changes.count
    atRisk = []
  }

  /// Forgets the changes of the write that is running.
  mutating func undoWrite() {
    changes = atRisk + changes.prefix(settled)
    beginWrite()
  }

  mutating func add(_ tokens: some Sequence<UInt64>, row: Int64) {
    for token in tokens { note(token, row, isAddition: true) }
  }

  mutating func remove(_ tokens: some Sequence<UInt64>, row: Int64) {
    for token in tokens { note(token, row, isAddition: false) }
  }

  private mutating func note(_ token: UInt64, _ row: Int64, isAddition: Bool) {
    changes.append(
      Change(
        entry: IndexEntry(token: Int64(bitPattern: token), row: row), isAddition: isAddition))
  }

  /// What is to be made of one part of the index, in order.
  struct Part {
    let number: Int64
    var entries: [IndexEntry] = []
    var areAdditions: [Bool] = []
  }

  /// Hands out everything that waits, by part. Of two changes of one entry the later counts.
  ///
  /// - Parameter savepoint: whether it goes out behind the savepoint of the write that is running.
  mutating func take(behindSavepoint savepoint: Bool) -> [Part] {
    if savepoint { atRisk += changes.prefix(settled) }
    let sorted = changes.enumerated().sorted { a, b in
      let (first, second) = (a.element.part, b.element.part)
      if first != second { return first < second }
      if a.element.entry != b.element.entry { return a.element.entry < b.element.entry }
      return a.offset < b.offset
    }
    changes = []
    settled = 0
    var parts: [Part] = []
    for (index, (_, change)) in sorted.enumerated() {
      if index + 1 < sorted.count, sorted[index + 1].element.entry == change.entry { continue }
      if parts.last?.number != change.part { parts.append(Part(number: change.part)) }
      parts[parts.count - 1].entries.append(change.entry)
      parts[parts.count - 1].areAdditions.append(change.isAddition)
    }
    return parts
  }
}

extension IndexChanges.Part {
  /// What becomes of stored blocks.
  struct Outcome {
    var rewritten: [IndexBlock] = []
    var added: [IndexBlock] = []
    var emptied: [IndexEntry] = []
  }

  /// Makes the changes.
  ///
  /// - Parameter blocks: those that the entries belong to, in order.
  /// - Throws: `integrity`.
  func apply(to blocks: [IndexBlock]) throws -> Outcome {
    var outcome = Outcome()
    var next = 0
    for (index, block) in blocks.enumerated() {
      let end = index + 1 < blocks.count ? blocks[index + 1].lower : nil
      var merged: [IndexEntry] = []
      var hasChanged = false
      func change() {
        hasChanged = true
        if areAdditions[next] { merged.append(entries[next]) }
        next += 1
      }
      for stored in try block.entries() {
        while next < entries.count, entries[next] < stored { change() }
        if next < entries.count, entries[next] == stored {
          if !areAdditions[next] { hasChanged = true }
          if areAdditions[next] { merged.append(stored) }
          next += 1
        } else {
          merged.append(stored)
        }
      }
      while next < entries.count, end.map({ entries[next] < $0 }) ?? true { change() }
      guard hasChanged else { continue }
      if merged.isEmpty && block.lower != .lowest {
        outcome.emptied.append(block.lower)
      } else {
        let packed = IndexBlock.pack(merged, lower: block.lower)
        outcome.rewritten += packed.prefix(1)
        outcome.added += packed.dropFirst()
      }
    }
    return outcome
  }
}
