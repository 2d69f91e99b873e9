import Primitives

/// A text with signature lines (C2SP signed-note). One note has exactly one byte form.
public struct SignedNote: Hashable, Sendable {
  /// The largest note that we read, in bytes: room for 16 post-quantum signatures and more.
  public static let maximumLength = 256 << 10
  /// The most signature lines that we read; the specification asks for 16 at least.
  public static let maximumSignatures = 64

  /// What is signed; ends with a newline.
  public let text: String
  /// At least one.
  public let signatures: [NoteSignature]

  /// Signs a text. Throws `invalid` for a text that cannot be a note's or without a signer, and
  /// what a signer throws.
  public init(text: String, signedBy signers: [NoteSigner]) throws {
    guard Self.isValid(text: text), (1...Self.maximumSignatures).contains(signers.count) else {
      throw PeerChartError(.invalid, "a note needs lines of text and a signer")
    }
    let bytes = Array(text.utf8)
    self.text = text
    signatures = try signers.map { try $0.signature(for: bytes) }
  }

  init(text: String, signatures: [NoteSignature]) {
    self.text = text
    self.signatures = signatures
  }

  /// The note with more signature lines, as witnesses add them.
  public func adding(_ more: [NoteSignature]) -> SignedNote {
    SignedNote(text: text, signatures: signatures + more)
  }

  /// The note without the lines of all keys but one.
  func only(_ key: any NoteVerifier) -> SignedNote {
    SignedNote(text: text, signatures: signatures.filter { $0.isFrom(key) })
  }

  /// The byte form: text, blank line, signature lines.
  public var bytes: [UInt8] {
    var output = Array(text.utf8)
    output.append(UInt8(ascii: "\n"))
    for signature in signatures { output += signature.line }
    return output
  }

  /// Em dash (U+2014) and space.
  static let mark = "\u{2014} "

  static func isValid(text: String) -> Bool {
    text.utf8.last == 0x0A && text.utf8.allSatisfy { $0 >= 0x20 || $0 == 0x0A }
  }
}
