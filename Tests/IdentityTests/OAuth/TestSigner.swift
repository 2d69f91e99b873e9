import Crypto
import CryptoExtras
import Foundation
import Identity
import Primitives

/// A client's private key, and a signer that writes whatever it is told to.
struct TestSigner {
  enum Key {
    case p256(P256.Signing.PrivateKey)
    case p384(P384.Signing.PrivateKey)
    case ed25519(Curve25519.Signing.PrivateKey)
    case rsa(_RSA.Signing.PrivateKey)
  }

  let key: Key
  var keyID = "key-1"

  static func p256() -> TestSigner { TestSigner(key: .p256(P256.Signing.PrivateKey())) }
  static func p384() -> TestSigner { TestSigner(key: .p384(P384.Signing.PrivateKey())) }
  static func ed25519() -> TestSigner {
    TestSigner(key: .ed25519(Curve25519.Signing.PrivateKey()))
  }
  static func rsa() throws -> TestSigner {
    TestSigner(key: .rsa(try _RSA.Signing.PrivateKey(keySize: .bits2048)))
  }

  var algorithm: String {
    switch key {
    case .p256: "ES256"
    case .p384: "ES384"
    case .ed25519: "EdDSA"
    case .rsa: "RS384"
    }
  }

  /// The public key as JSON, without a name.
  func bareJWK() throws -> String {
    func curve(_ name: String, _ point: Data) -> String {
      let half = point.count / 2
      let x = Base64URL.encode(Array(point.prefix(half)))
      let y = Base64URL.encode(Array(point.suffix(half)))
      return "{\"kty\":\"EC\",\"crv\":\"\(name)\",\"x\":\"\(x)\",\"y\":\"\(y)\"}"
    }
    switch key {
    case .p256(let key): return curve("P-256", key.publicKey.rawRepresentation)
    case .p384(let key): return curve("P-384", key.publicKey.rawRepresentation)
    case .ed25519(let key):
      let x = Base64URL.encode(Array(key.publicKey.rawRepresentation))
      return "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\(x)\"}"
    case .rsa(let key):
      let numbers = try key.publicKey.getKeyPrimitives()
      let n = Base64URL.encode(Array(numbers.modulus))
      let e = Base64URL.encode(Array(numbers.publicExponent))
      return "{\"kty\":\"RSA\",\"n\":\"\(n)\",\"e\":\"\(e)\"}"
    }
  }

  /// The public key as JSON, with its name.
  func jwk() throws -> String { try bareJWK().dropLast() + ",\"kid\":\"\(keyID)\"}" }

  func keySet() throws -> JWKSet { try JWKSet(parsing: Array("{\"keys\":[\(jwk())]}".utf8)) }

  /// A compact JWS over these texts, true to the letter.
  func sign(header: String, payload: String, algorithm: String? = nil) throws -> String {
    let message = [header, payload].map { Base64URL.encode(Array($0.utf8)) }.joined(separator: ".")
    let bytes = Array(message.utf8)
    let signature: Data
    switch key {
    case .p256(let key): signature = try key.signature(for: bytes).rawRepresentation
    case .p384(let key): signature = try key.signature(for: bytes).rawRepresentation
    case .ed25519(let key): signature = try key.signature(for: bytes)
    case .rsa(let key):
      if algorithm == "RS256" {
        signature = try key.signature(for: SHA256.hash(data: bytes), padding: .insecurePKCS1v1_5)
          .rawRepresentation
      } else {
        signature = try key.signature(for: SHA384.hash(data: bytes), padding: .insecurePKCS1v1_5)
          .rawRepresentation
      }
    }
    return message + "." + Base64URL.encode(Array(signature))
  }

  /// A compact JWS over claims, with the usual header.
  func sign(_ claims: [String: Any], type: String = "JWT") throws -> String {
    try sign(
      header: "{\"alg\":\"\(algorithm)\",\"kid\":\"\(keyID)\",\"typ\":\"\(type)\"}",
      payload: json(claims))
  }

  /// A DPoP proof over claims.
  func proof(_ claims: [String: Any]) throws -> String {
    try sign(
      header: "{\"typ\":\"dpop+jwt\",\"alg\":\"\(algorithm)\",\"jwk\":\(bareJWK())}",
      payload: json(claims))
  }
}

/// JSON text of a dictionary.
func json(_ object: [String: Any]) throws -> String {
  String(
    decoding: try JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]),
    as: UTF8.self)
}

/// A JSON object as a dictionary.
func object(_ bytes: [UInt8]) throws -> [String: Any] {
  try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
}

/// The claims of a token, whoever signed it.
func claims(of token: String) throws -> [String: Any] {
  let parts = token.split(separator: ".")
  guard parts.count == 3, let payload = Base64URL.decode(parts[1]) else {
    throw PeerChartError(.malformed, "not a token")
  }
  return try object(payload)
}

/// The code of the OAuth error that `body` throws; nil when it throws none.
func oauthCode(_ body: () throws -> Void) -> OAuthError.Code? {
  do {
    try body()
    return nil
  } catch { return (error as? OAuthError)?.code }
}

/// Fixed things of a made-up server.
enum TestServer {
  static let issuer = "https://node.example"
  static let base = "https://node.example/fhir"
  static let token = "https://node.example/oauth/token"
  static let now = Instant(millisecondsSinceEpoch: 1_772_000_000_000)
  static let seconds = 1_772_000_000

  /// Seconds from the fixed now.
  static func at(_ offset: Int64) -> Instant { now.adding(seconds: offset) }

  static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
  static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

  static func client(_ metadata: [String: Any] = [:]) throws -> RegisteredClient {
    let standard: [String: Any] = [
      "redirect_uris": ["https://app.example/done"],
      "grant_types": ["authorization_code", "refresh_token"],
    ]
    let all = standard.merging(metadata) { $1 }
    return RegisteredClient(
      id: "app", metadata: try ClientMetadata(parsing: Array(json(all).utf8)),
      communityURI: nil, registered: now)
  }

  static let parameters = [
    "client_id": "app", "redirect_uri": "https://app.example/done", "response_type": "code",
    "state": "s-123", "scope": "launch/patient patient/*.rs offline_access openid fhirUser",
    "code_challenge": challenge, "code_challenge_method": "S256", "aud": base, "nonce": "n-1",
  ]

  static func form(_ changes: [String: String?] = [:]) throws -> FormParameters {
    var all = parameters
    for (name, value) in changes { all[name] = value }
    var components = URLComponents()
    components.queryItems = all.map { URLQueryItem(name: $0.key, value: $0.value) }
    return try FormParameters(query: components.percentEncodedQuery ?? "")
  }

  static func request(_ changes: [String: String?] = [:]) throws -> AuthorizationRequest {
    try AuthorizationRequest(form(changes), client: client(), audiences: [base])
  }

  static func claims(
    scope: String = "patient/*.rs", binding: TokenBinding? = nil, at time: Instant = now
  ) throws -> AccessTokenClaims {
    AccessTokenClaims(
      issuer: issuer, audience: base, subject: "user-1", clientID: "app", id: "token-1",
      scope: try SMARTScopes(granted: scope), grant: "grant-1", binding: binding,
      authentication: AuthenticationContext(time: time, level: "urn:aal2", methods: ["hwk"]),
      patient: "patient-1", at: time)
  }
}
