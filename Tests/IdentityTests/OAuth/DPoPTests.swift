import Crypto
import Foundation
import Identity
import Primitives
import Testing

@Suite("Proofs of possession (DPoP)")
struct DPoPTests {
  static let jwk = """
    eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUkl\
    DUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2\
    R2R1JEQSIsImNydiI6IlAtMjU2In19
    """
  /// RFC 9449 section 5.
  static let tokenProof = """
    \(jwk).eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1\
    wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLb\
    dLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg
    """
  /// RFC 9449 section 7.1.
  static let resourceProof = """
    \(jwk).eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFt\
    cGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0\
    JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVn\
    mcw6Fy1dqd-jfxSYoMxhAJpLjA
    """
  static let accessToken = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"

  @Test("the examples of RFC 9449")
  func vectors() throws {
    let time = Instant(millisecondsSinceEpoch: 1_562_262_618_000)
    let first = try DPoPProof(
      verifying: Self.tokenProof, method: "POST", url: "https://server.example.com/token",
      accessToken: nil, at: time)
    #expect(first.thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
    #expect(!first.isBoundToToken)
    let second = try DPoPProof(
      verifying: Self.resourceProof, method: "GET",
      url: "https://resource.example.org/protectedresource", accessToken: Self.accessToken,
      at: time)
    #expect(second.thumbprint == first.thumbprint)
    #expect(second.id != first.id)
    #expect(second.isBoundToToken)
    #expect(
      oauthCode {
        _ = try DPoPProof(
          verifying: Self.resourceProof, method: "GET",
          url: "https://resource.example.org/protectedresource",
          accessToken: Self.accessToken + "x", at: time)
      } == .invalidDPoPProof)
  }

  static let url = "https://node.example/fhir/Patient"

  private func refusal(
    _ changes: [String: Any?] = [:], method: String = "GET", url: String = url,
    token: String? = nil, nonces: [String] = [], at now: Instant = TestServer.now
  ) throws -> OAuthError.Code? {
    var claims: [String: Any] = [
      "jti": "p-1", "htm": "GET", "htu": Self.url, "iat": TestServer.seconds,
    ]
    for (name, value) in changes { claims[name] = value }
    let text = try TestSigner.p384().proof(claims)
    return oauthCode {
      _ = try DPoPProof(
        verifying: text, method: method, url: url, accessToken: token, nonces: nonces, at: now)
    }
  }

  @Test("address and method are those of the request")
  func request() throws {
    for same in [
      Self.url, "https://NODE.example/fhir/Patient", "HTTPS://node.example:443/fhir/Patient",
      Self.url + "?name=x", Self.url + "#f", "https://node.example/fhir/%50atient",
    ] {
      #expect(try refusal(url: same) == nil)
      #expect(try refusal(["htu": same]) == nil)
    }
    for other in [
      "http://node.example/fhir/Patient", "https://node.example:8443/fhir/Patient",
      "https://node.example/fhir/patient", "https://node.example/fhir/Patient/",
      "https://node.example/fhir", "https://evil.example/fhir/Patient", "",
      "https://user@node.example/fhir/Patient", "https://node.example/x/../fhir/Patient",
      "https://node.example/fhir%2FPatient", "/fhir/Patient",
    ] {
      #expect(try refusal(["htu": other]) == .invalidDPoPProof, "\(other)")
    }
    #expect(try refusal(method: "POST") == .invalidDPoPProof)
    #expect(try refusal(["htm": "get"]) == .invalidDPoPProof)
  }

  @Test("a proof is good for a minute; clocks may be off by one")
  func time() throws {
    for offset: Int64 in [-60, 0, 60, 119] {
      #expect(try refusal(at: TestServer.at(offset)) == nil)
    }
    for offset: Int64 in [-61, 120, 600, -600] {
      #expect(try refusal(at: TestServer.at(offset)) == .invalidDPoPProof)
    }
  }

  @Test("every claim is needed and has its kind")
  func claims() throws {
    for name in ["jti", "htm", "htu", "iat"] {
      #expect(try refusal([name: nil]) == .invalidDPoPProof)
      #expect(try refusal([name: true]) == .invalidDPoPProof)
      #expect(try refusal([name: ""]) == .invalidDPoPProof)
    }
    #expect(try refusal(["jti": String(repeating: "j", count: 257)]) == .invalidDPoPProof)
    #expect(try refusal(token: "t") == .invalidDPoPProof)
    let hash = Base64URL.encode(Array(SHA256.hash(data: Array("t".utf8))))
    #expect(try refusal(["ath": hash], token: "t") == nil)
  }

  @Test("a nonce is demanded by its own error, and changes with the time")
  func nonces() throws {
    let nonces = DPoPNonces(key: Redacted(SystemRandom().bytes(32)))
    let first = nonces.current(at: TestServer.now)
    #expect(try refusal(nonces: nonces.accepted(at: TestServer.now)) == .useDPoPNonce)
    #expect(
      try refusal(["nonce": "x"], nonces: nonces.accepted(at: TestServer.now)) == .useDPoPNonce)
    for offset: Int64 in [0, DPoPNonces.period] {
      let accepted = nonces.accepted(at: TestServer.at(offset))
      #expect(try refusal(["nonce": first], nonces: accepted) == nil)
    }
    let late = nonces.accepted(at: TestServer.at(2 * DPoPNonces.period))
    #expect(try refusal(["nonce": first], nonces: late) == .useDPoPNonce)
    let others = DPoPNonces(key: Redacted(SystemRandom().bytes(32)))
    #expect(others.current(at: TestServer.now) != first)
  }

  @Test("a proof carries its public key, and no other proof of it")
  func headers() throws {
    let signer = TestSigner.p256()
    let payload = try json([
      "jti": "p", "htm": "GET", "htu": Self.url, "iat": TestServer.seconds,
    ])
    func refused(_ header: String) throws -> OAuthError.Code? {
      let text = try signer.sign(header: header, payload: payload)
      return oauthCode {
        _ = try DPoPProof(
          verifying: text, method: "GET", url: Self.url, accessToken: nil, at: TestServer.now)
      }
    }
    let jwk = try signer.bareJWK()
    #expect(try refused("{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":\(jwk)}") == nil)
    for header in [
      "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"jwk\":\(jwk)}",
      "{\"typ\":\"jwt\",\"alg\":\"ES256\",\"jwk\":\(jwk)}",
      "{\"typ\":\"dpop+jwt\",\"alg\":\"none\",\"jwk\":\(jwk)}",
      "{\"typ\":\"dpop+jwt\",\"alg\":\"HS256\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
      "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":\(jwk.dropLast()),\"d\":\"AAAA\"}}",
      "{\"typ\":\"dpop+jwt\",\"alg\":\"ES256\",\"jwk\":\(try TestSigner.p256().bareJWK())}",
    ] {
      #expect(try refused(header) == .invalidDPoPProof, "\(header)")
    }
  }
}
