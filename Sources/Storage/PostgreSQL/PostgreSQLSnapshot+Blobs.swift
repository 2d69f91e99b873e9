import Exchange
import Primitives

extension PostgreSQLSnapshot: BlobLedger {
  /// The body of a row that holds none: it lies in a blob, or there is none.
  func bodyApart(row: Int64, slot: Int64) throws -> SealedBody {
    let found = try connection.run(
      "SELECT hash, length FROM version_blob WHERE slot = $1 AND row_id = $2", .int(slot),
      .int(row)
    ).first.map(Self.reference)
    guard let reference = found else { return SealedBody([]) }
    return SealedBody(apart: reference.hash) { [blobs] in try blobs.get(reference) }
  }

  func blob(ofItem kind: ItemKind, _ key: [UInt8]) throws -> BlobReference? {
    try connection.run(
      "SELECT hash, length FROM item_blob WHERE kind = $1 AND key = $2", .text(kind.rawValue),
      .bytes(key)
    ).first.map(Self.reference)
  }

  func blobs(ofChart slot: Int64) throws -> [BlobReference] {
    try connection.run("SELECT hash, length FROM version_blob WHERE slot = $1", .int(slot))
      .map(Self.reference)
  }

  func blobSpace() throws -> String {
    try connection.run("SELECT name FROM blob_space").first?.text(0) ?? ""
  }

  func unnamed(_ hashes: [[UInt8]]) throws -> [[UInt8]] {
    guard !hashes.isEmpty else { return [] }
    return try connection.run(
      """
      SELECT hash FROM unnest($1) AS asked (hash)
      WHERE NOT EXISTS (SELECT 1 FROM version_blob WHERE version_blob.hash = asked.hash)
        AND NOT EXISTS (SELECT 1 FROM item_blob WHERE item_blob.hash = asked.hash)
      """, .byteStrings(hashes)
    ).map { $0.blob(0) }
  }

  func blobReferences(after hash: [UInt8], limit: Int) throws -> [BlobReference] {
    try connection.run(
      """
      (SELECT hash, length FROM version_blob WHERE hash > $1 ORDER BY hash LIMIT $2)
      UNION (SELECT hash, length FROM item_blob WHERE hash > $1 ORDER BY hash LIMIT $2)
      ORDER BY hash LIMIT $2
      """, .bytes(hash), .int(Int64(limit))
    ).map(Self.reference)
  }

  private static func reference(_ row: PostgreSQLRow) -> BlobReference {
    BlobReference(hash: row.blob(0), length: Int(truncatingIfNeeded: row.int(1)))
  }
}

/// The same within the commit that is being prepared.
extension PostgreSQLTransaction: BlobLedger {
  func blobSpace() throws -> String { try look { try $0.blobSpace() } }
  func unnamed(_ hashes: [[UInt8]]) throws -> [[UInt8]] {
    try look(first: sendVersions) { try $0.unnamed(hashes) }
  }
  func blobReferences(after hash: [UInt8], limit: Int) throws -> [BlobReference] {
    try look(first: sendVersions) { try $0.blobReferences(after: hash, limit: limit) }
  }
}
