import Crypto
public import Primitives

/// A proof, with one request, that its sender holds a private key (RFC 9449). A value of this type has
/// been checked; that it was not used before is the caller's to find out, by `id`.
public struct DPoPProof: Sendable, Hashable {
  private static let profile = JWSProfile(
    algorithms: SignatureAlgorithm.proofs, types: ["dpop+jwt"], keyInHeader: true,
    maximumLength: 4096)

  /// The key's thumbprint: `jkt` of the token to issue, or of the token that came with it.
  public let thumbprint: String
  /// The proof's own name together with its key: what the caller remembers.
  public let id: [UInt8]
  /// Until when the caller remembers it.
  public let rememberUntil: Instant
  /// Whether it was made for the access token that came with it.
  public let isBoundToToken: Bool

  /// The binding of a token to the key.
  public var binding: TokenBinding { .key(thumbprint: thumbprint) }

  /// Checks a proof (section 4.3).
  ///
  /// - Parameters:
  ///   - text: the value of the one header `DPoP`.
  ///   - method: the request's method, as sent.
  ///   - url: the request's address as the client knows it; query and fragment are not looked at.
  ///   - accessToken: the token that came with the request; nil at the token endpoint.
  ///   - nonces: the nonces that are good now; empty where none is asked for.
  ///   - now: a proof is good for a minute, and clocks may be off by one.
  /// - Throws: `invalid_dpop_proof`, or `use_dpop_nonce` (section 8) where a nonce is missing.
  public init(
    verifying text: String, method: String, url: String, accessToken: String?,
    nonces: [String] = [], at now: Instant
  ) throws(OAuthError) {
    do {
      let claims: OAuthJSON
      let token = try CompactJWS(parsing: text, as: Self.profile)
      guard let key = token.key else { throw PeerChartError(.malformed, "a proof carries its key") }
      claims = try token.verify(with: [key])
      let reader = ClaimReader(claims: claims)
      thumbprint = key.thumbprint
      let name = try reader.text("jti")
      id = Array(SHA256.hash(data: Array("\(key.thumbprint)\n\(name)".utf8)))
      guard try reader.text("htm", limit: 32).isIdentical(to: method) else {
        throw PeerChartError(.unauthenticated, "a proof for another method", place: "htm")
      }
      guard let claimed = WebAddress(try reader.text("htu", limit: 2048)),
        let actual = WebAddress(url), claimed.normalizedTarget == actual.normalizedTarget
      else { throw PeerChartError(.unauthenticated, "a proof for another address", place: "htu") }
      rememberUntil = try Self.requireFresh(reader, at: now)
      isBoundToToken = accessToken != nil
      if let accessToken { try Self.require(accessToken, reader) }
      try Self.requireNonce(reader, nonces)
    } catch let error as OAuthError { throw error } catch let error as PeerChartError {
      throw OAuthError(.invalidDPoPProof, error.reason)
    } catch { throw OAuthError(.invalidDPoPProof, "the proof cannot be read") }
  }

  private static func requireFresh(_ reader: ClaimReader, at now: Instant) throws -> Instant {
    let issued = try reader.date("iat")
    let end = issued.adding(seconds: TokenLifetime.proof + TokenLifetime.clockSkew)
    guard issued <= now.adding(seconds: TokenLifetime.clockSkew), now < end else {
      throw PeerChartError(.unauthenticated, "a proof that is not of now", place: "iat")
    }
    return end
  }

  /// The hash of the token (`ath`, section 4.2).
  private static func require(_ accessToken: String, _ reader: ClaimReader) throws {
    let hash = Base64URL.encode(Array(SHA256.hash(data: Array(accessToken.utf8))))
    guard constantTimeEqual(Array(try reader.text("ath").utf8), Array(hash.utf8)) else {
      throw PeerChartError(.unauthenticated, "a proof for another token", place: "ath")
    }
  }

  private static func requireNonce(_ reader: ClaimReader, _ nonces: [String]) throws {
    guard !nonces.isEmpty else { return }
    guard let nonce = try reader.claims.text("nonce", limit: 256),
      nonces.contains(where: { constantTimeEqual(Array($0.utf8), Array(nonce.utf8)) })
    else { throw OAuthError(.useDPoPNonce, "the proof must carry the nonce of this answer") }
  }
}
