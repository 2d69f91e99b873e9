public import Primitives

/// A person as one node names them to another, for the other's log: a name and a role in words.
public struct StatedPerson: Sendable, Equatable {
  /// Bytes of the name, before it is encoded.
  private static let longest = 200

  public let text: String

  /// Reads the field `X-On-Behalf-Of`; nil where there is none.
  ///
  /// - Throws: `malformed` for what is no percent-encoded text of visible characters, at most 200 bytes.
  public init?(decoding field: String?) throws(PeerChartError) {
    guard let field else { return nil }
    let fault = PeerChartError(
      .malformed, "a person is named by at most \(Self.longest) bytes, percent-encoded",
      place: "X-On-Behalf-Of")
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    guard rest.count <= 3 * Self.longest else { throw fault }
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2,
        let decoded = Hex.decode(String(decoding: digits, as: UTF8.self).lowercased())
      else { throw fault }
      bytes += decoded
      rest = rest.dropFirst(2)
    }
    guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty,
      text.utf8.count <= Self.longest, text.unicodeScalars.allSatisfy(Self.isVisible)
    else { throw fault }
    self.text = text
  }

  /// Writes the value of the field. What would not be taken is left out.
  public static func encode(_ text: String) -> String {
    var short = String(String.UnicodeScalarView(text.unicodeScalars.filter(isVisible)))
    while short.utf8.count > longest { short.unicodeScalars.removeLast() }
    return short.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F:
        String(UnicodeScalar(byte))
      default: "%" + Hex.encode([byte]).uppercased()
      }
    }.joined()
  }

  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .unassigned: false
    default: true
    }
  }
}
