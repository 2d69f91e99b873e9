/// base64url without padding (RFC 4648 section 5); decoding is strict: one text for each value.
public enum Base64URL {
  static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    Radix64.encode(bytes, alphabet: alphabet, padded: false)
  }

  /// Returns nil for padding, foreign characters, and set bits behind the last byte.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    Radix64.decode(Array(text.utf8), extra: (45, 95))
  }
}

/// base64 with padding (RFC 4648 section 4), strict as above.
public enum Base64 {
  static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  public static func encode(_ bytes: some Collection<UInt8>) -> String {
    Radix64.encode(bytes, alphabet: alphabet, padded: true)
  }

  /// Returns nil for missing or misplaced padding, foreign characters, and set bits behind the last byte.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var characters = Array(text.utf8)
    guard characters.count % 4 == 0 else { return nil }
    for _ in 0..<2 where characters.last == 61 { characters.removeLast() }
    return Radix64.decode(characters, extra: (43, 47))
  }
}

enum Radix64 {
  static func encode(
    _ bytes: some Collection<UInt8>, alphabet: [UInt8], padded: Bool
  ) -> String {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 6 {
        count -= 6
        output.append(alphabet[Int(bits >> UInt32(count)) & 63])
      }
    }
    if count > 0 { output.append(alphabet[Int(bits << UInt32(6 - count)) & 63]) }
    if padded { while output.count % 4 != 0 { output.append(61) } }
    return String(decoding: output, as: UTF8.self)
  }

  static func decode(_ characters: [UInt8], extra: (UInt8, UInt8)) -> [UInt8]? {
    guard characters.count % 4 != 1 else { return nil }
    var output: [UInt8] = []
    output.reserveCapacity(characters.count * 3 / 4)
    var bits: UInt32 = 0
    var count = 0
    for character in characters {
      let value: UInt8
      switch character {
      case 65...90: value = character - 65
      case 97...122: value = character - 71
      case 48...57: value = character + 4
      case extra.0: value = 62
      case extra.1: value = 63
      default: return nil
      }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        output.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    guard bits & ((1 << UInt32(count)) - 1) == 0 else { return nil }
    return output
  }
}

/// Lower-case hexadecimal.
public enum Hex {
  static let digits = Array("0123456789abcdef".utf8)

  public static func encode(_ bytes: some Collection<UInt8>) -> String { encode(Array(bytes)) }

  /// As above, without the cost of not knowing the type: every entry of the log has ids.
  public static func encode(_ bytes: [UInt8]) -> String {
    String(unsafeUninitializedCapacity: bytes.count * 2) { output in
      for (index, byte) in bytes.enumerated() {
        output[2 * index] = digits[Int(byte >> 4)]
        output[2 * index + 1] = digits[Int(byte & 15)]
      }
      return bytes.count * 2
    }
  }

  /// Returns nil for upper case, an odd length, or anything that is no digit.
  public static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count % 2 == 0 else { return nil }
    var output: [UInt8] = []
    output.reserveCapacity(characters.count / 2)
    for index in stride(from: 0, to: characters.count, by: 2) {
      guard let high = digit(characters[index]), let low = digit(characters[index + 1]) else {
        return nil
      }
      output.append(high << 4 | low)
    }
    return output
  }

  private static func digit(_ character: UInt8) -> UInt8? {
    switch character {
    case 48...57: character - 48
    case 97...102: character - 87
    default: nil
    }
  }
}
