import Identity

/// Writes CBOR in the CTAP2 canonical form, for what the tests need as an authenticator.
enum CBORWriter {
  static func write(_ value: CBORValue) -> [UInt8] {
    switch value {
    case .unsigned(let number): head(0, number)
    case .negative(let number): head(1, number)
    case .bytes(let bytes): head(2, UInt64(bytes.count)) + bytes
    case .text(let text): head(3, UInt64(text.utf8.count)) + Array(text.utf8)
    case .array(let items): head(4, UInt64(items.count)) + items.flatMap(write)
    case .map(let map): head(5, UInt64(map.entries.count)) + entries(map)
    case .bool(let bool): [bool ? 0xF5 : 0xF4]
    case .null: [0xF6]
    case .undefined: [0xF7]
    }
  }

  /// A map of names, sorted as it must be.
  static func map(_ members: [String: CBORValue]) -> CBORValue {
    .map(CBORMap(sorted(members.map { .init(key: .text($0.key), value: $0.value) })))
  }

  /// A map of numbers, sorted as it must be.
  static func map(_ members: [Int64: CBORValue]) -> CBORValue {
    .map(CBORMap(sorted(members.map { .init(key: number($0.key), value: $0.value) })))
  }

  static func number(_ number: Int64) -> CBORValue {
    number < 0 ? .negative(UInt64(-1 - number)) : .unsigned(UInt64(number))
  }

  static func sorted(_ entries: [CBORMap.Entry]) -> [CBORMap.Entry] {
    entries.sorted { a, b in
      let (a, b) = (write(a.key), write(b.key))
      if a[0] >> 5 != b[0] >> 5 { return a[0] >> 5 < b[0] >> 5 }
      return a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
    }
  }

  private static func entries(_ map: CBORMap) -> [UInt8] {
    map.entries.flatMap { write($0.key) + write($0.value) }
  }

  private static func head(_ kind: UInt8, _ number: UInt64) -> [UInt8] {
    let big = withUnsafeBytes(of: number.bigEndian) { Array($0) }
    return switch number {
    case 0..<24: [kind << 5 | UInt8(number)]
    case 24..<(1 << 8): [kind << 5 | 24] + big.suffix(1)
    case (1 << 8)..<(1 << 16): [kind << 5 | 25] + big.suffix(2)
    case (1 << 16)..<(1 << 32): [kind << 5 | 26] + big.suffix(4)
    default: [kind << 5 | 27] + big
    }
  }
}
