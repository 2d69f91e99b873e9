import CLibPQ
import Crypto
import Primitives

/// The contents of a table as PostgreSQL's COPY takes and gives them in binary (PostgreSQL 15,
/// COPY, "Binary Format"): a head, the rows with a length before each value, an end.
struct BinaryCopy {
  static let head =
    Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0] + [UInt8](repeating: 0, count: 8)
  static let end: [UInt8] = [0xFF, 0xFF]

  static func append(_ row: [PostgreSQLValue], to buffer: inout [UInt8]) throws {
    buffer.append(bigEndian: Int16(truncatingIfNeeded: row.count))
    for value in row {
      let place = buffer.count
      buffer.append(bigEndian: Int32(-1))
      guard value.append(to: &buffer) else { continue }
      guard let length = Int32(exactly: buffer.count - place - 4) else {
        throw PeerChartError(.tooLarge, "a value is too large for the database")
      }
      withUnsafeBytes(of: length.bigEndian) {
        buffer.replaceSubrange(place..<place + 4, with: $0)
      }
    }
  }
}

extension PostgreSQLConnection {
  /// Fills a table; `produce` calls what it is given with pieces of a binary copy.
  func copyIn(
    _ table: MovedTable, _ produce: ((_ bytes: [UInt8]) throws -> Void) throws -> Void
  ) throws {
    try withoutPipeline { handle in
      try Self.expect(
        PGRES_COPY_IN,
        PQexec(handle, "COPY \(table.name) (\(table.columns)) FROM STDIN (FORMAT binary)"))
      try produce { bytes in
        let isSent = bytes.withUnsafeBufferPointer { buffer in
          buffer.withMemoryRebound(to: CChar.self) {
            PQputCopyData(handle, $0.baseAddress, Int32(truncatingIfNeeded: $0.count)) == 1
          }
        }
        if !isSent { throw PostgreSQLError.lost }
      }
      guard PQputCopyEnd(handle, nil) == 1 else { throw PostgreSQLError.lost }
      try Self.expect(PGRES_COMMAND_OK, PQgetResult(handle))
      while let more = PQgetResult(handle) { PQclear(more) }
    }
  }

  /// The digest of a table's binary copy.
  func copyDigest(_ table: MovedTable) throws -> SHA256Digest {
    try withoutPipeline { handle in
      try Self.expect(
        PGRES_COPY_OUT,
        PQexec(
          handle,
          "COPY (SELECT \(table.columns) FROM \(table.name) ORDER BY \(table.order)) "
            + "TO STDOUT (FORMAT binary)"))
      var hash = SHA256()
      while true {
        var piece: UnsafeMutablePointer<CChar>?
        let count = PQgetCopyData(handle, &piece, 0)
        defer { PQfreemem(piece) }
        guard count >= 0 else { break }
        hash.update(bufferPointer: UnsafeRawBufferPointer(start: piece, count: Int(count)))
      }
      try Self.expect(PGRES_COMMAND_OK, PQgetResult(handle))
      while let more = PQgetResult(handle) { PQclear(more) }
      return hash.finalize()
    }
  }

  private static func expect(_ status: ExecStatusType, _ pointer: OpaquePointer?) throws {
    guard let pointer else { throw PostgreSQLError.lost }
    let result = PostgreSQLResult(pointer)
    guard result.status == status else {
      throw result.state.map(PostgreSQLError.error) ?? PostgreSQLError.lost
    }
  }
}
