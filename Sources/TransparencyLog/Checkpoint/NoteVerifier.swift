public import Crypto
public import Primitives

/// A public key that can check one signature line of a note.
public protocol NoteVerifier: Sendable {
  var name: String { get }
  var keyID: UInt32 { get }
  func isValid(signature: [UInt8], over text: [UInt8]) -> Bool
}

/// An Ed25519 public key with its name (C2SP signed-note, signature type 0x01).
public struct Ed25519NoteVerifier: NoteVerifier {
  public let name: String
  public let keyID: UInt32
  public let publicKey: Curve25519.Signing.PublicKey

  /// Throws `invalid` when the name cannot name a key.
  public init(name: String, publicKey: Curve25519.Signing.PublicKey) throws(PeerChartError) {
    guard NoteKey.isValid(name: name) else {
      throw PeerChartError(.invalid, "this cannot be the name of a note key")
    }
    self.name = name
    self.publicKey = publicKey
    keyID = NoteKey.id(
      name: name, type: NoteKey.ed25519, publicKey: Array(publicKey.rawRepresentation))
  }

  public func isValid(signature: [UInt8], over text: [UInt8]) -> Bool {
    publicKey.isValidSignature(signature, for: text)
  }
}

extension Ed25519NoteVerifier {
  /// Parses the text form of a verifier key, `name+key id in hex+base64(0x01 ‖ key)`, as other tools
  /// of the transparency ecosystem exchange it. Throws `malformed`.
  public init(verifierKey text: some StringProtocol) throws(PeerChartError) {
    guard let (name, key) = NoteKey.parse(text, type: NoteKey.ed25519) else {
      throw PeerChartError(.malformed, "this is not an Ed25519 verifier key")
    }
    try self.init(name: name, publicKey: key)
  }

  /// The text form of this key.
  public var verifierKey: String {
    NoteKey.text(
      name: name, type: NoteKey.ed25519, publicKey: Array(publicKey.rawRepresentation))
  }
}
