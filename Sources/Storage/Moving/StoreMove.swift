import Crypto
import GRDB
public import Primitives

/// Moves everything of an SQLite store into a PostgreSQL database, all or nothing.
///
/// While it lives nobody else can open the source. It is only read. What arrives is read back and
/// compared, byte for byte, before it is committed; cut off at any moment, the target is as it was.
/// Made again after it was through, it finds the same contents there and is content.
public final class StoreMove: Sendable {
  private let source: DatabaseQueue
  private let access: DatabaseAccess

  /// Takes hold of the source.
  ///
  /// - Throws: `conflict` when another process uses it, `unsupported-version` for a newer program's.
  public init(from path: String, to address: DatabaseAddress, password: Redacted<String>?) throws {
    access = DatabaseAccess(address: address, password: password)
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.busyMode = .immediateError
    // The lock is taken with the first look and kept until the connection is closed.
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
    do {
      source = try DatabaseQueue(path: path, configuration: configuration)
      let migrator = SQLiteSchema.migrator()
      if try source.read(migrator.hasBeenSuperseded) {
        throw PeerChartError(
          .unsupportedVersion,
          "this data folder was written by a newer version of peerchart; use that version")
      }
      if try !source.read(migrator.hasCompletedMigrations) { try migrator.migrate(source) }
      try source.inDatabase { db in
        try SQLiteStatement(db, "BEGIN EXCLUSIVE").run()
        try SQLiteStatement(db, "COMMIT").run()
      }
      guard try source.inDatabase(Self.hasNoJournal) else {
        throw PeerChartError(
          .conflict, "entries of the log are not in the file yet; another command brings them in")
      }
    } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
      throw PeerChartError(
        .conflict, "this node is being served, or another command works on it; stop that first")
    } catch {
      throw SQLiteError.translate(error)
    }
  }

  /// Whether entries of the log are still to be brought into the file, so that it cannot be moved yet.
  public static func isBehind(_ path: String) throws -> Bool {
    do {
      let file = try DatabaseQueue(path: path)
      defer { try? file.close() }
      return try !file.inDatabase(hasNoJournal)
    } catch {
      throw SQLiteError.translate(error)
    }
  }

  private static func hasNoJournal(_ db: Database) throws -> Bool {
    let names = try SQLiteStatement(db, "SELECT 1 FROM counter WHERE key >= ? AND key < ?")
    defer { names.reset() }
    names.bind(1, JournalName.keys.first)
    names.bind(2, JournalName.keys.end)
    return try !names.step()
  }

  /// Lets go of the source.
  public func close() { try? source.close() }

  /// How many rows there are in the source, all tables together.
  public func rowCount() throws -> Int {
    try source.inDatabase { db in
      try MovedTable.all.reduce(0) { sum, table in
        let count = try SQLiteStatement(db, "SELECT count(*) FROM \(table.sourceTable)")
        defer { count.reset() }
        return try count.step() ? sum + Int(truncatingIfNeeded: count.int(0)) : sum
      }
    }
  }

  /// Copies everything.
  ///
  /// - Parameter progress: called with the number of rows read since the last call.
  /// - Returns: the number of rows of each table.
  /// - Throws: `conflict` when the target holds something else already, `integrity` when it does not
  ///   give back what it was given.
  public func run(progress: @escaping @Sendable (Int) -> Void) async throws -> [String: Int] {
    try await PostgreSQLStore.onThread { [self] in
      let target = try PostgreSQLConnection(access)
      try PostgreSQLSchema.migrate(target)
      let counts = try source.inDatabase { db in
        try Self.requireKnownTables(db)
        try Self.requireRoom(db)
        try target.beginExclusively()
        do {
          let counts = try fill(target, from: db, progress)
          guard try target.run("COMMIT").tag == "COMMIT" else { throw PostgreSQLError.lost }
          return counts
        } catch {
          if !target.isLost { _ = try? target.run("ROLLBACK") }
          throw PostgreSQLError.translate(error)
        }
      }
      try target.run("ANALYZE")
      return counts
    }
  }

  /// A table that this does not know would be left behind.
  private static func requireKnownTables(_ db: Database) throws {
    let names = try SQLiteStatement(
      db,
      """
      SELECT name FROM sqlite_master
      WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'grdb_%'
      """)
    var tables: Set<String> = []
    while try names.step() { tables.insert(names.text(0)) }
    guard tables == Set(MovedTable.all.map(\.sourceTable)) else {
      throw PeerChartError(.notSupported, "the store has tables that cannot be moved")
    }
  }

  /// Rows get new numbers, in which the old ones must find room.
  private static func requireRoom(_ db: Database) throws {
    let rows = try SQLiteStatement(db, "SELECT max(row), max(slot), min(slot) FROM version")
    defer { rows.reset() }
    guard try rows.step(), rows.int(0) <= RowNumber.largestCount,
      rows.int(1) <= RowNumber.largestSlot, rows.int(2) >= 0
    else { throw PeerChartError(.tooLarge, "the store has more rows than can be moved") }
  }

  private func fill(
    _ target: PostgreSQLConnection, from db: Database, _ progress: (Int) -> Void
  ) throws -> [String: Int] {
    let isEmpty =
      try target.run("SELECT count(*) FROM (SELECT 1 FROM chart LIMIT 1) AS c")
      .first?.int(0) == 0
    // What every new database has comes with the source's.
    if isEmpty {
      try target.run("DELETE FROM blob_space")
      try target.run("DELETE FROM token_block")
    }
    var counts: [String: Int] = [:]
    for table in MovedTable.all {
      var hash = SHA256()
      if isEmpty {
        try target.copyIn(table) { send in
          counts[table.name] = try Self.read(table, db, progress) { bytes in
            hash.update(data: bytes)
            try send(bytes)
          }
        }
      } else {
        counts[table.name] = try Self.read(table, db, progress) { hash.update(data: $0) }
      }
      guard try target.copyDigest(table) == hash.finalize() else {
        throw isEmpty
          ? PeerChartError(.integrity, "the database does not give back what it was given")
          : PeerChartError(
            .conflict, "this database holds another node, or one that was used since")
      }
    }
    if isEmpty {
      try target.run(
        """
        SELECT setval('version_row', greatest(1, (SELECT max(row_id & $1) FROM version_place)),
          EXISTS (SELECT 1 FROM version_place))
        """, .int(RowNumber.largestCount))
    }
    return counts
  }

  private static let pieceBytes = 256 << 10

  private static func read(
    _ table: MovedTable, _ db: Database, _ progress: (Int) -> Void,
    _ take: ([UInt8]) throws -> Void
  ) throws -> Int {
    let rows = try SQLiteStatement(db, table.source)
    defer { rows.reset() }
    var (count, reported) = (0, 0)
    var piece = BinaryCopy.head
    var gathering = table.gathering()
    while try rows.step() {
      for row in gathering.take(rows) { try BinaryCopy.append(row, to: &piece) }
      count += 1
      guard piece.count >= pieceBytes else { continue }
      try take(piece)
      piece.removeAll(keepingCapacity: true)
      progress(count - reported)
      reported = count
    }
    for row in gathering.end() { try BinaryCopy.append(row, to: &piece) }
    try take(piece + BinaryCopy.end)
    progress(count - reported)
    return count
  }
}
