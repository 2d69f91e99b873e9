import GRDB
import Primitives

/// The tables of the SQLite store.
enum SQLiteSchema {
  static func migrator() -> DatabaseMigrator {
    var migrator = DatabaseMigrator()
    for migration in Migration.allCases {
      migrator.registerMigration(migration.rawValue) { db in
        try db.execute(sql: statements(of: migration))
      }
    }
    return migrator
  }

  private static func statements(of migration: Migration) -> String {
    switch migration {
    case .foundation: foundation
    case .unpinnedCheckpoint:
      // Every commit removes the checkpoint that it replaces. Without this it would read past all
      // those that were ever pinned.
      "CREATE INDEX checkpoint_unpinned ON checkpoint (size) WHERE pinned = 0"
    case .blobs: blobs
    }
  }

  private static let foundation = """
    CREATE TABLE chart (
      slot INTEGER PRIMARY KEY,
      tag BLOB NOT NULL UNIQUE,
      key_generation INTEGER NOT NULL DEFAULT 0,
      wrapped_key BLOB,
      consent_revision INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE data_key (
      slot INTEGER NOT NULL,
      generation INTEGER NOT NULL,
      wrapped BLOB NOT NULL,
      PRIMARY KEY (slot, generation)) WITHOUT ROWID;
    CREATE TABLE version (
      row INTEGER PRIMARY KEY AUTOINCREMENT,
      key BLOB NOT NULL,
      slot INTEGER NOT NULL,
      number INTEGER NOT NULL,
      stored_at INTEGER NOT NULL,
      deleted INTEGER NOT NULL,
      sealed BLOB NOT NULL);
    CREATE UNIQUE INDEX version_key ON version (key, number);
    CREATE INDEX version_slot ON version (slot, row);
    CREATE TABLE token (
      token INTEGER NOT NULL,
      slot INTEGER NOT NULL,
      row INTEGER NOT NULL,
      PRIMARY KEY (token, slot, row)) WITHOUT ROWID;
    CREATE TABLE item (
      kind TEXT NOT NULL,
      key BLOB NOT NULL,
      sealed BLOB NOT NULL,
      PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE TABLE counter (
      key BLOB PRIMARY KEY,
      value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE audit (
      sequence INTEGER PRIMARY KEY,
      slot INTEGER,
      sealed BLOB NOT NULL,
      leaf_hash BLOB NOT NULL);
    CREATE INDEX audit_slot ON audit (slot, sequence) WHERE slot IS NOT NULL;
    CREATE TABLE log_tile (
      level INTEGER NOT NULL,
      tile INTEGER NOT NULL,
      hash BLOB NOT NULL,
      PRIMARY KEY (level, tile)) WITHOUT ROWID;
    CREATE TABLE checkpoint (
      size INTEGER PRIMARY KEY,
      note TEXT NOT NULL,
      pinned INTEGER NOT NULL);
    CREATE TABLE outbox (
      id BLOB PRIMARY KEY,
      peer BLOB NOT NULL,
      created_at INTEGER NOT NULL,
      next_attempt INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      sealed BLOB NOT NULL);
    CREATE INDEX outbox_due ON outbox (next_attempt);
    CREATE TABLE inbox (
      id BLOB PRIMARY KEY,
      received_at INTEGER NOT NULL) WITHOUT ROWID;
    """

  /// Where large bodies lie; the row itself then holds none.
  private static let blobs = """
    CREATE TABLE blob_space (name TEXT PRIMARY KEY) WITHOUT ROWID;
    INSERT INTO blob_space VALUES (lower(hex(randomblob(16))));
    CREATE TABLE version_blob (
      row INTEGER PRIMARY KEY,
      slot INTEGER NOT NULL,
      hash BLOB NOT NULL,
      length INTEGER NOT NULL);
    CREATE INDEX version_blob_slot ON version_blob (slot);
    CREATE INDEX version_blob_hash ON version_blob (hash);
    CREATE TABLE item_blob (
      kind TEXT NOT NULL,
      key BLOB NOT NULL,
      hash BLOB NOT NULL,
      length INTEGER NOT NULL,
      PRIMARY KEY (kind, key)) WITHOUT ROWID;
    CREATE INDEX item_blob_hash ON item_blob (hash);
    """
}
