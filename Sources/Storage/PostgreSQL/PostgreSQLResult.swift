import CLibPQ

/// The rows that a statement gave, in binary format. They live as long as this does.
final class PostgreSQLResult {
  private let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQclear(pointer) }

  var status: ExecStatusType { PQresultStatus(pointer) }
  var count: Int32 { PQntuples(pointer) }

  /// What the server says it did: `COMMIT`, `DELETE 1`.
  var tag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }

  /// The SQLSTATE of an error: five letters and digits.
  var state: String? {
    PQresultErrorField(pointer, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
  }

  func map<Value>(_ make: (PostgreSQLRow) throws -> Value) rethrows -> [Value] {
    try (0..<count).map { try make(PostgreSQLRow(result: self, number: $0)) }
  }

  var first: PostgreSQLRow? { count > 0 ? PostgreSQLRow(result: self, number: 0) : nil }
  var last: PostgreSQLRow? { count > 0 ? PostgreSQLRow(result: self, number: count - 1) : nil }

  fileprivate func bytes(_ row: Int32, _ column: Int32) -> UnsafeRawBufferPointer? {
    guard PQgetisnull(pointer, row, column) == 0 else { return nil }
    return UnsafeRawBufferPointer(
      start: PQgetvalue(pointer, row, column), count: Int(PQgetlength(pointer, row, column)))
  }
}

/// One row of a result; columns count from 0.
struct PostgreSQLRow {
  let result: PostgreSQLResult
  let number: Int32

  func optionalInt(_ column: Int32) -> Int64? {
    result.bytes(number, column).map { bytes in
      bytes.reduce(0) { $0 << 8 | Int64($1) }
    }
  }

  func int(_ column: Int32) -> Int64 { optionalInt(column) ?? 0 }

  func flag(_ column: Int32) -> Bool { int(column) != 0 }

  func optionalBlob(_ column: Int32) -> [UInt8]? { result.bytes(number, column).map(Array.init) }

  func blob(_ column: Int32) -> [UInt8] { optionalBlob(column) ?? [] }

  func text(_ column: Int32) -> String {
    result.bytes(number, column).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
