import CLibPQ

/// A parameter of a statement, sent in PostgreSQL's binary format.
enum PostgreSQLValue {
  case int(Int64?)
  /// A number that fits into 16 bits.
  case small(Int64)
  case bytes([UInt8]?)
  case text(String)
  case flag(Bool)
  case ints([Int64?])
  case byteStrings([[UInt8]])
  case flags([Bool])

  /// The types' numbers, fixed for good in PostgreSQL's catalog (pg_type.dat).
  private enum TypeNumber {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let text: Oid = 25
    static let boolArray: Oid = 1000
    static let byteaArray: Oid = 1001
    static let int8Array: Oid = 1016
  }

  var type: Oid {
    switch self {
    case .int: TypeNumber.int8
    case .small: TypeNumber.int2
    case .bytes: TypeNumber.bytea
    case .text: TypeNumber.text
    case .flag: TypeNumber.bool
    case .ints: TypeNumber.int8Array
    case .byteStrings: TypeNumber.byteaArray
    case .flags: TypeNumber.boolArray
    }
  }

  /// Appends the value's bytes; false for NULL, which has none.
  func append(to buffer: inout [UInt8]) -> Bool {
    switch self {
    case .int(let value):
      guard let value else { return false }
      buffer.append(bigEndian: value)
    case .small(let value): buffer.append(bigEndian: Int16(truncatingIfNeeded: value))
    case .bytes(let value):
      guard let value else { return false }
      buffer += value
    case .text(let value): buffer += value.utf8
    case .flag(let value): buffer.append(value ? 1 : 0)
    case .ints(let values):
      Self.appendHead(
        values.count, hasNull: values.contains { $0 == nil }, of: TypeNumber.int8, &buffer)
      for value in values {
        buffer.append(bigEndian: Int32(value == nil ? -1 : 8))
        if let value { buffer.append(bigEndian: value) }
      }
    case .byteStrings(let values):
      Self.appendHead(values.count, hasNull: false, of: TypeNumber.bytea, &buffer)
      for value in values {
        buffer.append(bigEndian: Int32(truncatingIfNeeded: value.count))
        buffer += value
      }
    case .flags(let values):
      Self.appendHead(values.count, hasNull: false, of: TypeNumber.bool, &buffer)
      for value in values {
        buffer.append(bigEndian: Int32(1))
        buffer.append(value ? 1 : 0)
      }
    }
    return true
  }

  /// The head of a one-dimensional array: dimensions, whether there are NULLs, element type, count,
  /// first index.
  private static func appendHead(
    _ count: Int, hasNull: Bool, of type: Oid, _ buffer: inout [UInt8]
  ) {
    for number in [
      Int32(1), hasNull ? 1 : 0, Int32(bitPattern: type), Int32(truncatingIfNeeded: count), 1,
    ] { buffer.append(bigEndian: number) }
  }
}

extension [UInt8] {
  mutating func append(bigEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
  }
}
