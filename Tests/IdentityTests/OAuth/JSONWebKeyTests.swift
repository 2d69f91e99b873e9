import Foundation
import Identity
import Primitives
import Testing

@Suite("JSON Web Keys")
struct JSONWebKeyTests {
  /// RFC 7638 section 3.1.
  static let modulus = """
    0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPeb\
    WKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368Q\
    QMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2\
    NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw
    """

  static func key(_ text: String) throws -> JSONWebKey {
    try JSONWebKey(parsing: Array(text.utf8))
  }

  @Test("the thumbprints of RFC 7638, RFC 8037 and RFC 9449")
  func thumbprints() throws {
    let rsa = try Self.key(
      "{\"kty\":\"RSA\",\"n\":\"\(Self.modulus)\",\"e\":\"AQAB\",\"alg\":\"RS256\",\"kid\":\"2011-04-29\"}"
    )
    #expect(rsa.thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    #expect(rsa.keyID == "2011-04-29")
    #expect(rsa.algorithms == [.rs256])
    let edwards = try Self.key(
      "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}")
    #expect(edwards.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    let curve = try Self.key(
      """
      {"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",\
      "y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}
      """)
    #expect(curve.thumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
  }

  static let x = "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs"
  static let y = "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"

  @Test(
    "keys that are refused",
    arguments: [
      ("", "malformed"), ("[]", "malformed"), ("{}", "not-supported"),
      ("{\"kty\":\"oct\",\"k\":\"AAAA\"}", "integrity"),
      (
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(y)\",\"d\":\"AA\"}", "integrity"
      ),
      ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(x)\"}", "malformed"),
      ("{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"\(x)\",\"y\":\"\(y)\"}", "malformed"),
      ("{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"\(x)\",\"y\":\"\(y)\"}", "not-supported"),
      ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)=\",\"y\":\"\(y)\"}", "malformed"),
      (
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x.dropFirst(4))\",\"y\":\"\(y)\"}", "malformed"
      ),
      (
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(y)\",\"use\":\"enc\"}",
        "not-supported"
      ),
      (
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(y)\",\"key_ops\":[\"sign\"]}",
        "not-supported"
      ),
      (
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(y)\",\"alg\":\"HS256\"}",
        "not-supported"
      ),
      (
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(y)\",\"alg\":\"ES384\"}",
        "malformed"
      ),
      (
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"x\":\"\(x)\",\"y\":\"\(y)\"}",
        "malformed"
      ),
      ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(y)\"} ", nil),
      ("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(x)\",\"y\":\"\(y)\"}.", "malformed"),
      ("{\"kty\":\"RSA\",\"n\":\"\(modulus)\",\"e\":\"Aw\"}", "malformed"),
      ("{\"kty\":\"RSA\",\"n\":\"\(modulus)\",\"e\":\"AAEAAQ\"}", "malformed"),
      ("{\"kty\":\"RSA\",\"n\":\"\(modulus.dropLast(4))\",\"e\":\"AQAB\"}", "malformed"),
      ("{\"kty\":\"RSA\",\"n\":\"AAAA\(modulus)\",\"e\":\"AQAB\"}", "malformed"),
      (
        "{\"kty\":\"RSA\",\"n\":\"\(String(repeating: "_", count: 1368))\",\"e\":\"AQAB\"}",
        "malformed"
      ),
      ("{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"\(x)\"}", "not-supported"),
      ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"}", "malformed"),
      ("{\"kid\":\"\(String(repeating: "k", count: 9000))\"}", "too-large"),
    ] as [(String, String?)])
  func refused(text: String, code: String?) {
    #expect(errorCode { _ = try Self.key(text) }?.rawValue == code)
  }

  @Test("a set passes over what it does not know, and is spoilt by what is private")
  func sets() throws {
    let good =
      "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"\(Self.x)\",\"y\":\"\(Self.y)\",\"kid\":\"a\"}"
    let foreign = "{\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AAAA\"}"
    let set = try JWKSet(parsing: Array("{\"keys\":[\(foreign),\(good)]}".utf8))
    #expect(set.keys.map(\.keyID) == ["a"])
    #expect(try JWKSet(parsing: set.serialized) == set)
    let coded = try JSONDecoder().decode(JWKSet.self, from: JSONEncoder().encode(set))
    #expect(coded == set)
    let secret = good.replacing("\"kid\"", with: "\"d\":\"AA\",\"kid\"")
    #expect(
      errorCode { _ = try JWKSet(parsing: Array("{\"keys\":[\(good),\(secret)]}".utf8)) }
        == .integrity)
    let many = Array(repeating: good, count: 33).joined(separator: ",")
    #expect(errorCode { _ = try JWKSet(parsing: Array("{\"keys\":[\(many)]}".utf8)) } == .tooLarge)
    for bad in ["{}", "[]", "{\"keys\":{}}", "{\"keys\":[1]}"] {
      #expect(errorCode { _ = try JWKSet(parsing: Array(bad.utf8)) } == .malformed)
    }
  }

  @Test("keys are kept and rotated; the old ones check until their tokens have run out")
  func ring() throws {
    let random = SeededRandom(seed: 1)
    let first = try SigningKeyRing(random: random, at: TestServer.now)
    let second = try first.rotated(random: random, at: TestServer.at(10))
    let token = try TestServer.claims().signed(by: first.current).exposed
    let published = try second.published(at: TestServer.at(20))
    let fresh = [second.current.publicKey, second.identity.publicKey]
    #expect(published.keys == fresh + [first.current.publicKey, first.identity.publicKey])
    #expect(published.keys.allSatisfy { $0.keyID == $0.thumbprint })
    _ = try check(token, published, at: TestServer.at(20))
    let later = TestServer.at(10 + SigningKeyRing.retention)
    #expect(try second.published(at: later).keys == fresh)
    let read = try SigningKeyRing(serialized: second.serialized)
    #expect(read.since == second.since)
    #expect(try read.published(at: TestServer.at(20)) == published)
    #expect(read.current.rawRepresentation == second.current.rawRepresentation)
    #expect(read.identity.rawRepresentation == second.identity.rawRepresentation)
    var turning = second
    for _ in 0..<7 { turning = try turning.rotated(random: random, at: TestServer.at(20)) }
    #expect(
      errorCode { _ = try turning.rotated(random: random, at: TestServer.at(20)) } == .tooLarge)
    _ = try turning.rotated(random: random, at: TestServer.at(20 + SigningKeyRing.retention))
    #expect(!"\(read.current)".contains("key)"))
    let bytes = second.serialized.exposed
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: PeerChartError.self) {
        try SigningKeyRing(serialized: Redacted(Array(bytes.prefix(length))))
      }
    }
    #expect(throws: PeerChartError.self) {
      try SigningKeyRing(serialized: Redacted(bytes + [0]))
    }
  }

  private func check(_ token: String, _ keys: JWKSet, at now: Instant) throws -> AccessTokenClaims {
    try AccessTokenClaims(
      verifying: token, keys: keys, issuer: TestServer.issuer, audience: TestServer.base, at: now)
  }
}
