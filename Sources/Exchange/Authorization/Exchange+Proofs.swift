import Crypto
import Identity
import Primitives

extension Exchange {
  /// The nonce that the next proof of possession is to carry (RFC 9449 section 8): to be sent with every
  /// answer to a request that came with one.
  public func proofNonce() async throws -> String {
    DPoPNonces(try await signingKeys()).current(at: clock.now())
  }

  /// The proof that came with a request, checked. It counts once `use` was called with it.
  ///
  /// - Throws: `invalid_dpop_proof`, or `use_dpop_nonce` for one without a nonce of now.
  func proof(
    _ holder: TokenHolder, accessToken: String?, nonces: DPoPNonces, at now: Instant
  ) throws -> DPoPProof? {
    try holder.proof.map { text in
      try DPoPProof(
        verifying: text, method: holder.method, url: holder.url, accessToken: accessToken,
        nonces: nonces.accepted(at: now), at: now)
    }
  }

  /// Uses a proof up.
  ///
  /// - Throws: `invalid_dpop_proof` for one that was used before, on any instance.
  func use(_ proof: DPoPProof?) async throws {
    guard let proof else { return }
    guard try await remember(proof.id, until: proof.rememberUntil) else {
      throw OAuthError(.invalidDPoPProof, "this proof was used before")
    }
  }
}

extension DPoPNonces {
  /// Every instance has the ring, so they all know each other's nonces. With the keys the nonces change.
  init(_ ring: SigningKeyRing) {
    let key = ring.current.rawRepresentation.exposed
    self.init(
      key: Redacted(
        Array(
          HMAC<SHA256>.authenticationCode(
            for: Array("peerchart-dpop-nonce-key-v1".utf8), using: SymmetricKey(data: key)))))
  }
}
