/// Percent-encoding (RFC 3986 section 2.1), strictly: a broken escape is an error, not text.
enum PercentEncoding {
  /// Returns nil for a `%` that is not followed by two hexadecimal digits.
  static func decode(_ text: [UInt8], plusIsSpace: Bool) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var rest = text[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit)
        else { return nil }
        output.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: output.append(0x20)
      default: output.append(byte)
      }
    }
    return output
  }

  /// Writes everything but unreserved characters and `kept` as escapes.
  static func encode(_ text: String, keeping kept: Set<UInt8> = []) -> String {
    var output: [UInt8] = []
    for byte in text.utf8 {
      if isUnreserved(byte) || kept.contains(byte) {
        output.append(byte)
      } else {
        output.append(UInt8(ascii: "%"))
        output.append(upper[Int(byte >> 4)])
        output.append(upper[Int(byte & 15)])
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Letters, digits, `-`, `.`, `_`, `~` (RFC 3986 section 2.3).
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
    default: false
    }
  }

  private static let upper = Array("0123456789ABCDEF".utf8)

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
  }
}
