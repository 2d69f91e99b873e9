public import Crypto
public import Primitives

/// A named key that signs the text of a note.
public struct NoteSigner: Sendable {
  public let name: String
  public let keyID: UInt32
  private let sign: @Sendable ([UInt8]) throws -> [UInt8]

  /// Signs with an Ed25519 key (signature type 0x01). Throws `invalid` when the name cannot name
  /// a key.
  public init(name: String, privateKey: Curve25519.Signing.PrivateKey) throws(PeerChartError) {
    let verifier = try Ed25519NoteVerifier(name: name, publicKey: privateKey.publicKey)
    self.init(verifier: verifier) { Array(try privateKey.signature(for: $0)) }
  }

  /// Signs by a function, for keys that are kept elsewhere; it gets the text and returns the bytes
  /// that `verifier` accepts.
  public init(
    verifier: some NoteVerifier, sign: @escaping @Sendable ([UInt8]) throws -> [UInt8]
  ) {
    name = verifier.name
    keyID = verifier.keyID
    self.sign = sign
  }

  /// The signature line for a text.
  public func signature(for text: [UInt8]) throws -> NoteSignature {
    NoteSignature(keyName: name, keyID: keyID, signature: try sign(text))
  }
}
