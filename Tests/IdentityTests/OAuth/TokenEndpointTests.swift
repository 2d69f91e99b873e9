import Foundation
import Identity
import Primitives
import Testing

@Suite("Codes, refresh tokens and the token endpoint")
struct TokenEndpointTests {
  private func code(_ changes: [String: String?] = [:]) throws -> AuthorizationCode {
    let request = try TestServer.request(changes)
    return try AuthorizationCode(
      request: request, scope: request.scope, grant: "grant-1", subject: "user-1",
      authentication: AuthenticationContext(time: TestServer.now, level: nil, methods: []),
      patient: "patient-1", fhirUser: nil, at: TestServer.now)
  }

  private func redeem(
    _ code: AuthorizationCode, client: String = "app",
    redirectURI: String = "https://app.example/done", verifier: String = TestServer.verifier,
    binding: TokenBinding? = nil, at now: Instant = TestServer.at(59)
  ) -> AuthorizationCode.Redemption {
    code.redeem(
      clientID: client, redirectURI: redirectURI, verifier: verifier, binding: binding, at: now)
  }

  @Test("a code is good once, for a minute, for the one who asked")
  func redemption() throws {
    let code = try code()
    guard case .granted(let spent) = redeem(code) else {
      Issue.record("not granted")
      return
    }
    guard case .replayed = redeem(spent) else {
      Issue.record("a second time")
      return
    }
    let attempts = [
      redeem(code, client: "other"), redeem(code, redirectURI: "https://app.example/done/"),
      redeem(code, verifier: String(TestServer.verifier.reversed())), redeem(code, verifier: ""),
      redeem(code, at: TestServer.at(60)),
    ]
    for attempt in attempts {
      guard case .refused(let spent, let error) = attempt else {
        Issue.record("not refused")
        continue
      }
      #expect(error.code == .invalidGrant)
      #expect(spent.isSpent)
    }
    let stored = try JSONDecoder().decode(
      AuthorizationCode.self, from: JSONEncoder().encode(code))
    #expect(stored == code)
  }

  @Test("a code whose request named a key is redeemed with that key")
  func boundCode() throws {
    let thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    let code = try code(["dpop_jkt": thumbprint])
    guard case .granted = redeem(code, binding: .key(thumbprint: thumbprint)) else {
      Issue.record("not granted")
      return
    }
    for binding in [nil, .key(thumbprint: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")]
      as [TokenBinding?]
    {
      guard case .refused = redeem(code, binding: binding) else {
        Issue.record("granted without the key")
        continue
      }
    }
  }

  @Test("nobody agrees to more than was asked for")
  func widened() throws {
    let request = try TestServer.request(["scope": "patient/Observation.rs"])
    for scope in ["patient/*.rs", "patient/Observation.rus", "openid", "user/Observation.r"] {
      #expect(
        oauthCode {
          _ = try AuthorizationCode(
            request: request, scope: SMARTScopes(granted: scope), grant: "g", subject: "u",
            authentication: AuthenticationContext(time: TestServer.now, level: nil, methods: []),
            patient: nil, fhirUser: nil, at: TestServer.now)
        } == .invalidScope)
    }
  }

  @Test("secrets are of one kind, shown once, found by their digest")
  func secrets() throws {
    for kind in OpaqueSecret.Kind.allCases {
      let secret = OpaqueSecret(kind, random: SystemRandom())
      let text = secret.text.exposed
      #expect(try #require(OpaqueSecret(kind, parsing: text)).matches(digest: secret.digest))
      for other in OpaqueSecret.Kind.allCases where other != kind {
        #expect(OpaqueSecret(other, parsing: text) == nil)
      }
      for bad in ["", text + "A", String(text.dropLast()), text.uppercased(), " " + text] {
        #expect(OpaqueSecret(kind, parsing: bad) == nil)
      }
      var dumped = ""
      dump(secret, to: &dumped)
      #expect(!dumped.contains(text) && !"\(secret)".contains(text))
    }
    let token = RefreshToken(random: SystemRandom())
    let read = try #require(RefreshToken(token.text.exposed))
    #expect(read.digest == token.digest && read.familyKey == token.familyKey)
    let next = token.next(random: SystemRandom())
    #expect(next.familyKey == token.familyKey && next.digest != token.digest)
    #expect(!"\(token)".contains(token.text.exposed))
    #expect(RefreshToken(token.text.exposed + "A") == nil)
    #expect(RefreshToken(BearerToken(random: SystemRandom()).text.exposed) == nil)
  }

  private func family(_ token: RefreshToken) throws -> RefreshFamily {
    RefreshFamily(
      first: token, clientID: "app", grant: "grant-1",
      scope: try SMARTScopes(granted: "offline_access patient/*.rs"), binding: nil,
      at: TestServer.now, lifetime: 1000, idle: 300)
  }

  private func use(
    _ family: RefreshFamily, _ token: RefreshToken, _ next: RefreshToken, _ time: Int64,
    client: String = "app", binding: TokenBinding? = nil
  ) -> RefreshFamily.Use {
    family.use(
      token, next: next, clientID: client, binding: binding, at: TestServer.at(time))
  }

  @Test("a refresh token is its client's, and goes with the proof that it is bound to")
  func unproved() throws {
    let token = RefreshToken(random: SystemRandom())
    let next = token.next(random: SystemRandom())
    #expect(try use(family(token), token, next, 1, client: "other") == .unproved)
    let key = TokenBinding.key(thumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
    let bound = RefreshFamily(
      first: token, clientID: "app", grant: "g", scope: try SMARTScopes(granted: "openid"),
      binding: key, at: TestServer.now)
    #expect(use(bound, token, next, 1) == .unproved)
    #expect(use(bound, token, next, 1, binding: .certificate(der: [1])) == .unproved)
    guard case .rotated(let rotated) = use(bound, token, next, 1, binding: key),
      case .reused = use(rotated, token, next, 2, client: "other")
    else {
      Issue.record("not rotated")
      return
    }
    let about = try object(IntrospectionResponse.refresh(rotated).body)
    #expect(about["active"] as? Bool == true)
    #expect(about["client_id"] as? String == "app")
  }

  @Test("a refresh token is replaced by each use; a spent one ends the family")
  func rotation() throws {
    let random = SystemRandom()
    let first = RefreshToken(random: random)
    let second = first.next(random: random)
    let third = second.next(random: random)
    let fresh = try family(first)
    guard case .rotated(let rotated) = use(fresh, first, second, 10),
      case .rotated(let again) = use(rotated, second, third, 20)
    else {
      Issue.record("not rotated")
      return
    }
    #expect(again.generation == 3)
    guard case .reused(let ended) = use(again, first, third, 30) else {
      Issue.record("a spent token was taken")
      return
    }
    #expect(ended.isRevoked)
    #expect(use(ended, third, third, 30) == .revoked)
    #expect(use(again.revoked(), third, first, 30) == .revoked)
    let stored = try JSONDecoder().decode(RefreshFamily.self, from: JSONEncoder().encode(again))
    #expect(stored == again)
  }

  @Test("a family ends when it is idle, and when it is old")
  func expiry() throws {
    let random = SystemRandom()
    var token = RefreshToken(random: random)
    var family = try family(token)
    #expect(use(family, token, token, 300) == .expired)
    for time: Int64 in [250, 500, 750, 999] {
      let next = token.next(random: random)
      guard case .rotated(let rotated) = use(family, token, next, time)
      else {
        Issue.record("ended early")
        return
      }
      (family, token) = (rotated, next)
    }
    #expect(use(family, token, token, 1000) == .expired)
  }

  /// Against a model that remembers every token that was ever handed out.
  @Test("whatever order tokens come in, at most one is good, and theft is seen")
  func model() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("refresh families: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let random = SeededRandom(seed: seed)
    for _ in 0..<200 {
      var issued = [RefreshToken(random: random)]
      var family = try family(issued[0])
      var isOver = false
      var time: Int64 = 0
      for _ in 0..<12 {
        time += Int64.random(in: 0...60, using: &generator)
        let choice =
          Int.random(in: 0..<4, using: &generator) == 0
          ? Int.random(in: 0..<issued.count, using: &generator) : issued.count - 1
        let next = issued[choice].next(random: random)
        switch use(family, issued[choice], next, time) {
        case .rotated(let rotated):
          #expect(!isOver && choice == issued.count - 1)
          family = rotated
          issued.append(next)
        case .reused(let ended):
          #expect(!isOver && choice < issued.count - 1)
          family = ended
          isOver = true
        case .unproved: Issue.record("the client is the same")
        case .revoked: #expect(isOver)
        case .expired: #expect(!isOver && time >= 300)
        }
      }
    }
  }

  private func parse(
    _ text: String, header: Bool = false
  ) throws -> TokenEndpointRequest {
    try TokenEndpointRequest(FormParameters(query: text), hasAuthorizationHeader: header)
  }

  @Test("requests to the token endpoint")
  func requests() throws {
    let code = OpaqueSecret(.authorizationCode, random: SystemRandom()).text.exposed
    let refresh = RefreshToken(random: SystemRandom()).text.exposed
    let good =
      "grant_type=authorization_code&client_id=app&redirect_uri=https://app.example/done"
      + "&code=\(code)&code_verifier=\(TestServer.verifier)"
    guard case .authorizationCode(_, let address, _) = try parse(good).grant else {
      Issue.record("another grant")
      return
    }
    #expect(address == "https://app.example/done")
    let renewal = "grant_type=refresh_token&client_id=app&refresh_token=\(refresh)"
    guard case .refreshToken(_, let scope) = try parse(renewal).grant else {
      Issue.record("another grant")
      return
    }
    #expect(scope == nil)
    guard
      case .refreshToken(_, let fewer) = try parse(renewal + "&scope=profile%20openid").grant
    else {
      Issue.record("another grant")
      return
    }
    #expect(fewer?.description == "openid")
    for (text, error) in [
      (good.replacing(code, with: "abc"), .invalidGrant),
      (good.replacing("code_verifier", with: "verifier"), .invalidRequest),
      (good.replacing("redirect_uri", with: "redirect"), .invalidRequest),
      (good + "&client_secret=x", .invalidClient), (good + "&code=\(code)", .invalidRequest),
      (good.replacing("client_id=app&", with: ""), .invalidClient),
      (good.replacing("authorization_code", with: "password"), .unsupportedGrantType),
      (good + "&client_assertion_type=x", .invalidRequest),
      (good + "&client_assertion=x", .invalidRequest),
      (
        good + "&client_assertion=x&client_assertion_type=\(ClientAssertion.type)", .invalidClient
      ),
      (renewal.replacing(refresh, with: code), .invalidGrant),
      (renewal + "&scope=nonsense", .invalidScope),
      ("grant_type=client_credentials&client_id=app", .invalidRequest),
      ("grant_type=client_credentials&client_id=app&scope=patient/*.rs", .invalidScope),
      ("", .invalidRequest),
    ] as [(String, OAuthError.Code)] {
      #expect(oauthCode { _ = try parse(text) } == error, "\(error)")
    }
    #expect(oauthCode { _ = try parse(good, header: true) } == .invalidClient)
  }

  @Test("answers of the token endpoint and about tokens")
  func answers() throws {
    let claims = try TestServer.claims(
      binding: .key(thumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"))
    var response = TokenResponse(claims: claims, accessToken: Redacted("secret"))
    response.refreshToken = RefreshToken(random: SystemRandom())
    let body = try object(response.body(at: TestServer.at(1)).exposed)
    #expect(body["token_type"] as? String == "DPoP")
    #expect(body["expires_in"] as? Int == 299)
    #expect(body["patient"] as? String == "patient-1")
    #expect(body["scope"] as? String == "patient/*.rs")
    #expect(body["id_token"] == nil)
    #expect(!"\(response)".contains("secret"))
    let active = try object(IntrospectionResponse.active(claims).body)
    #expect(active["active"] as? Bool == true)
    #expect(active["client_id"] as? String == "app")
    #expect(IntrospectionResponse.inactive.body == Array("{\"active\":false}".utf8))
  }

  @Test("who signed in is told to whom it was granted")
  func userInfo() throws {
    let user = TestServer.base + "/Patient/1"
    func read(_ scope: String) throws -> [String: Any] {
      try object(UserInfoResponse(TestServer.claims(scope: scope), fhirUser: user).body)
    }
    #expect(try read("openid fhirUser")["fhirUser"] as? String == user)
    #expect(try read("openid")["sub"] as? String == "user-1")
    #expect(try read("openid")["fhirUser"] == nil)
    #expect(oauthCode { _ = try read("patient/*.rs") } == .insufficientScope)
  }

  @Test("a token shown to be ended or looked at is told by its form")
  func presented() throws {
    func read(_ token: String) throws -> PresentedToken {
      try PresentedToken(FormParameters(query: "token=\(token)&token_type_hint=nonsense"))
    }
    guard case .refresh = try read(RefreshToken(random: SystemRandom()).text.exposed),
      case .bearer = try read(BearerToken(random: SystemRandom()).text.exposed),
      case .access = try read("eyJhbGciOiJub25lIn0.e30."), case .unknown = try read("x")
    else {
      Issue.record("another kind")
      return
    }
    #expect(
      oauthCode { _ = try PresentedToken(FormParameters(query: "")) } == .invalidRequest)
  }

  @Test("errors carry nothing that breaks a header or a page")
  func errors() throws {
    let error = OAuthError(.invalidToken, "a \"quoted\"\r\nX-Evil: 1\\ é")
    #expect(error.description == "a quotedX-Evil: 1 ")
    #expect(error.status == 401)
    #expect(error.challenge(dpop: false).hasPrefix("Bearer error=\"invalid_token\""))
    #expect(error.challenge(dpop: true).hasPrefix("DPoP algs=\"ES256 ES384 Ed25519 EdDSA\""))
    #expect(try object(error.body)["error"] as? String == "invalid_token")
  }
}
