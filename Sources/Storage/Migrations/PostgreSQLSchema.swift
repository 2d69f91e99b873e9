import CLibPQ
import Exchange
import Primitives

/// The tables of the PostgreSQL store.
enum PostgreSQLSchema {
  /// Brings the tables up to date. Two programs that start at once do it one after the other.
  ///
  /// - Throws: `unsupported-version` where a newer program has been before.
  static func migrate(_ connection: PostgreSQLConnection) throws {
    guard try !names(connection).elementsEqual(Migration.allCases.map(\.rawValue)) else { return }
    do {
      try connection.run("BEGIN")
      // "peerchrs", next to the lock of the commits.
      try connection.run("SELECT pg_advisory_xact_lock(8098991046864171635)")
      try connection.run(
        "CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY, position bigint NOT NULL)"
      )
      let done = try names(connection)
      guard Set(done).isSubset(of: Migration.allCases.map(\.rawValue)) else {
        throw PeerChartError(
          .unsupportedVersion,
          "this database was written by a newer version of peerchart; use that version")
      }
      for (position, migration) in Migration.allCases.enumerated()
      where !done.contains(migration.rawValue) {
        for statement in statements(of: migration) { try connection.run(statement) }
        try connection.run(
          "INSERT INTO schema_migration (name, position) VALUES ($1, $2)",
          .text(migration.rawValue), .int(Int64(position)))
      }
      guard try connection.run("COMMIT").tag == "COMMIT" else { throw PostgreSQLError.lost }
    } catch {
      if !connection.isLost && !connection.isIdle { _ = try? connection.run("ROLLBACK") }
      throw error
    }
  }

  private static func names(_ connection: PostgreSQLConnection) throws -> [String] {
    let table = try connection.run("SELECT to_regclass('schema_migration') IS NOT NULL")
    guard table.first?.flag(0) == true else { return [] }
    return try connection.run("SELECT name FROM schema_migration ORDER BY position")
      .map { $0.text(0) }
  }

  private static func statements(of migration: Migration) -> [String] {
    switch migration {
    case .foundation: foundation + partitions(of: "version") + parts
    case .unpinnedCheckpoint:
      ["CREATE INDEX checkpoint_unpinned ON checkpoint (size) WHERE NOT pinned"]
    case .blobs: blobs
    }
  }

  private static func partitions(of table: String) -> [String] {
    (0..<RowNumber.parts).map { number in
      """
      CREATE TABLE \(table)_\(number) PARTITION OF \(table)
      FOR VALUES WITH (MODULUS \(RowNumber.parts), REMAINDER \(number))
      """
    }
  }

  /// The parts of the index, each with a first block that stays: there is always one to put an entry into.
  /// The room left in a page lets a block grow in its place, which no index has to hear of; a vacuum now
  /// and then makes room known to blocks of other pages.
  private static let parts =
    (0..<RowNumber.parts).map { number in
      """
      CREATE TABLE token_block_\(number) PARTITION OF token_block FOR VALUES IN (\(number))
        WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05)
      """
    } + [
      """
      INSERT INTO token_block (part, token, row_id, size, entries)
      SELECT part, \(IndexEntry.lowest.token), \(IndexEntry.lowest.row), 0, ''
      FROM generate_series(0, \(RowNumber.parts - 1)) AS all_parts (part)
      """
    ]

  /// Sealed bytes are compressed already: they are kept out of line as they are.
  private static let foundation = [
    """
    CREATE TABLE chart (
      slot bigint PRIMARY KEY,
      tag bytea NOT NULL UNIQUE,
      key_generation bigint NOT NULL DEFAULT 0,
      wrapped_key bytea,
      consent_revision bigint NOT NULL DEFAULT 0)
    """,
    """
    CREATE TABLE data_key (
      slot bigint NOT NULL,
      generation bigint NOT NULL,
      wrapped bytea NOT NULL,
      PRIMARY KEY (slot, generation))
    """,
    "CREATE SEQUENCE version_row MAXVALUE \(RowNumber.largestCount)",
    """
    CREATE TABLE version_place (
      number bigint NOT NULL,
      row_id bigint NOT NULL,
      key bytea NOT NULL,
      PRIMARY KEY (key, number))
    """,
    // The history of everything goes by the order of storing, which the lower bits hold.
    """
    CREATE INDEX version_place_count ON version_place ((row_id & \(RowNumber.largestCount)))
    """,
    """
    CREATE TABLE version (
      slot bigint NOT NULL,
      row_id bigint NOT NULL,
      number bigint NOT NULL,
      stored_at bigint NOT NULL,
      deleted boolean NOT NULL,
      key bytea NOT NULL,
      sealed bytea NOT NULL,
      PRIMARY KEY (slot, row_id)) PARTITION BY HASH (slot)
    """,
    "ALTER TABLE version ALTER COLUMN sealed SET STORAGE EXTERNAL",
    """
    CREATE TABLE token_block (
      token bigint NOT NULL,
      row_id bigint NOT NULL,
      part smallint NOT NULL,
      size smallint NOT NULL,
      entries bytea NOT NULL,
      PRIMARY KEY (token, row_id, part)) PARTITION BY LIST (part)
    """,
    // Keyed hashes do not compress.
    "ALTER TABLE token_block ALTER COLUMN entries SET STORAGE EXTERNAL",
    """
    CREATE TABLE item (
      kind text NOT NULL,
      key bytea NOT NULL,
      sealed bytea NOT NULL,
      PRIMARY KEY (kind, key))
    """,
    "CREATE TABLE counter (key bytea PRIMARY KEY, value bigint NOT NULL)",
    """
    CREATE TABLE audit (
      sequence bigint PRIMARY KEY,
      slot bigint,
      leaf_hash bytea NOT NULL,
      sealed bytea NOT NULL)
    """,
    "ALTER TABLE audit ALTER COLUMN sealed SET STORAGE EXTERNAL",
    "CREATE INDEX audit_slot ON audit (slot, sequence) WHERE slot IS NOT NULL",
    """
    CREATE TABLE log_tile (
      level bigint NOT NULL,
      tile bigint NOT NULL,
      hash bytea NOT NULL,
      PRIMARY KEY (level, tile))
    """,
    """
    CREATE TABLE checkpoint (size bigint PRIMARY KEY, note text NOT NULL, pinned boolean NOT NULL)
      WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)
    """,
    """
    CREATE TABLE outbox (
      position bigint GENERATED ALWAYS AS IDENTITY,
      id bytea PRIMARY KEY,
      peer bytea NOT NULL,
      created_at bigint NOT NULL,
      next_attempt bigint NOT NULL,
      attempts bigint NOT NULL,
      sealed bytea NOT NULL)
    """,
    "CREATE INDEX outbox_due ON outbox (next_attempt)",
    "CREATE TABLE inbox (id bytea PRIMARY KEY, received_at bigint NOT NULL)",
  ]

  /// Where large bodies lie; the row itself then holds none.
  private static let blobs = [
    "CREATE TABLE blob_space (name text PRIMARY KEY)",
    "INSERT INTO blob_space SELECT replace(gen_random_uuid()::text, '-', '')",
    """
    CREATE TABLE version_blob (
      slot bigint NOT NULL,
      row_id bigint NOT NULL,
      length bigint NOT NULL,
      hash bytea NOT NULL,
      PRIMARY KEY (slot, row_id))
    """,
    "CREATE INDEX version_blob_hash ON version_blob (hash)",
    """
    CREATE TABLE item_blob (
      kind text NOT NULL,
      key bytea NOT NULL,
      length bigint NOT NULL,
      hash bytea NOT NULL,
      PRIMARY KEY (kind, key))
    """,
    "CREATE INDEX item_blob_hash ON item_blob (hash)",
  ]
}
