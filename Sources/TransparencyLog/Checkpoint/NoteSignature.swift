import Primitives

/// One signature line of a note: `— name base64(key id ‖ signature)`.
public struct NoteSignature: Hashable, Sendable {
  /// The name of the key, no secret and no proof of anything by itself.
  public let keyName: String
  /// The short identifier of the key, `NoteKey.id`.
  public let keyID: UInt32
  public let signature: [UInt8]

  public init(keyName: String, keyID: UInt32, signature: [UInt8]) {
    self.keyName = keyName
    self.keyID = keyID
    self.signature = signature
  }

  /// The line as it stands in a note, with its newline.
  public var line: [UInt8] {
    let id = withUnsafeBytes(of: keyID.bigEndian) { Array($0) }
    return Array(
      "\(SignedNote.mark)\(keyName) \(Base64.encode(id + signature))\n".utf8)
  }
}

extension NoteSignature {
  /// Reads a line as it stands in a note, with its newline; nil for anything else. Nothing is checked.
  public init?(text: String) {
    guard text.utf8.last == 0x0A else { return nil }
    self.init(line: Substring(text.utf8.dropLast()))
  }
}
