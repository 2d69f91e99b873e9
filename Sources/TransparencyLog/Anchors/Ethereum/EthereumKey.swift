import CSecp256k1
public import Primitives

/// The key of an account (secp256k1), by libsecp256k1.
public struct EthereumKey: Sendable {
  /// The 32 bytes: for the vault, and for nothing else.
  public let secret: Redacted<[UInt8]>
  public let address: EthereumAddress

  /// - Throws: `invalid` for what is no key of the curve.
  public init(secret: [UInt8]) throws(PeerChartError) {
    guard secret.count == 32, let context = SigningContext(seed: nil),
      let key = context.publicKey(of: secret)
    else { throw PeerChartError(.invalid, "this is not a key of an account") }
    self.secret = Redacted(secret)
    address = EthereumAddress(last20: Keccak256.hash(key))
  }

  /// A new one.
  public static func generate(_ random: some RandomSource) throws(PeerChartError) -> EthereumKey {
    // A random number is beyond the curve's order once in 2^128 times.
    try EthereumKey(secret: random.bytes(32))
  }

  /// The signature of a digest: the parity of y, r and s. Always the same one (RFC 6979), with the lower s.
  func sign(
    _ digest: [UInt8], random: some RandomSource
  ) throws(PeerChartError) -> (parity: UInt64, r: [UInt8], s: [UInt8]) {
    guard digest.count == 32, let context = SigningContext(seed: random.bytes(32)),
      let signature = context.sign(digest, secret.exposed)
    else { throw PeerChartError(.invalid, "the account's key cannot sign this") }
    return signature
  }
}

/// libsecp256k1's working memory, blinded by a seed for each signature.
private final class SigningContext {
  private let context: OpaquePointer

  init?(seed: [UInt8]?) {
    guard let made = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else { return nil }
    context = made
    if let seed, seed.count == 32 { _ = secp256k1_context_randomize(made, seed) }
  }

  deinit { secp256k1_context_destroy(context) }

  /// The 64 bytes of the point.
  func publicKey(of secret: [UInt8]) -> [UInt8]? {
    var key = secp256k1_pubkey()
    var form = [UInt8](repeating: 0, count: 65)
    var length = form.count
    guard secp256k1_ec_pubkey_create(context, &key, secret) == 1,
      secp256k1_ec_pubkey_serialize(
        context, &form, &length, &key, UInt32(SECP256K1_EC_UNCOMPRESSED)) == 1, length == 65
    else { return nil }
    return Array(form.dropFirst())
  }

  func sign(_ digest: [UInt8], _ secret: [UInt8]) -> (parity: UInt64, r: [UInt8], s: [UInt8])? {
    var signature = secp256k1_ecdsa_recoverable_signature()
    var form = [UInt8](repeating: 0, count: 64)
    var parity: Int32 = 0
    guard
      secp256k1_ecdsa_sign_recoverable(context, &signature, digest, secret, nil, nil) == 1,
      secp256k1_ecdsa_recoverable_signature_serialize_compact(
        context, &form, &parity, &signature) == 1, (0...1).contains(parity)
    else { return nil }
    return (UInt64(parity), Array(form[..<32]), Array(form[32...]))
  }
}
