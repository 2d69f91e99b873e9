import Identity
import Primitives
import Testing

@Suite("PKCE and redirect addresses")
struct RedirectTests {
  @Test("the example of RFC 7636 appendix B, and nothing near it")
  func verifier() throws {
    let challenge = try CodeChallenge(challenge: TestServer.challenge, method: "S256")
    #expect(challenge.matches(verifier: TestServer.verifier))
    for (_, bytes) in flips(of: Array(TestServer.verifier.utf8)) {
      #expect(!challenge.matches(verifier: String(decoding: bytes, as: UTF8.self)))
    }
    for bad in ["", TestServer.challenge, TestServer.verifier + "A", " " + TestServer.verifier] {
      #expect(!challenge.matches(verifier: bad))
    }
    for (challenge, method) in [
      (TestServer.challenge, nil), (TestServer.challenge, "plain"), (TestServer.challenge, "s256"),
      (nil, "S256"), ("", "S256"), (TestServer.challenge + "=", "S256"),
      (String(TestServer.challenge.dropLast()), "S256"),
      (String(TestServer.challenge.dropLast()) + "N", "S256"),
    ] as [(String?, String?)] {
      #expect(
        oauthCode { _ = try CodeChallenge(challenge: challenge, method: method) }
          == .invalidRequest)
    }
  }

  @Test(
    "addresses that may be registered",
    arguments: [
      ("https://app.example/done", RedirectURI.Form.web), ("https://app.example", .web),
      ("https://app.example:8443/a/b?x=1&y=2", .web), ("https://192.0.2.7/cb", .web),
      ("http://127.0.0.1/cb", .loopback), ("http://127.0.0.1:0/cb", nil),
      ("http://127.0.0.1:49152/cb?x=1", .loopback), ("http://[::1]:8080/cb", .loopback),
      ("http://localhost:3000/cb", .localhost), ("com.example.app:/cb", .privateUse),
      ("com.example.app://cb/x", .privateUse), ("org.example.my-app2:/x?y=1", .privateUse),
    ] as [(String, RedirectURI.Form?)])
  func accepted(text: String, form: RedirectURI.Form?) {
    #expect((try? RedirectURI(text))?.form == form)
  }

  @Test(
    "addresses that are refused",
    arguments: [
      "", "/cb", "app.example/cb", "http://app.example/cb", "HTTPS://app.example/cb",
      "https://App.example/cb", "https://app.example:443/cb", "https://app.example/cb#f",
      "https://app.example/cb#", "https://*.app.example/cb", "https://app.example/*",
      "https://user@app.example/cb", "https://user:pw@app.example/cb", "https://app.example@evil/",
      "https://app.example\\@evil.example/", "https://app.example/a/../cb",
      "https://app.example/a/%2e%2e/cb", "https://app.example/./cb", "https://app.example./cb",
      "https:///cb", "https://:443/cb", "https://app.example:/cb", "https://app.example:99999/cb",
      "https://app.example:08443/cb", "https://app_example/cb", "https://-app.example/cb",
      "https://app.example/c b", "https://app.example/%zz", "https://app.example/%2",
      "https://äpp.example/cb", "https://app.example/cb?code=1", "https://app.example/cb?x&state=",
      "https://app.example/cb?iss=x", "https://app.example/cb?%63ode=1",
      "https://app.example/\u{0}", "https://app.example/\n",
      "https://[::1/cb", "https://[fe80::1%25eth0]/cb", "https://2130706433/cb",
      "https://0177.0.0.1/cb", "http://127.1/cb", "http://127.0.0.2/cb", "http://0.0.0.0/cb",
      "http://127.0.0.1.evil.example/cb", "http://localhost.evil.example/cb",
      "http://[::ffff:7f00:1]/cb", "javascript:alert(1)", "data:text/html,x", "file:///etc/x",
      "app:/cb", "myapp://cb", "com.Example.app:/cb", "com..example:/cb", ".com:/cb",
      "com.example.app:", "com.example.app:/", "com.example.app:cb", "1com.example:/cb",
      "com.example.app:/cb#f", "com.example.app://u@cb/x", "com.example.app:/cb?code=1",
      "java.script\u{0}:/x", "http://localhost:443:80/", "https://app.example/\u{212A}",
    ])
  func refused(text: String) {
    #expect(oauthCode { _ = try RedirectURI(text) } == .invalidRedirectURI)
  }

  @Test("an address is that address and no other")
  func exact() throws {
    let registered = try RedirectURI("https://app.example/done")
    #expect(registered.matches("https://app.example/done"))
    for other in [
      "https://app.example/done/", "https://app.example/done/x", "https://app.example/done?x=1",
      "https://app.example/Done", "https://app.example/don%65", "https://app.example:443/done",
      "https://APP.example/done", "http://app.example/done", "https://app.example.evil/done",
      "https://app.example/done#x", "https://evil.example/https://app.example/done",
      "https://app.example/done ", "", "https://app.example:8443/done",
    ] {
      #expect(!registered.matches(other), "\(other)")
    }
  }

  @Test("only the port of a loopback address may differ")
  func loopback() throws {
    let registered = try RedirectURI("http://127.0.0.1/cb?x=1")
    for same in ["http://127.0.0.1/cb?x=1", "http://127.0.0.1:49152/cb?x=1"] {
      #expect(registered.matches(same))
    }
    for other in [
      "http://[::1]:49152/cb?x=1", "http://localhost:49152/cb?x=1", "http://127.0.0.1:49152/cb",
      "http://127.0.0.1:49152/cb/?x=1", "https://127.0.0.1:49152/cb?x=1",
      "http://127.0.0.1:49152@evil.example/cb?x=1", "http://127.0.0.1:70000/cb?x=1",
      "http://127.0.0.1.evil.example:49152/cb?x=1", "http://127.0.0.1:80/cb?x=1",
    ] {
      #expect(!registered.matches(other), "\(other)")
    }
    let six = try RedirectURI("http://[::1]:1/cb")
    #expect(six.matches("http://[::1]:2/cb"))
    let named = try RedirectURI("http://localhost:3000/cb")
    #expect(!named.matches("http://localhost:3001/cb"))
    #expect(!(try RedirectURI("https://127.0.0.1:1/cb").matches("https://127.0.0.1:2/cb")))
  }

  @Test("an answer keeps the address, escapes the rest, and names the issuer")
  func answer() throws {
    let request = try AuthorizationRequest(
      TestServer.form(["redirect_uri": "https://app.example/done?x=1", "state": "a&b=c d\"#"]),
      client: TestServer.client(["redirect_uris": ["https://app.example/done?x=1"]]),
      audiences: [TestServer.base])
    let code = OpaqueSecret(.authorizationCode, random: SystemRandom())
    #expect(
      request.target.location(code: code, issuer: TestServer.issuer)
        == "https://app.example/done?x=1&code=\(code.text.exposed)"
        + "&state=a%26b%3Dc%20d%22%23&iss=https%3A%2F%2Fnode.example")
    let error = OAuthError(.accessDenied, "the user said \"no\"")
    #expect(
      request.target.location(error: error, issuer: TestServer.issuer).contains(
        "error=access_denied&error_description=the%20user%20said%20no&state="))
  }
}
