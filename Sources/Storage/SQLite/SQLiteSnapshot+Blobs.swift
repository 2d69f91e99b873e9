import Exchange
import Primitives

extension SQLiteSnapshot: BlobLedger {
  /// The body of a row that holds none: it lies in a blob, or there is none.
  func bodyApart(row: Int64) throws -> SealedBody {
    let statement = try SQLiteStatement(
      connection, "SELECT hash, length FROM version_blob WHERE row = ?")
    statement.bind(1, row)
    guard let reference = try first(statement, Self.reference) else { return SealedBody([]) }
    return SealedBody(apart: reference.hash) { [blobs] in try blobs.get(reference) }
  }

  func blob(ofItem kind: ItemKind, _ key: [UInt8]) throws -> BlobReference? {
    let statement = try SQLiteStatement(
      connection, "SELECT hash, length FROM item_blob WHERE kind = ? AND key = ?")
    statement.bind(1, kind.rawValue)
    statement.bind(2, key)
    return try first(statement, Self.reference)
  }

  func blobs(ofChart slot: Int64) throws -> [BlobReference] {
    let statement = try SQLiteStatement(
      connection, "SELECT hash, length FROM version_blob WHERE slot = ?")
    statement.bind(1, slot)
    return try all(statement, Self.reference)
  }

  func blobSpace() throws -> String {
    try first(try SQLiteStatement(connection, "SELECT name FROM blob_space")) { $0.text(0) } ?? ""
  }

  func unnamed(_ hashes: [[UInt8]]) throws -> [[UInt8]] {
    try hashes.filter { hash in
      let statement = try SQLiteStatement(
        connection,
        """
        SELECT 1 WHERE EXISTS (SELECT 1 FROM version_blob WHERE hash = ?1)
          OR EXISTS (SELECT 1 FROM item_blob WHERE hash = ?1)
        """)
      statement.bind(1, hash)
      return try first(statement) { _ in false } ?? true
    }
  }

  func blobReferences(after hash: [UInt8], limit: Int) throws -> [BlobReference] {
    let statement = try SQLiteStatement(
      connection,
      """
      SELECT * FROM (
        SELECT hash, length FROM version_blob WHERE hash > ?1 ORDER BY hash LIMIT ?2)
      UNION SELECT * FROM (
        SELECT hash, length FROM item_blob WHERE hash > ?1 ORDER BY hash LIMIT ?2)
      ORDER BY 1 LIMIT ?2
      """)
    statement.bind(1, hash)
    statement.bind(2, Int64(limit))
    return try all(statement, Self.reference)
  }

  private static func reference(_ row: SQLiteStatement) -> BlobReference {
    BlobReference(hash: row.blob(0), length: Int(truncatingIfNeeded: row.int(1)))
  }
}

/// The same within the commit that is being prepared.
extension SQLiteTransaction: BlobLedger {
  func blobSpace() throws -> String { try snapshot.blobSpace() }
  func unnamed(_ hashes: [[UInt8]]) throws -> [[UInt8]] { try snapshot.unnamed(hashes) }
  func blobReferences(after hash: [UInt8], limit: Int) throws -> [BlobReference] {
    try snapshot.blobReferences(after: hash, limit: limit)
  }
}
