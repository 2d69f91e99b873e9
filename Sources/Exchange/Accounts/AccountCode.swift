import Crypto
public import Primitives

/// A code that an organization or a household hands to somebody who is to sign in there: 60 random bits
/// as twelve letters and digits that cannot be taken for each other (Crockford's base 32).
public struct AccountCode: Sendable {
  private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
  private static let length = 12

  /// Three groups of four, with hyphens between them.
  public let text: Redacted<String>
  /// SHA-256 over the letters: what is stored.
  let digest: [UInt8]

  init(random: any RandomSource) {
    self.init(letters: random.bytes(Self.length).map { Self.alphabet[Int($0 & 31)] })
  }

  /// Reads a code as somebody types it: in any case, with blanks and hyphens, O for 0, I and L for 1.
  /// Returns nil for what is no code.
  public init?(_ text: String) {
    var letters: [UInt8] = []
    for byte in text.uppercased().utf8 where byte != UInt8(ascii: "-") && byte != UInt8(ascii: " ")
    {
      let letter =
        switch byte {
        case UInt8(ascii: "O"): UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): UInt8(ascii: "1")
        default: byte
        }
      guard letters.count < Self.length, Self.alphabet.contains(letter) else { return nil }
      letters.append(letter)
    }
    guard letters.count == Self.length else { return nil }
    self.init(letters: letters)
  }

  private init(letters: [UInt8]) {
    let groups = stride(from: 0, to: letters.count, by: 4).map {
      String(decoding: letters[$0..<min($0 + 4, letters.count)], as: UTF8.self)
    }
    text = Redacted(groups.joined(separator: "-"))
    digest = Array(SHA256.hash(data: letters))
  }
}
