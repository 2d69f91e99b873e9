import Foundation
import Testing

/// Where secrets and what charts hold must not turn up, and who is there before anybody was let in.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct SecretFlowTests {
  /// What the server prints holds neither tokens, addresses nor values; one request is one line at most.
  @Test func whatTheServerPrintsTellsNothing() async throws {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
    try await node.serve()
    let token = try await node.token()
    let curl = Curl(node: node, token: token)
    let agent = "canary-agent\u{1B}[31mred"
    for path in [
      "/fhir/Patient/p", "/fhir/Patient?name=Samplewood", "/fhir/Patient/canary-id",
      "/fhir/Patient?nonsense=canary-value", "/canary-page?x=%0d%0aforged%20line",
      "/fhir/Patient/p%0d%0aforged",
    ] {
      _ = try await curl(
        "GET", path, nil, type: nil, "-A", agent, "-H", "X-Request-Id: canary-request\u{1B}[0m")
    }
    _ = try await curl("POST", "/fhir/Patient", #"{"resourceType":"Patient","name":"canary-name"}"#)
    _ = try await Curl(node: node, token: "pct_canary-token")("GET", "/fhir/Patient/p")
    #expect(try await node.stop() == 0)
    let output = node.serverOutput
    #expect(!output.isEmpty)
    for word in [token, "Samplewood", "canary", "forged", "\u{1B}", "\r"] {
      #expect(!output.contains(word), "\(word)")
    }
    // Nor does the log, which keeps who and what in sealed form, hold a token.
    #expect(!"\(try await node.log())".contains(token))
  }

  @Test func theEnvironmentHoldsNoSecret() async throws {
    let node = try await FlowNode()
    try await node.serve()
    let token = try await node.token()
    let data = try Data(
      contentsOf: URL(fileURLWithPath: "/proc/\(node.processIdentifier)/environ"))
    let environment = String(decoding: data, as: UTF8.self)
    let command = String(
      decoding: try Data(
        contentsOf: URL(fileURLWithPath: "/proc/\(node.processIdentifier)/cmdline")), as: UTF8.self)
    for text in [environment, command] {
      #expect(!text.contains("PRIVATE KEY") && !text.contains(token))
    }
    // Whatever holds keys is for its owner alone.
    let files = FileManager.default.enumerator(atPath: node.path)
    var looked = 0
    while let name = files?.nextObject() as? String {
      let attributes = try FileManager.default.attributesOfItem(atPath: node.path + "/" + name)
      guard attributes[.type] as? FileAttributeType == .typeRegular,
        let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
      else { continue }
      looked += 1
      guard
        let bytes = FileManager.default.contents(atPath: node.path + "/" + name),
        String(decoding: bytes, as: UTF8.self).contains("PRIVATE KEY") || name.contains("key")
      else { continue }
      #expect(mode & 0o077 == 0, "\(name)")
    }
    #expect(looked > 0)
  }

  /// A new node knows nobody: no name and password are good before somebody was invited.
  @Test func nobodyIsThereByDefault() async throws {
    let node = try await FlowNode()
    try await node.serve()
    let folder = try TemporaryFolder()
    let jar = folder.path + "/jar"
    let browser = Curl(node: node, options: ["-b", jar, "-c", jar])
    for (login, password) in [
      ("admin", "admin"), ("root", "root"), ("admin", "password"), ("peerchart", "peerchart"),
      ("operator", ""), ("", ""),
    ] {
      let page = try await browser("GET", "/sign-in", nil, type: nil)
      let token = try #require(
        page.body.firstMatch(of: /name="csrf"[^>]*value="([^"]+)"/)?.output.1)
      let answer = try await browser(
        "POST", "/sign-in", "csrf=\(token)&login=\(login)&password=\(password)",
        type: "application/x-www-form-urlencoded", "-H", "Origin: \(node.url)")
      #expect([400, 401, 403, 422, 429].contains(answer.status), "\(login): \(answer.status)")
      #expect(answer.fields["location"]?.contains("/code") != true, "\(login)")
      #expect(try await browser("GET", "/record", nil, type: nil).status != 200)
    }
    for token in ["admin", "password", "pct_" + String(repeating: "A", count: 43)] {
      #expect(try await Curl(node: node, token: token)("GET", "/fhir/Patient").status == 401)
    }
  }

  /// A form of another site changes nothing, with or without a token.
  @Test func aFormOfAnotherSiteIsRefused() async throws {
    let node = try await FlowNode()
    try await node.serve()
    let folder = try TemporaryFolder()
    let jar = folder.path + "/jar"
    let browser = Curl(node: node, options: ["-b", jar, "-c", jar])
    let page = try await browser("GET", "/sign-in", nil, type: nil)
    let token = try #require(page.body.firstMatch(of: /name="csrf"[^>]*value="([^"]+)"/)?.output.1)
    let form = "application/x-www-form-urlencoded"
    for (path, body, fields) in [
      ("/sign-in", "csrf=\(token)&login=a&password=b", ["Origin: https://evil.example"]),
      ("/sign-in", "csrf=\(token)&login=a&password=b", ["Origin: null"]),
      ("/sign-in", "csrf=\(token)&login=a&password=b", ["Sec-Fetch-Site: cross-site"]),
      ("/sign-in", "login=a&password=b", ["Origin: \(node.url)"]),
      ("/sign-in", "csrf=&login=a&password=b", ["Origin: \(node.url)"]),
      ("/sign-in", "csrf=\(token)x&login=a&password=b", ["Origin: \(node.url)"]),
      ("/sign-in", "csrf=\(token)&csrf=\(token)&login=a", ["Origin: \(node.url)"]),
      ("/register", "code=x", ["Origin: https://evil.example"]),
      ("/language", "language=es", ["Origin: https://evil.example"]),
    ] {
      var arguments: [String] = []
      for field in fields { arguments += ["-H", field] }
      let strict = Curl(node: node, options: browser.options + arguments)
      let answer = try await strict("POST", path, body, type: form)
      #expect(answer.status == 403, "\(path) \(fields): \(answer.status)")
      #expect(answer.fields["set-cookie"]?.contains("__Host-peerchart=") != true)
    }
    // Cookies that were set are for this host, over TLS, out of reach of scripts.
    for (name, value) in page.fields where name == "set-cookie" {
      #expect(value.hasPrefix("__Host-"), "\(value)")
      for attribute in ["Secure", "HttpOnly", "Path=/", "SameSite="] {
        #expect(value.contains(attribute), "\(value)")
      }
      #expect(!value.lowercased().contains("domain="))
    }
    #expect(page.fields["set-cookie"] != nil)
  }
}
