public import Crypto
public import Primitives

/// The public key of a witness with its name (C2SP tlog-cosignature, signature type 0x04).
public struct CosignatureVerifier: NoteVerifier {
  public let name: String
  public let keyID: UInt32
  public let publicKey: Curve25519.Signing.PublicKey

  /// - Throws: `invalid` when the name cannot name a key.
  public init(name: String, publicKey: Curve25519.Signing.PublicKey) throws(PeerChartError) {
    guard NoteKey.isValid(name: name) else {
      throw PeerChartError(.invalid, "this cannot be the name of a note key")
    }
    self.name = name
    self.publicKey = publicKey
    keyID = NoteKey.id(
      name: name, type: NoteKey.cosignature, publicKey: Array(publicKey.rawRepresentation))
  }

  /// Parses the text form, `name+key id in hex+base64(0x04 ‖ key)`.
  ///
  /// - Throws: `malformed`.
  public init(verifierKey text: some StringProtocol) throws(PeerChartError) {
    guard let (name, key) = NoteKey.parse(text, type: NoteKey.cosignature) else {
      throw PeerChartError(.malformed, "this is not the verifier key of a witness")
    }
    try self.init(name: name, publicKey: key)
  }

  /// Whether a log signs its checkpoints with the very key that this witness cosigns with.
  func isKey(of log: Ed25519NoteVerifier) -> Bool {
    publicKey.rawRepresentation == log.publicKey.rawRepresentation
  }

  /// The text form of this key.
  public var verifierKey: String {
    NoteKey.text(
      name: name, type: NoteKey.cosignature, publicKey: Array(publicKey.rawRepresentation))
  }

  public func isValid(signature: [UInt8], over text: [UInt8]) -> Bool {
    guard let cosignature = Cosignature(bytes: signature) else { return false }
    return publicKey.isValidSignature(
      cosignature.signature, for: Cosignature.message(for: text, at: cosignature.timestamp))
  }

  /// This witness's cosignature of a note: its first line that verifies; nil where there is none.
  public func cosignature(of note: SignedNote) -> Cosignature? {
    line(in: note.signatures, over: note.text).flatMap { Cosignature(bytes: $0.signature) }
  }

  /// The first of these lines that is this witness's and verifies.
  public func line(in signatures: [NoteSignature], over text: String) -> NoteSignature? {
    let text = Array(text.utf8)
    return signatures.prefix(SignedNote.maximumSignatures).first {
      $0.isFrom(self) && isValid(signature: $0.signature, over: text)
    }
  }
}
