import FHIR

/// An address of the Internet Protocol, in one form: an IPv4 address that IPv6 wraps (`::ffff:192.0.2.1`,
/// RFC 4291 section 2.5.5.2) is the IPv4 address, so that no rule is passed by writing it in another way.
public struct IPAddress: Hashable, Sendable {
  /// Four bytes, or sixteen.
  public let bytes: [UInt8]

  /// Reads an address as RFC 4291 section 2.2 and dotted decimals write it; nil for anything else. The zone
  /// of a link-local address (`%eth0`) says nothing here and is left out.
  public init?(_ text: some StringProtocol) {
    let digits = Array(text.utf8.prefix(64).prefix { $0 != UInt8(ascii: "%") })
    guard text.utf8.count <= 64, let bytes = Self.v4(digits[...]) ?? Self.v6(digits) else {
      return nil
    }
    self.init(bytes: bytes)
  }

  private init(bytes: [UInt8]) {
    let isWrapped =
      bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255
      && bytes[11] == 255
    self.bytes = isWrapped ? Array(bytes[12...]) : bytes
  }

  /// The network of a household or firm: an IPv4 address is one, of IPv6 the first 64 bits are.
  public var network: [UInt8] { bytes.count == 16 ? Array(bytes[..<8]) : bytes }

  private static func v4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bytes: [UInt8] = []
    for part in parts {
      // No leading zero: some read it as octal.
      guard (1...3).contains(part.count), part.first != UInt8(ascii: "0") || part.count == 1,
        let number = DecimalDigits.parse(part, limit: 255), let byte = UInt8(exactly: number)
      else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  private static func v6(_ text: [UInt8]) -> [UInt8]? {
    let colon = UInt8(ascii: ":")
    guard
      let gap = (0..<max(0, text.count - 1)).first(where: {
        text[$0] == colon && text[$0 + 1] == colon
      })
    else {
      let bytes = groups(text[...])
      return bytes?.count == 16 ? bytes : nil
    }
    let (head, tail) = (text[..<gap], text[(gap + 2)...])
    guard let head = head.isEmpty ? [] : groups(head, isWhole: false),
      let tail = tail.isEmpty ? [] : groups(tail), head.count + tail.count <= 14
    else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  /// Groups between single colons; the last may be an IPv4 address.
  private static func groups(_ text: ArraySlice<UInt8>, isWhole: Bool = true) -> [UInt8]? {
    let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count <= 8 else { return nil }
    var bytes: [UInt8] = []
    for (number, part) in parts.enumerated() {
      if isWhole, number == parts.count - 1, let last = v4(part) {
        bytes += last
        continue
      }
      guard (1...4).contains(part.count), let text = String(validating: part, as: UTF8.self),
        part.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let group = UInt16(text, radix: 16)
      else { return nil }
      bytes += [UInt8(group >> 8), UInt8(group & 255)]
    }
    return bytes
  }
}
