import Exchange
import Foundation
import Primitives
import Synchronization

/// Where a process that serves keeps the newest entries of the log, until they are brought into the tree: a file that
/// is only appended to and synced, which costs a fraction of a commit and changes nothing that is read.
///
/// It has two files and uses them in turns: one is written to while the other is brought in. Entries are numbered as
/// long as the journal lives; how many are in the tree is a counter of the store, written in the commit that brings
/// them there. So whoever opens the store, after a crash too, knows which ones are not (`JournalIntake`).
final class LogJournal: Sendable {
  /// More than this is left to the writer: something keeps it from bringing entries in.
  private static let longest = 16 << 20
  /// The files are made longer by so much at a time, so that what is synced is hardly ever their length as well: that
  /// takes the disk twice as long.
  private static let piece = 256 << 10

  private struct Tail {
    var file = 0
    var offset = 0
    /// How long each of the files is.
    var lengths = [piece, piece]
    /// Entries that were appended, and those of them before the file that is written to.
    var count: UInt64 = 0
    var before: UInt64 = 0
    /// Entries that are in the tree.
    var broughtIn: UInt64 = 0
  }

  let name: JournalName
  let files: [JournalFile]
  private let tail = Mutex(Tail())
  private let sync: JournalSync

  /// Makes the files. Nobody looks for them before they are named in the store.
  init(_ name: JournalName) throws {
    self.name = name
    files = try name.paths.compactMap { try JournalFile(path: $0, creating: true) }
    guard files.count == 2, files[0].tryLock(.exclusive) else {
      throw PeerChartError(.storage, "the journal of the log cannot be made")
    }
    for file in files {
      try file.lengthen(from: 0, to: Self.piece)
      try file.sync()
    }
    try files[0].syncFolder()
    sync = JournalSync(files)
  }

  /// Whether there are entries that are not in the tree.
  var isAhead: Bool { tail.withLock { $0.count > $0.broughtIn } }
  /// Entries that were appended, and those that are in the tree.
  var counts: (appended: UInt64, broughtIn: UInt64) { tail.withLock { ($0.count, $0.broughtIn) } }

  /// Writes entries; they are durable with the next sync.
  ///
  /// - Returns: which of the files they are in.
  /// - Throws: `storage`; then they are not there.
  func append(_ entries: [PreparedEntry]) throws -> Int {
    try tail.withLock { tail in
      guard !entries.isEmpty else { return tail.file }
      let bytes = JournalBlock(first: tail.count, entries: entries).encoded()
      guard tail.offset + bytes.count <= Self.longest, !sync.hasFailed else {
        throw PeerChartError(.storage, "the journal of the log takes no more")
      }
      while tail.offset + bytes.count > tail.lengths[tail.file] {
        let length = tail.lengths[tail.file]
        try files[tail.file].lengthen(from: length, to: length + Self.piece)
        tail.lengths[tail.file] += Self.piece
      }
      try files[tail.file].write(bytes, at: tail.offset)
      tail.offset += bytes.count
      tail.count += UInt64(entries.count)
      return tail.file
    }
  }

  /// See `JournalSync`.
  func sync(file: Int, here: Bool, then: @escaping @Sendable (PeerChartError?) -> Void) {
    sync.sync(file, here: here, then: then)
  }

  /// Writes to the other file from now on, if nothing in that is needed any more.
  ///
  /// - Returns: how many entries must be found before those that come now: in the tree, or in the file that was
  ///   turned away from. After the disk has refused a sync, nobody knows.
  func turn() -> UInt64 {
    let isKnown = !sync.hasFailed
    return tail.withLock { tail in
      if tail.offset > 0, tail.broughtIn >= tail.before {
        tail.file = 1 - tail.file
        tail.offset = 0
        tail.before = tail.count
      }
      return isKnown ? tail.before : 0
    }
  }

  /// Says that so many entries are in the tree, and durable there.
  func hasBroughtIn(_ count: UInt64) {
    tail.withLock { $0.broughtIn = max($0.broughtIn, count) }
  }

  /// Ends what was never used.
  func discard() {
    close()
    for file in files { try? file.remove() }
  }

  /// Finishes what is to be synced and lets go of the files.
  func close() {
    sync.close()
    files[0].unlock()
  }
}

/// How a journal is called, and where its files are: beside the file of the store.
struct JournalName: Hashable {
  private static let keyPrefix = Array("journal:".utf8)
  /// Where the counters of journals are among all.
  static let keys = (first: keyPrefix, end: Array("journal;".utf8))

  let database: String
  private let name: String

  init(database: String, random: any RandomSource) {
    self.database = database
    name = Hex.encode(random.bytes(8))
  }

  /// - Parameter key: of its counter.
  init?(database: String, key: [UInt8]) {
    guard key.starts(with: Self.keyPrefix) else { return nil }
    let name = String(decoding: key.dropFirst(Self.keyPrefix.count), as: UTF8.self)
    guard name.utf8.count == 16, Hex.decode(name) != nil else { return nil }
    self.database = database
    self.name = name
  }

  /// Of the counter that says how many of its entries are in the tree.
  var key: [UInt8] { Self.keyPrefix + Array(name.utf8) }
  private static func filePrefix(_ database: String) -> String { database + "-log-" }

  /// Whether there are files of any journal of a store.
  static func isUsed(_ database: String) -> Bool {
    let prefix = URL(fileURLWithPath: filePrefix(database))
    let names = try? FileManager.default.contentsOfDirectory(
      atPath: prefix.deletingLastPathComponent().path)
    return names?.contains { $0.hasPrefix(prefix.lastPathComponent) } ?? false
  }

  var paths: [String] { (0...1).map { Self.filePrefix(database) + "\(name)-\($0)" } }
}
