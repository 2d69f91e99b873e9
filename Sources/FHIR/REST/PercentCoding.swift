package import Primitives

/// Percent-encoding (RFC 3986 section 2.1), and its form variant with `+` for a space.
package enum PercentCoding {
  /// Decodes strictly: each `%` is followed by two digits, and what comes out is UTF-8 without NUL.
  ///
  /// - Throws: `malformed` at `place`.
  package static func decode(
    _ text: some StringProtocol, plusIsSpace: Bool = false, place: String
  ) throws(PeerChartError) -> String {
    // Not generic inside: every segment of every path comes this way.
    try decode(whole: String(text), plusIsSpace, place)
  }

  private static func decode(
    whole text: String, _ plusIsSpace: Bool, _ place: String
  ) throws(PeerChartError) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      byte != UInt8(ascii: "%") && byte != UInt8(ascii: "+") && byte != 0
    }
    if isPlain { return text }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var iterator = text.utf8.makeIterator()
    while let byte = iterator.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = digit(iterator.next()), let low = digit(iterator.next()) else {
          throw PeerChartError(
            .malformed, "a % is not followed by two hexadecimal digits", place: place)
        }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
      throw PeerChartError(.malformed, "this is no UTF-8 text once decoded", place: place)
    }
    return decoded
  }

  /// Encodes everything but the unreserved characters.
  package static func encode(_ text: String, to output: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        output.append(byte)
      default: output += [UInt8(ascii: "%"), hex(byte >> 4), hex(byte & 15)]
      }
    }
  }

  private static func digit(_ character: UInt8?) -> UInt8? {
    switch character {
    case let digit? where (48...57).contains(digit): digit - 48
    case let letter? where (65...70).contains(letter): letter - 55
    case let letter? where (97...102).contains(letter): letter - 87
    default: nil
    }
  }

  private static func hex(_ value: UInt8) -> UInt8 { value < 10 ? 48 + value : 55 + value }
}
