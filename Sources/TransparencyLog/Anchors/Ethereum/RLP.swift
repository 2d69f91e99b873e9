/// Recursive length prefix, the byte form of Ethereum's structures (Yellow Paper, appendix B).
public indirect enum RLP: Hashable, Sendable {
  case bytes([UInt8])
  case list([RLP])

  /// A number: big-endian without leading zeroes, zero as no bytes.
  public static func integer(_ value: UInt64) -> RLP {
    .integer(withUnsafeBytes(of: value.bigEndian, Array.init))
  }

  /// A number that is given as big-endian bytes.
  public static func integer(_ bytes: [UInt8]) -> RLP { .bytes(Array(bytes.drop { $0 == 0 })) }

  /// The encoding.
  public var encoded: [UInt8] {
    switch self {
    case .bytes(let bytes):
      if let only = bytes.first, bytes.count == 1, only < 0x80 { return bytes }
      return Self.head(0x80, bytes.count) + bytes
    case .list(let items):
      let body = items.flatMap(\.encoded)
      return Self.head(0xC0, body.count) + body
    }
  }

  private static func head(_ base: UInt8, _ count: Int) -> [UInt8] {
    if count <= 55 { return [base + UInt8(count)] }
    let length = withUnsafeBytes(of: UInt64(count).bigEndian, Array.init).drop { $0 == 0 }
    return [base + 55 + UInt8(length.count)] + length
  }
}
