import Foundation
import Identity
import Primitives
import Testing

@Suite("Authorization requests")
struct AuthorizationRequestTests {
  @Test("a request of SMART is read")
  func request() throws {
    let request = try TestServer.request(["max_age": "600", "prompt": "login consent"])
    #expect(request.target.state == "s-123")
    #expect(
      request.scope.description == "launch/patient openid fhirUser offline_access patient/*.rs")
    #expect(request.prompts == [.login, .consent])
    #expect(request.maximumAge == 600)
    #expect(request.audience == TestServer.base)
    let coded = try JSONDecoder().decode(
      AuthorizationRequest.self, from: JSONEncoder().encode(request))
    #expect(coded == request)
    #expect(try TestServer.request(["aud": TestServer.base + "/"]).audience == TestServer.base)
    #expect(try TestServer.request(["aud": nil, "resource": TestServer.base]).audience != "")
    #expect(try TestServer.request(["nonce": ""]).nonce == nil)
    #expect(try TestServer.request(["unknown": "x"]) == TestServer.request())
  }

  @Test(
    "errors that nobody is sent anywhere with",
    arguments: [
      ["redirect_uri": nil], ["redirect_uri": "https://evil.example/"],
      ["redirect_uri": "https://app.example/done/"], ["client_id": "other"], ["client_id": nil],
      ["state": nil], ["state": "\u{e9}"],
    ] as [[String: String?]])
  func shown(changes: [String: String?]) throws {
    let error = #expect(throws: OAuthError.self) { try TestServer.request(changes) }
    #expect(error?.code == .invalidRequest)
    #expect(error?.target == nil)
  }

  @Test(
    "errors that the client is told",
    arguments: [
      (["response_type": nil], "invalid_request"),
      (["response_type": "token"], "unsupported_response_type"),
      (["response_type": "code id_token"], "unsupported_response_type"),
      (["response_mode": "fragment"], "invalid_request"),
      (["code_challenge": nil], "invalid_request"),
      (["code_challenge_method": nil], "invalid_request"),
      (["code_challenge_method": "plain"], "invalid_request"),
      (["aud": nil], "invalid_request"), (["aud": "https://evil.example/fhir"], "invalid_target"),
      (["resource": "https://evil.example/fhir"], "invalid_target"),
      (["scope": nil], "invalid_request"), (["scope": "system/*.rs"], "invalid_scope"),
      (["scope": "profile email"], "invalid_scope"), (["scope": "a\"b"], "invalid_scope"),
      (["scope": "launch patient/*.rs"], "invalid_request"), (["launch": "x"], "invalid_request"),
      (["request": "eyJ"], "request_not_supported"),
      (["request_uri": "https://evil.example/r"], "request_uri_not_supported"),
      (["prompt": "none login"], "invalid_request"), (["prompt": "dance"], "invalid_request"),
      (["max_age": "-1"], "invalid_request"), (["max_age": "99999999999"], "invalid_request"),
      (["max_age": "1e3"], "invalid_request"), (["dpop_jkt": "short"], "invalid_request"),
      (["nonce": String(repeating: "n", count: 300)], "invalid_request"),
    ] as [([String: String?], String)])
  func told(changes: [String: String?], code: String) throws {
    let error = #expect(throws: OAuthError.self) { try TestServer.request(changes) }
    #expect(error?.code.rawValue == code)
    #expect(error?.target?.redirectURI == "https://app.example/done")
    #expect(error?.target?.state == "s-123")
  }

  @Test("a launch out of a session names a launch that was issued here")
  func launch() throws {
    let launch = OpaqueSecret(.launch, random: SystemRandom())
    let request = try TestServer.request([
      "scope": "launch openid user/*.rs", "launch": launch.text.exposed,
    ])
    #expect(request.launch == launch.digest)
    let other = OpaqueSecret(.authorizationCode, random: SystemRandom())
    #expect(throws: OAuthError.self) {
      try TestServer.request(["scope": "launch", "launch": other.text.exposed])
    }
  }

  @Test("a client asks for no more than it registered, and only in flows it registered")
  func registration() throws {
    let limited = try TestServer.client(["scope": "openid patient/Observation.rs"])
    let request = try AuthorizationRequest(
      TestServer.form(), client: limited, audiences: [TestServer.base])
    #expect(request.scope.description == "openid patient/Observation.rs")
    let other = try TestServer.client(["scope": "user/Patient.r"])
    #expect(
      oauthCode {
        _ = try AuthorizationRequest(
          TestServer.form(), client: other, audiences: [TestServer.base])
      } == .invalidScope)
    let backend = RegisteredClient(
      id: "app",
      metadata: try ClientMetadata(
        parsing: Array(
          json([
            "grant_types": ["client_credentials"], "jwks_uri": "https://app.example/jwks",
          ]).utf8)), communityURI: nil, registered: TestServer.now)
    #expect(
      oauthCode {
        _ = try AuthorizationRequest(
          TestServer.form(), client: backend, audiences: [TestServer.base])
      } == .invalidRequest)
  }

  @Test("forms: each parameter once, in UTF-8, within bounds")
  func forms() throws {
    let form = try FormParameters(query: "a=1&b=x+y%2Bz&c=&d&&e=%C3%A9")
    #expect(form["a"] == "1")
    #expect(form["b"] == "x y+z")
    #expect(form["c"] == nil)
    #expect(form["d"] == nil)
    #expect(form["e"] == "é")
    for bad in [
      "a=1&a=1", "a=1&a=", "a&a=1", "a=1&%61=2", "a=%zz", "a=%2", "a=%FF", "a=%00", "a=%0A",
      "=1", "%C3%A9=1", "a b=1", "a=1&\u{212A}=2",
      (0..<65).map { "p\($0)=1" }.joined(separator: "&"),
      "a=" + String(repeating: "x", count: 65_536),
    ] {
      #expect(oauthCode { _ = try FormParameters(query: bad) } == .invalidRequest)
    }
  }

  @Test("a pushed request is named by a reference, and everything beside it is ignored")
  func pushed() throws {
    let secret = OpaqueSecret(.pushedRequest, random: SystemRandom())
    #expect(secret.text.exposed.hasPrefix("urn:ietf:params:oauth:request_uri:"))
    let entry = try AuthorizationEntry(
      FormParameters(
        query: "client_id=app&redirect_uri=https://evil.example&request_uri=\(secret.text.exposed)"
      ))
    guard case .pushed(let read) = entry.form else {
      Issue.record("not a reference")
      return
    }
    #expect(read.matches(digest: secret.digest))
    #expect(entry.clientID == "app")
    try entry.accept(TestServer.request())
    let other = try AuthorizationEntry(
      FormParameters(query: "client_id=other&request_uri=\(secret.text.exposed)"))
    #expect(oauthCode { try other.accept(TestServer.request()) } == .invalidRequestURI)
    let direct = try AuthorizationEntry(TestServer.form())
    #expect(oauthCode { try direct.accept(TestServer.request()) } == .invalidRequestURI)
    let careful = try TestServer.client(["require_pushed_authorization_requests": true])
    try careful.require(entry.form)
    try TestServer.client().require(direct.form)
    #expect(oauthCode { try careful.require(direct.form) } == .invalidRequest)
    for bad in ["https://evil.example/r", "urn:ietf:params:oauth:request_uri:x"] {
      #expect(
        oauthCode {
          _ = try AuthorizationEntry(FormParameters(query: "client_id=app&request_uri=\(bad)"))
        } == .invalidRequestURI)
    }
    #expect(
      oauthCode { _ = try AuthorizationEntry(FormParameters(query: "scope=x")) } == .invalidRequest)
    let body = try object(PushedRequestResponse(reference: secret).body)
    #expect(body["request_uri"] as? String == secret.text.exposed)
    #expect(body["expires_in"] as? Int == 600)
  }

  @Test("whether the user must sign in again")
  func signIn() throws {
    let plain = try TestServer.request()
    #expect(!plain.needsSignIn(since: TestServer.at(-86_400), at: TestServer.now))
    #expect(
      try TestServer.request(["prompt": "login"]).needsSignIn(
        since: TestServer.now, at: TestServer.now))
    let aged = try TestServer.request(["max_age": "60"])
    #expect(!aged.needsSignIn(since: TestServer.at(-60), at: TestServer.now))
    #expect(aged.needsSignIn(since: TestServer.at(-61), at: TestServer.now))
  }

  @Test("random damage of a query is an answer or a refusal")
  func damaged() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("authorization requests: seed \(seed)")
    var generator = SeededGenerator(seed: seed)
    let client = try TestServer.client()
    let query = Array(
      TestServer.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        .joined(separator: "&").utf8)
    var read = 0
    for _ in 0..<5000 {
      let changed = damage(query, using: &generator)
      guard
        let request = try? AuthorizationRequest(
          FormParameters(parsing: changed), client: client, audiences: [TestServer.base])
      else { continue }
      read += 1
      #expect(request.target.redirectURI == "https://app.example/done")
      #expect(request.audience == TestServer.base)
    }
    #expect(read > 0)
  }
}
