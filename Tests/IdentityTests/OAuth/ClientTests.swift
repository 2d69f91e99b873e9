import Foundation
import Identity
import Primitives
import Testing

@Suite("Clients: registration and authentication")
struct ClientTests {
  private func metadata(_ object: [String: Any]) throws -> ClientMetadata {
    try ClientMetadata(parsing: Array(json(object).utf8))
  }

  private static let web = ["redirect_uris": ["https://app.example/done"]]

  @Test("the defaults of a registration")
  func defaults() throws {
    let client = try metadata(Self.web)
    #expect(client.grants == [.authorizationCode])
    #expect(client.authentication == .none)
    #expect(client.applicationType == .web)
    #expect(client.scope == nil)
    let native = try metadata(["redirect_uris": ["com.example.app:/cb"]])
    #expect(native.applicationType == .native)
    let backend = try metadata([
      "grant_types": ["client_credentials"], "jwks_uri": "https://app.example/jwks",
      "scope": "system/*.rs",
    ])
    #expect(backend.authentication == .privateKeyJWT)
    #expect(backend.keys == .address("https://app.example/jwks"))
    #expect(backend.redirectURIs.isEmpty)
  }

  @Test("what was registered is written back, and read again as the same")
  func writing() throws {
    let key = try JSONSerialization.jsonObject(with: Data(TestSigner.p256().jwk().utf8))
    let client = try metadata([
      "redirect_uris": ["https://app.example/a", "https://app.example/b"],
      "client_name": "Müller's App 心", "jwks": ["keys": [key]],
      "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
      "scope": "openid patient/*.read", "contacts": ["mailto:a@app.example"],
      "logo_uri": "https://app.example/logo.png", "software_id": "x", "unknown": ["a": 1],
      "dpop_bound_access_tokens": true, "token_endpoint_auth_signing_alg": "ES256",
    ])
    let written = try object(client.serialized)
    #expect(written["client_name"] as? String == "Müller's App 心")
    #expect(written["scope"] as? String == "openid patient/*.rs")
    #expect(written["token_endpoint_auth_method"] as? String == "private_key_jwt")
    #expect(written["unknown"] == nil)
    #expect(try ClientMetadata(parsing: client.serialized) == client)
    let registered = RegisteredClient(
      id: "c-1", metadata: client, communityURI: nil, registered: TestServer.now)
    let stored = try JSONDecoder().decode(
      RegisteredClient.self, from: JSONEncoder().encode(registered))
    #expect(stored == registered)
    let token = OpaqueSecret(.registration, random: SystemRandom())
    let answer = try object(
      registered.response(management: (token, "https://node.example/oauth/register/c-1")).exposed)
    #expect(answer["client_id"] as? String == "c-1")
    #expect(answer["client_id_issued_at"] as? Int == TestServer.seconds)
    #expect(answer["client_secret"] == nil)
    #expect(answer["registration_access_token"] as? String == token.text.exposed)
  }

  @Test(
    "a client that shows a certificate, and one that is opened out of a session, are written back")
  func certifiedAndLaunched() throws {
    let named = try metadata([
      "grant_types": ["client_credentials"], "token_endpoint_auth_method": "tls_client_auth",
      "tls_client_auth_subject_dn": "CN=Nightly,O=Hospital",
      "tls_client_certificate_bound_access_tokens": true,
    ])
    #expect(named.certificateName?.kind == .subject)
    #expect(named.certificateName?.value == "CN=Nightly,O=Hospital")
    #expect(try ClientMetadata(parsing: named.serialized) == named)
    let opened = try metadata([
      "redirect_uris": ["https://app.example/a"],
      "initiate_login_uri": "https://app.example/launch",
    ])
    #expect(opened.launchAddress == "https://app.example/launch")
    #expect(try ClientMetadata(parsing: opened.serialized) == opened)
    let stored = try JSONDecoder().decode(ClientMetadata.self, from: JSONEncoder().encode(named))
    #expect(stored == named)
  }

  static let refused: [(String, OAuthError.Code)] = [
    ("", .invalidClientMetadata), ("[]", .invalidClientMetadata), ("{}", .invalidRedirectURI),
    ("{\"redirect_uris\":[]}", .invalidRedirectURI),
    ("{\"redirect_uris\":\"https://a.example/\"}", .invalidClientMetadata),
    ("{\"redirect_uris\":[1]}", .invalidClientMetadata),
    ("{\"redirect_uris\":[\"http://a.example/\"]}", .invalidRedirectURI),
    ("{\"redirect_uris\":[\"https://a.example/\"],\"redirect_uris\":[]}", .invalidClientMetadata),
    (with("\"grant_types\":[\"implicit\"]"), .invalidClientMetadata),
    (with("\"grant_types\":[]"), .invalidClientMetadata),
    (with("\"grant_types\":[\"refresh_token\"]"), .invalidClientMetadata),
    (with("\"grant_types\":[\"client_credentials\"]"), .invalidClientMetadata),
    (with("\"response_types\":[\"token\"]"), .invalidClientMetadata),
    (with("\"token_endpoint_auth_method\":\"client_secret_basic\""), .invalidClientMetadata),
    (with("\"token_endpoint_auth_method\":\"private_key_jwt\""), .invalidClientMetadata),
    (with("\"token_endpoint_auth_method\":\"tls_client_auth\""), .invalidClientMetadata),
    (with("\"tls_client_auth_san_dns\":\"a.example\""), .invalidClientMetadata),
    (
      with(
        "\"token_endpoint_auth_method\":\"tls_client_auth\",\"tls_client_auth_san_dns\":\"a\","
          + "\"tls_client_auth_san_uri\":\"b\""), .invalidClientMetadata
    ),
    (
      with("\"token_endpoint_auth_method\":\"self_signed_tls_client_auth\""),
      .invalidClientMetadata
    ),
    (with("\"initiate_login_uri\":\"http://a.example/launch\""), .invalidClientMetadata),
    (with("\"initiate_login_uri\":\"javascript:alert(1)\""), .invalidClientMetadata),
    (with("\"jwks\":{\"keys\":[]}"), .invalidClientMetadata),
    (with("\"jwks_uri\":\"http://a.example/k\""), .invalidClientMetadata),
    (with("\"jwks_uri\":\"https://127.0.0.1/k\""), .invalidClientMetadata),
    (with("\"jwks_uri\":\"https://a.example/k#x\""), .invalidClientMetadata),
    (with("\"application_type\":\"desktop\""), .invalidClientMetadata),
    (with("\"client_name\":\"\""), .invalidClientMetadata),
    (with("\"client_name\":\"a\\u202Eb\""), .invalidClientMetadata),
    (with("\"client_name\":\"a\\u200Bb\""), .invalidClientMetadata),
    (with("\"client_name\":\"a\\nb\""), .invalidClientMetadata),
    (
      with("\"client_name\":\"\(String(repeating: "n", count: 101))\""), .invalidClientMetadata
    ),
    (with("\"client_name\":7"), .invalidClientMetadata),
    (with("\"logo_uri\":\"javascript:alert(1)\""), .invalidClientMetadata),
    (with("\"logo_uri\":\"data:image/png;base64,AAAA\""), .invalidClientMetadata),
    (with("\"contacts\":[\"a b\"]"), .invalidClientMetadata),
    (with("\"id_token_signed_response_alg\":\"none\""), .invalidClientMetadata),
    (with("\"scope\":[\"openid\"]"), .invalidClientMetadata),
    (with("\"dpop_bound_access_tokens\":\"yes\""), .invalidClientMetadata),
    (
      with(
        "\"dpop_bound_access_tokens\":true,\"tls_client_certificate_bound_access_tokens\":true"),
      .invalidClientMetadata
    ),
    (
      "{\"redirect_uris\":[\"com.example.app:/cb\"],\"application_type\":\"web\"}",
      .invalidRedirectURI
    ),
    (String(repeating: " ", count: 140_000) + "{}", .invalidClientMetadata),
  ]

  private static func with(_ member: String) -> String {
    "{\"redirect_uris\":[\"https://a.example/\"],\(member)}"
  }

  @Test("registrations that are refused", arguments: refused)
  func refusal(text: String, code: OAuthError.Code) {
    #expect(oauthCode { _ = try ClientMetadata(parsing: Array(text.utf8)) } == code)
  }

  static var claims: [String: Any] {
    [
      "iss": "app", "sub": "app", "aud": TestServer.token, "jti": "a-1",
      "exp": TestServer.seconds + 240, "iat": TestServer.seconds,
    ]
  }

  private func refusal(
    _ changes: [String: Any?], at now: Instant = TestServer.now
  ) throws -> OAuthError.Code? {
    var claims = Self.claims
    for (name, value) in changes { claims[name] = value }
    let signer = TestSigner.p384()
    let keys = try signer.keySet()
    let text = try signer.sign(claims)
    return oauthCode {
      _ = try ClientAssertion(
        verifying: text, clientID: "app", keys: keys,
        audiences: [TestServer.token, TestServer.issuer], at: now)
    }
  }

  @Test("assertions are for here, for now, and of the client")
  func assertions() throws {
    #expect(try refusal([:]) == nil)
    #expect(try refusal(["aud": TestServer.issuer]) == nil)
    #expect(try refusal(["aud": [TestServer.token]]) == nil)
    #expect(try refusal(["exp": Double(TestServer.seconds) + 240.5]) == nil)
    #expect(try refusal(["iat": nil]) == nil)
    for changes in [
      ["iss": "other"], ["sub": "other"], ["aud": "https://evil.example/token"],
      ["aud": [TestServer.token, "https://evil.example"]], ["aud": [String]()],
      ["aud": TestServer.token + "/"], ["aud": nil], ["iss": nil], ["sub": nil], ["jti": nil],
      ["exp": nil], ["jti": ""], ["jti": String(repeating: "j", count: 300)], ["exp": "soon"],
      ["exp": TestServer.seconds - 61], ["exp": TestServer.seconds + 400], ["exp": 1e300],
      ["exp": -1], ["nbf": TestServer.seconds + 120], ["iat": TestServer.seconds + 120],
      ["iat": TestServer.seconds - 3600], ["exp": Int64.max],
    ] as [[String: Any?]] {
      #expect(try refusal(changes) == .invalidClient, "\(changes)")
    }
    for offset: Int64 in [600, -600] {
      #expect(try refusal([:], at: TestServer.at(offset)) == .invalidClient)
    }
  }

  @Test("with every key that is offered, by the key's name")
  func algorithms() throws {
    for signer in [TestSigner.p256(), .p384(), .ed25519(), try .rsa()] {
      let assertion = try ClientAssertion(
        verifying: signer.sign(Self.claims), clientID: "app", keys: signer.keySet(),
        audiences: [TestServer.token], at: TestServer.now)
      #expect(assertion.algorithm.rawValue == signer.algorithm)
      #expect(assertion.rememberUntil == TestServer.at(300))
      var other = signer
      other.keyID = "key-2"
      let named = other
      #expect(
        oauthCode {
          _ = try ClientAssertion(
            verifying: named.sign(Self.claims), clientID: "app", keys: signer.keySet(),
            audiences: [TestServer.token], at: TestServer.now)
        } == .invalidClient)
    }
  }

  @Test("RS256 is for those who have certificates")
  func certified() throws {
    let signer = try TestSigner.rsa()
    let text = try signer.sign(
      header: "{\"alg\":\"RS256\",\"kid\":\"key-1\"}", payload: json(Self.claims),
      algorithm: "RS256")
    #expect(
      oauthCode {
        _ = try ClientAssertion(
          verifying: text, clientID: "app", keys: signer.keySet(),
          audiences: [TestServer.token], at: TestServer.now)
      } == .invalidClient)
  }

  @Test("a client authenticates as it registered, and in no other way")
  func methods() throws {
    let signer = TestSigner.p256()
    let key = try JSONSerialization.jsonObject(with: Data(signer.jwk().utf8))
    let client = try TestServer.client(["jwks": ["keys": [key]]])
    let assertion = try signer.sign(Self.claims)
    let signed = try ClientAuthentication(
      FormParameters(
        query: "client_assertion=\(assertion)&client_assertion_type=\(ClientAssertion.type)"),
      hasAuthorizationHeader: false)
    #expect(signed.clientID == "app")
    let named = try ClientAuthentication(
      FormParameters(query: "client_id=app"), hasAuthorizationHeader: false)
    let first = try signed.verify(
      client, keys: signer.keySet(), audiences: [TestServer.token], at: TestServer.now)
    let second = try signed.verify(
      client, keys: signer.keySet(), audiences: [TestServer.token], at: TestServer.now)
    #expect(first?.id == second?.id)
    let open = try TestServer.client()
    #expect(
      try named.verify(open, keys: nil, audiences: [TestServer.token], at: TestServer.now) == nil)
    for (attempt, client) in [(named, client), (signed, open)] {
      #expect(
        oauthCode {
          _ = try attempt.verify(
            client, keys: signer.keySet(), audiences: [TestServer.token], at: TestServer.now)
        } == .invalidClient)
    }
    let limited = try TestServer.client([
      "jwks": ["keys": [key]], "token_endpoint_auth_signing_alg": "ES384",
    ])
    #expect(
      oauthCode {
        _ = try signed.verify(
          limited, keys: signer.keySet(), audiences: [TestServer.token], at: TestServer.now)
      } == .invalidClient)
    #expect(
      oauthCode {
        _ = try ClientAuthentication(
          FormParameters(
            query: "client_id=other&client_assertion=\(assertion)"
              + "&client_assertion_type=\(ClientAssertion.type)"), hasAuthorizationHeader: false)
      } == .invalidClient)
  }

  @Test("tokens are bound as the client registered")
  func binding() throws {
    let thumbprint = TokenBinding.key(thumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
    let certificate = TokenBinding.certificate(der: [1])
    let proof = try TestServer.client(["dpop_bound_access_tokens": true])
    let tls = try TestServer.client(["tls_client_certificate_bound_access_tokens": true])
    try proof.require(thumbprint)
    try tls.require(certificate)
    try TestServer.client().require(nil)
    #expect(oauthCode { try proof.require(nil) } == .invalidDPoPProof)
    #expect(oauthCode { try proof.require(certificate) } == .invalidDPoPProof)
    #expect(oauthCode { try tls.require(thumbprint) } == .invalidRequest)
    #expect(oauthCode { try tls.require(.clientCredentials) } == .unauthorizedClient)
  }
}
