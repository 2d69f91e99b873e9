/// Upper-case base32 without padding (RFC 4648 section 6), strict: one text for each value.
///
/// A QR code packs these characters in 5½ bits each, where base64 costs 8.
enum Base32 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 5 {
        count -= 5
        output.append(alphabet[Int(bits >> count & 31)])
      }
    }
    if count > 0 { output.append(alphabet[Int(bits << (5 - count) & 31)]) }
    return String(decoding: output, as: UTF8.self)
  }

  /// Returns nil for foreign characters, impossible lengths, and set bits behind the last byte.
  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    var bits: UInt32 = 0
    var count: UInt32 = 0
    for character in text {
      let value: UInt8
      switch character {
      case 0x41...0x5A: value = character - 0x41
      case 0x32...0x37: value = character - 0x32 + 26
      default: return nil
      }
      bits = bits << 5 | UInt32(value)
      count += 5
      if count >= 8 {
        count -= 8
        output.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    guard count < 5, bits & ((1 << count) - 1) == 0 else { return nil }
    return output
  }
}
