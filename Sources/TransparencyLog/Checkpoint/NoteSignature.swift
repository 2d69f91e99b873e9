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
}
