import Exchange
import Primitives

/// Changes to the PostgreSQL store, within the commit that the writer is preparing.
///
/// What nobody waits for is gathered and sent together: versions and audit rows as arrays, the rest
/// as a pipeline. A write's savepoint is set with its first change, so a write that only looks and
/// logs costs no statement of its own beyond the look.
final class PostgreSQLTransaction: StoreTransaction {
  /// Bounds what is gathered before it is sent.
  private static let largestBatch = 256
  private static let largestBatchBytes = 4 << 20
  private static let savepoint = "SAVEPOINT write"

  let connection: PostgreSQLConnection
  let snapshot: PostgreSQLSnapshot
  /// Sequence number of the first audit row of this commit.
  let firstSequence: Int64
  /// How many writes have changed something: each of them has a subtransaction.
  private(set) var savepoints = 0

  /// The last row count given out. Rows grow with every commit, also over several instances.
  private var lastCount: Int64
  private let countBefore: Int64
  /// The moment up to which everything is settled, also by the write that is running.
  private(set) var settled: Int64?
  private var settledBefore: Int64?
  private var versions: [Waiting] = []

  /// A version that was not sent yet.
  private struct Waiting {
    let row: Int64
    let version: NewVersion
    /// Where its body lies, if not in the row.
    let blob: BlobReference?
  }

  private var waiting: Set<RecordKey> = []
  private var versionBytes = 0
  /// The audit rows of this commit. They are sent with it: a write that fails after them takes none
  /// of another write's along.
  private(set) var audits: [AuditRow] = []
  private var announcesOutbox = false
  var indexChanges = IndexChanges()

  // Of the write that is running.
  private var firstLeaf = 0
  private(set) var hasSavepoint = false
  private var failure: PeerChartError?
  /// Its large bodies; nil where they stay in the rows.
  var staging: BlobStaging? { didSet { snapshot.blobs.look(into: staging) } }

  /// - Parameter blobs: for what the writes read.
  init(
    _ connection: PostgreSQLConnection, firstSequence: Int64, lastCount: Int64, settled: Int64?,
    blobs: BlobReading
  ) {
    self.connection = connection
    snapshot = PostgreSQLSnapshot(connection: connection, blobs: blobs)
    self.firstSequence = firstSequence
    self.lastCount = lastCount
    countBefore = lastCount
    self.settled = settled
  }

  // MARK: Statements

  /// Remembers the first error: in PostgreSQL it undoes everything since the savepoint, so a body
  /// that swallows it must not be taken for one that succeeded.
  private func guarding<Value>(_ body: () throws -> Value) throws -> Value {
    if let failure { throw failure }
    do {
      return try body()
    } catch {
      let translated = PostgreSQLError.translate(error)
      failure = translated
      throw translated
    }
  }

  /// A change. The savepoint goes out before the first one.
  func change<Value>(_ body: () throws -> Value) throws -> Value {
    try guarding {
      if !hasSavepoint {
        try connection.enqueue(Self.savepoint)
        hasSavepoint = true
        savepoints += 1
      }
      return try body()
    }
  }

  /// Reads what this transaction sees; `first` sends what the read must find.
  func look<Value>(
    first: () throws -> Void = {}, _ body: (PostgreSQLSnapshot) throws -> Value
  ) throws -> Value {
    try guarding {
      try first()
      return try body(snapshot)
    }
  }

  // MARK: Versions

  func append(_ version: NewVersion) throws -> Int64 {
    guard (0...RowNumber.largestSlot).contains(version.slot), lastCount < RowNumber.largestCount
    else { throw PostgreSQLError.error("2200H") }
    try guarding { try SettledCounter.check(version, settled) }
    lastCount += 1
    let row = RowNumber.row(slot: version.slot, count: lastCount)
    try change {
      let blob = staging?.reference(
        for: version.sealed, isRepeatable: !version.isSealedHere)
      versions.append(Waiting(row: row, version: version, blob: blob))
      waiting.insert(version.key)
      if blob == nil { versionBytes += version.sealed.count }
      indexChanges.add(version.tokens, row: row)
      if versions.count >= Self.largestBatch || versionBytes >= Self.largestBatchBytes {
        try sendVersions()
      }
    }
    return row
  }

  func sendVersions(of key: RecordKey) throws {
    if waiting.contains(key) { try sendVersions() }
  }

  func sendVersions(with row: Int64) throws {
    if versions.contains(where: { $0.row == row }) { try sendVersions() }
  }

  func sendVersions() throws {
    guard !versions.isEmpty else { return }
    let batch = versions
    forgetVersions()
    let rows = batch.map { Optional($0.row) }
    let keys = batch.map(\.version.key.bytes)
    let numbers = batch.map { Optional($0.version.number) }
    try connection.enqueue(
      "INSERT INTO version_place (key, number, row_id) SELECT * FROM unnest($1, $2, $3)",
      .byteStrings(keys), .ints(numbers), .ints(rows))
    try connection.enqueue(
      """
      INSERT INTO version (slot, row_id, key, number, stored_at, deleted, sealed)
      SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
      """, .ints(batch.map { $0.version.slot }), .ints(rows), .byteStrings(keys), .ints(numbers),
      .ints(batch.map { $0.version.storedAt }), .flags(batch.map(\.version.isDeleted)),
      .byteStrings(batch.map { $0.blob == nil ? $0.version.sealed : [] }))
    let apart = batch.compactMap { waiting in waiting.blob.map { (waiting, $0) } }
    if !apart.isEmpty {
      try connection.enqueue(
        """
        INSERT INTO version_blob (slot, row_id, hash, length)
        SELECT * FROM unnest($1, $2, $3, $4)
        """, .ints(apart.map { $0.0.version.slot }), .ints(apart.map { $0.0.row }),
        .byteStrings(apart.map { $0.1.hash }), .ints(apart.map { Int64($0.1.length) }))
    }
    if indexChanges.isFull { try sendEntries() }
  }

  private func forgetVersions() {
    versions.removeAll(keepingCapacity: true)
    waiting.removeAll(keepingCapacity: true)
    versionBytes = 0
  }

  // MARK: Times

  func settledTime() throws -> Int64? { settled }

  func settle(_ time: Int64) throws {
    try change {
      settled = max(settled ?? time, time)
      try connection.enqueue(
        """
        INSERT INTO counter (key, value) VALUES ($1, $2)
        ON CONFLICT (key) DO UPDATE SET value = greatest(counter.value, excluded.value)
        """, .bytes(SettledCounter.key), .int(time))
    }
  }

  // MARK: The log

  func appendAudit(slot: Int64?, sealed: [UInt8], leafHash: [UInt8]) throws -> Int64 {
    try guarding {
      let sequence = firstSequence + Int64(audits.count)
      audits.append(AuditRow(sequence: sequence, slot: slot, sealed: sealed, leafHash: leafHash))
      return sequence
    }
  }

  func announceOutbox() { announcesOutbox = true }
}

/// The writes that share a commit, seen by the writer.
extension PostgreSQLTransaction {
  func beginWrite() {
    firstLeaf = audits.count
    settledBefore = settled
    indexChanges.beginWrite()
    hasSavepoint = false
    failure = nil
    staging = nil
  }

  /// Sends what the write has gathered, so that what is wrong with it counts against it alone.
  func endWrite() throws {
    try guarding {
      try sendVersions()
      guard hasSavepoint else { return }
      try connection.enqueue("RELEASE SAVEPOINT write")
      try connection.flush()
    }
  }

  /// Undoes the write. Throws when the transaction as a whole cannot go on.
  func undoWrite() throws {
    // A write begins with an empty queue, so a savepoint that was not sent stands first in it.
    let isOnServer = hasSavepoint && connection.queue.first?.sql != Self.savepoint
    forgetVersions()
    connection.discardQueue()
    audits.removeSubrange(firstLeaf...)
    settled = settledBefore
    indexChanges.undoWrite()
    guard !connection.isLost else { throw PostgreSQLError.lost }
    if isOnServer {
      try connection.enqueue("ROLLBACK TO SAVEPOINT write")
      try connection.enqueue("RELEASE SAVEPOINT write")
      try connection.flush()
    } else if connection.isInError {
      throw failure ?? PostgreSQLError.lost
    }
  }

  /// From here on everything belongs to the commit as a whole and needs no savepoint.
  func beginCommit() {
    hasSavepoint = true
    failure = nil
  }

  /// Queues what belongs to the commit as a whole.
  func prepareCommit() throws {
    try sendEntries()
    if !audits.isEmpty {
      try connection.enqueue(
        "INSERT INTO audit (sequence, slot, sealed, leaf_hash) SELECT * FROM unnest($1, $2, $3, $4)",
        .ints(audits.map(\.sequence)), .ints(audits.map(\.slot)),
        .byteStrings(audits.map(\.sealed)), .byteStrings(audits.map(\.leafHash)))
    }
    if lastCount > countBefore {
      try connection.enqueue("SELECT setval('version_row', $1)", .int(lastCount))
    }
    if announcesOutbox {
      try connection.enqueue("SELECT pg_notify('\(PostgreSQLListener.channel)', '')")
    }
  }

  /// Whether there is anything to make durable.
  var hasChanges: Bool { savepoints > 0 || !audits.isEmpty }
}
