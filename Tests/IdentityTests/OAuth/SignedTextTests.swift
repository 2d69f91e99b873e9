import Foundation
import Identity
import Primitives
import Testing

@Suite("Signed texts (JWS)")
struct SignedTextTests {
  /// RFC 7515 appendix A.3.1.
  static let curve = """
    {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",\
    "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
    """
  static let curveToken = """
    eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS\
    9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJ\
    qPP3-Kg6NU1Q
    """
  /// RFC 7515 appendix A.2.1.
  static let rsa = """
    {"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS\
    2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpa\
    SHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5Ihl\
    JH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}
    """
  static let rsaToken = """
    eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS\
    9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-\
    0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLI\
    ARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv\
    Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw
    """
  /// RFC 8037 appendix A.4.
  static let edwards =
    "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}"
  static let edwardsToken = """
    eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3A\
    IbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg
    """

  @Test(
    "the vectors of RFC 7515 and RFC 8037",
    arguments: [
      (curve, curveToken, "{\"iss\":\"joe\",\r\n \"exp\":1300819380,"),
      (rsa, rsaToken, "{\"iss\":\"joe\",\r\n \"exp\":1300819380,"),
      (edwards, edwardsToken, "Example of Ed25519 signing"),
    ])
  func vectors(key: String, token: String, beginning: String) throws {
    let key = try JSONWebKeyTests.key(key)
    let payload = try key.payload(ofSigned: token)
    #expect(payload.starts(with: beginning.utf8))
    for (_, changed) in flips(of: Array(token.utf8)) {
      let text = String(decoding: changed, as: UTF8.self)
      #expect(throws: PeerChartError.self) { try key.payload(ofSigned: text) }
    }
  }

  @Test(
    "headers that are refused",
    arguments: [
      "{\"alg\":\"none\"}", "{\"alg\":\"None\"}", "{\"alg\":\"HS256\"}", "{\"alg\":\"ES384\"}",
      "{\"alg\":\"RS256\"}", "{\"alg\":\"es256\"}", "{\"alg\":\"\"}", "{\"alg\":1}", "{}", "[]", "",
      "{\"alg\":\"ES256\",\"alg\":\"ES256\"}", "{\"alg\":\"ES256\",\"\\u0061lg\":\"none\"}",
      "{\"alg\":\"ES256\",\"crit\":[\"exp\"],\"exp\":1}", "{\"alg\":\"ES256\",\"crit\":null}",
      "{\"alg\":\"ES256\",\"jku\":\"https://evil.example/k\"}",
      "{\"alg\":\"ES256\",\"x5u\":\"https://evil.example/k\"}",
      "{\"alg\":\"ES256\",\"jwk\":\(curve)}", "{\"alg\":\"ES256\",\"x5c\":[\"AAAA\"]}",
      "{\"alg\":\"ES256\",\"b64\":false}", "{\"alg\":\"ES256\",\"zip\":\"DEF\"}",
      "{\"alg\":\"ES256\",\"enc\":\"A128GCM\"}", "{\"alg\":\"ES256\",\"kid\":7}",
      "{\"alg\":\"ES256\"}x", "{\"alg\":\"ES256\",}", "\u{FEFF}{\"alg\":\"ES256\"}",
    ])
  func headers(header: String) throws {
    let signer = TestSigner.p256()
    let key = try JSONWebKeyTests.key(signer.jwk())
    let good = try signer.sign(header: "{\"alg\":\"ES256\"}", payload: "{}")
    #expect(try key.payload(ofSigned: good) == Array("{}".utf8))
    let token = try signer.sign(header: header, payload: "{}")
    #expect(throws: PeerChartError.self) { try key.payload(ofSigned: token) }
  }

  @Test("a signature of another kind, of no length, or with the public key as a secret")
  func confusion() throws {
    let signer = TestSigner.p256()
    let key = try JSONWebKeyTests.key(signer.jwk())
    let parts = try signer.sign(header: "{\"alg\":\"ES256\"}", payload: "{}").split(separator: ".")
    for token in [
      "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1])", "\(parts[0])..\(parts[2])",
      ".\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).\(parts[2]).",
      "\(parts[0]).\(parts[1]).\(parts[2])=", " \(parts[0]).\(parts[1]).\(parts[2])",
      "\(parts[0]).\(parts[1]).\(parts[2].dropLast(2))",
      "\(parts[0]).\(parts[1]).\(Base64URL.encode([UInt8](repeating: 0, count: 64)))",
      String(repeating: "A", count: 20_000),
    ] {
      #expect(throws: PeerChartError.self) { try key.payload(ofSigned: token) }
    }
    let other = try JSONWebKeyTests.key(TestSigner.p256().jwk())
    #expect(
      errorCode { _ = try other.payload(ofSigned: parts.joined(separator: ".")) }
        == .unauthenticated)
  }

  @Test("random damage never gets through and never traps")
  func damaged() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("signed texts: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let signer = TestSigner.p256()
    let key = try JSONWebKeyTests.key(signer.jwk())
    let token = Array(try signer.sign(["iss": "app"]).utf8)
    for _ in 0..<3000 {
      let changed = damage(token, using: &generator)
      guard changed != token else { continue }
      #expect(throws: PeerChartError.self) {
        try key.payload(ofSigned: String(decoding: changed, as: UTF8.self))
      }
    }
  }
}
