import Crypto
import Foundation
import Identity
import Primitives
import Testing

@Suite("Access tokens and id tokens")
struct AccessTokenTests {
  let ring: SigningKeyRing
  let keys: JWKSet

  /// One for all tests: making an RSA key is slow.
  private static let shared = Result {
    try SigningKeyRing(random: SystemRandom(), at: TestServer.now)
  }

  init() throws {
    ring = try Self.shared.get()
    keys = try ring.published(at: TestServer.now)
  }

  private func check(
    _ token: String, issuer: String = TestServer.issuer, audience: String = TestServer.base,
    at now: Instant = TestServer.now
  ) throws -> AccessTokenClaims {
    try AccessTokenClaims(
      verifying: token, keys: keys, issuer: issuer, audience: audience, at: now)
  }

  @Test("what is minted is read back, and is what RFC 9068 asks for")
  func roundTrip() throws {
    let minted = try TestServer.claims(
      scope: "launch/patient offline_access patient/Observation.rs?category=laboratory",
      binding: .key(thumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"))
    let token = try minted.signed(by: ring.current).exposed
    #expect(AccessTokenClaims.isCandidate(token))
    #expect(try check(token) == minted)
    let header = try object(try #require(Base64URL.decode(token.prefix { $0 != "." })))
    #expect(header["typ"] as? String == "at+jwt")
    #expect(header["alg"] as? String == "ES256")
    #expect(header["kid"] as? String == ring.current.publicKey.thumbprint)
    let claims = try claims(of: token)
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope", "cnf"] {
      #expect(claims[name] != nil)
    }
    let end = try #require(claims["exp"] as? Int)
    #expect(end == TestServer.seconds + 300)
  }

  @Test("no token outlives five minutes, whatever is asked for")
  func bounded() throws {
    let claims = AccessTokenClaims(
      issuer: TestServer.issuer, audience: TestServer.base, subject: "u", clientID: "c", id: "i",
      scope: try SMARTScopes(granted: "system/*.rs"), grant: "g", binding: nil,
      authentication: nil, patient: nil, at: TestServer.now, lifetime: 86_400)
    #expect(claims.expires == TestServer.at(300))
    #expect(try check(claims.signed(by: ring.current).exposed).authentication == nil)
  }

  @Test("a clock may be off by a minute and not by ten")
  func clocks() throws {
    let token = try TestServer.claims().signed(by: ring.current).exposed
    for offset: Int64 in [-60, -1, 0, 299, 300, 359] {
      #expect(try check(token, at: TestServer.at(offset)).subject == "user-1")
    }
    for offset: Int64 in [-600, -61, 360, 361, 900, 86_400, -86_400, Int64.max / 2000] {
      #expect(errorCode { _ = try check(token, at: TestServer.at(offset)) } == .unauthenticated)
    }
  }

  @Test("tokens of others, for others, by others")
  func foreign() throws {
    let token = try TestServer.claims().signed(by: ring.current).exposed
    #expect(errorCode { _ = try check(token, issuer: "https://node.example/") } == .unauthenticated)
    #expect(errorCode { _ = try check(token, audience: TestServer.issuer) } == .unauthenticated)
    let stranger = try SigningKey(random: SystemRandom())
    let forged = try TestServer.claims().signed(by: stranger).exposed
    #expect(errorCode { _ = try check(forged) } == .unauthenticated)
    // Signed by the right key, for another use.
    let identity = IDTokenClaims(
      issuer: TestServer.issuer, subject: "user-1", clientID: TestServer.base, nonce: nil,
      authentication: AuthenticationContext(time: TestServer.now, level: nil, methods: []),
      fhirUser: nil, at: TestServer.now)
    let other = try identity.signed(by: ring.current, accessToken: Redacted(token)).exposed
    #expect(errorCode { _ = try check(other) } == .notSupported)
  }

  @Test("every changed character of a token is refused")
  func changed() throws {
    let token = Array(try TestServer.claims().signed(by: ring.current).exposed.utf8)
    for (_, changed) in flips(of: token) {
      #expect(throws: PeerChartError.self) {
        try check(String(decoding: changed, as: UTF8.self))
      }
    }
  }

  @Test("the holder proves what the token asks for, and nothing else")
  func holder() throws {
    let signer = TestSigner.p256()
    let plain = try TestServer.claims()
    let certificate: [UInt8] = [1, 2, 3]
    func proof(for token: String?, _ signer: TestSigner) throws -> DPoPProof {
      var claims: [String: Any] = [
        "jti": "p", "htm": "GET", "htu": TestServer.base + "/Patient", "iat": TestServer.seconds,
      ]
      if let token {
        claims["ath"] = Base64URL.encode(Array(SHA256.hash(data: Array(token.utf8))))
      }
      return try DPoPProof(
        verifying: signer.proof(claims), method: "GET", url: TestServer.base + "/Patient",
        accessToken: token, at: TestServer.now)
    }
    let good = try proof(for: "t", signer)
    let bound = try TestServer.claims(binding: good.binding)
    try bound.requireHolder(proof: good, certificate: nil)
    try bound.requireHolder(proof: good, certificate: certificate)
    let missing = #expect(throws: OAuthError.self) {
      try bound.requireHolder(proof: nil, certificate: certificate)
    }
    #expect(missing?.code == .invalidDPoPProof && missing?.resourceStatus == 401)
    #expect(throws: PeerChartError.self) {
      try bound.requireHolder(proof: proof(for: "t", .p256()), certificate: nil)
    }
    #expect(throws: PeerChartError.self) {
      try bound.requireHolder(proof: proof(for: nil, signer), certificate: nil)
    }
    try plain.requireHolder(proof: nil, certificate: certificate)
    #expect(throws: PeerChartError.self) {
      try plain.requireHolder(proof: good, certificate: nil)
    }
    let tls = try TestServer.claims(binding: .certificate(der: certificate))
    try tls.requireHolder(proof: nil, certificate: certificate)
    for wrong in [nil, [], [1, 2, 4]] as [[UInt8]?] {
      #expect(throws: PeerChartError.self) {
        try tls.requireHolder(proof: nil, certificate: wrong)
      }
    }
    let token = try tls.signed(by: ring.current).exposed
    #expect(try check(token).binding == .certificate(der: certificate))
  }

  @Test("id tokens are signed as the client asks; access tokens never by that key")
  func identityKeys() throws {
    let usual = try TestServer.client().metadata
    let modern = try TestServer.client(["id_token_signed_response_alg": "ES256"]).metadata
    let access = try TestServer.claims().signed(by: ring.current)
    for (client, algorithm, key) in [
      (usual, "RS256", ring.identity), (modern, "ES256", ring.current),
    ] {
      let token = try IDTokenClaims(
        issuer: TestServer.issuer, subject: "user-1", clientID: "app", nonce: nil,
        authentication: AuthenticationContext(time: TestServer.now, level: nil, methods: []),
        fhirUser: nil, at: TestServer.now
      ).signed(by: ring.identityKey(for: client), accessToken: access).exposed
      let header = try object(try #require(Base64URL.decode(token.prefix { $0 != "." })))
      #expect(header["alg"] as? String == algorithm)
      _ = try key.publicKey.payload(ofSigned: token)
    }
    let forged = try TestServer.claims().signed(by: ring.identity).exposed
    #expect(errorCode { _ = try check(forged) } == .notSupported)
  }

  @Test("an id token names client, nonce and user, and is tied to the access token")
  func identity() throws {
    let access = Redacted("some-access-token")
    let claims = IDTokenClaims(
      issuer: TestServer.issuer, subject: "user-1", clientID: "app", nonce: "n-1",
      authentication: AuthenticationContext(
        time: TestServer.at(-5), level: "urn:aal2", methods: ["hwk", "mfa"]),
      fhirUser: TestServer.base + "/Patient/1", at: TestServer.now)
    let token = try claims.signed(by: ring.current, accessToken: access).exposed
    let payload = try object(ring.current.publicKey.payload(ofSigned: token))
    #expect(payload["aud"] as? String == "app")
    #expect(payload["nonce"] as? String == "n-1")
    #expect(payload["auth_time"] as? Int == TestServer.seconds - 5)
    #expect(payload["amr"] as? [String] == ["hwk", "mfa"])
    #expect(payload["fhirUser"] as? String == TestServer.base + "/Patient/1")
    let half = Array(SHA256.hash(data: Array(access.exposed.utf8))).prefix(16)
    #expect(payload["at_hash"] as? String == Base64URL.encode(half))
  }
}
