import Foundation
import Testing

/// What the program does at its door whatever is asked: fields of answers, methods, framing, addresses.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct HTTPSecurityFlowTests {
  private func node(insecure: Bool = false) async throws -> (FlowNode, Curl) {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
    try await node.serve(insecure: insecure)
    return (node, Curl(node: node, token: try await node.token()))
  }

  private static let paths = [
    "/health", "/.well-known/peerchart", "/.well-known/oauth-authorization-server",
    "/fhir/metadata", "/fhir/Patient/p", "/fhir/Patient/nobody", "/fhir/Patient?name=x",
    "/fhir/Patient/p/_history", "/fhir/$graphql?query=%7BPatientList%7Bid%7D%7D", "/fhir/nothing",
    "/oauth/token", "/oauth/jwks", "/sign-in", "/register", "/", "/record", "/assets/none.css",
    "/nothing-here", "/%zz",
  ]

  @Test func everyAnswerSaysHowItIsToBeTreated() async throws {
    let (_, curl) = try await node()
    for path in Self.paths {
      for method in ["GET", "POST"] {
        let answer = try await curl(
          method, path, nil, type: nil, "-H", "Origin: https://evil.example")
        #expect(answer.status > 0, "\(method) \(path)")
        #expect(answer.fields["x-content-type-options"] == "nosniff", "\(method) \(path)")
        let age = answer.fields["strict-transport-security"] ?? ""
        #expect(age == "max-age=31536000; includeSubDomains", "\(method) \(path): \(age)")
        if !path.hasPrefix("/assets/") || answer.status != 200 {
          #expect(answer.fields["cache-control"]?.contains("no-store") == true, "\(path)")
        }
        // Nobody's scripts from elsewhere read an answer.
        #expect(answer.fields["access-control-allow-origin"] == nil, "\(method) \(path)")
        #expect(answer.fields["access-control-allow-credentials"] == nil)
        #expect(answer.fields["server"] == nil && answer.fields["x-powered-by"] == nil)
        guard answer.fields["content-type"]?.hasPrefix("text/html") == true else { continue }
        let policy = answer.fields["content-security-policy"] ?? ""
        for part in [
          "default-src 'none'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'",
        ] {
          #expect(policy.contains(part), "\(method) \(path): \(policy)")
        }
        #expect(!policy.contains("unsafe"))
      }
    }
  }

  @Test func methodsThatAreNotOfferedAreRefused() async throws {
    let (_, curl) = try await node()
    for method in ["TRACE", "TRACK", "PROPFIND", "OPTIONS", "NONSENSE"] {
      for path in ["/fhir/Patient/p", "/sign-in", "/health"] {
        let answer = try await curl(method, path)
        #expect([400, 405, 501].contains(answer.status), "\(method) \(path): \(answer.status)")
        #expect(!answer.body.contains("Samplewood") && !answer.body.contains("Bearer"))
      }
    }
  }

  @Test func noWebSocketIsOpened() async throws {
    let (_, curl) = try await node()
    for path in ["/", "/fhir", "/events"] {
      let answer = try await curl(
        "GET", path, nil, type: nil, "--http1.1", "-H", "Connection: Upgrade",
        "-H", "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13", "-H",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "-H", "Origin: https://evil.example")
      #expect(answer.status != 101 && answer.status > 0, "\(path): \(answer.status)")
    }
  }

  /// Two readers must not see two messages in one: what is ambiguous ends with the connection.
  @Test func theEndOfAMessageIsWhereItSays() async throws {
    let (node, _) = try await node(insecure: true)
    let url = try #require(node.insecureURL)
    let port = try #require(UInt16(url.split(separator: ":").last.map(String.init) ?? ""))
    let hidden = "GET /health HTTP/1.1\r\nHost: hidden\r\n\r\n"
    for head in [
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\(hidden)",
      "Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n\(hidden)",
      "Transfer-Encoding: identity, chunked, x\r\n\r\n\(hidden)",
      "Transfer-Encoding: chunked\r\n\r\nzz\r\n\(hidden)",
      "Content-Length: 9223372036854775808\r\n\r\n\(hidden)",
      "Content-Length: -1\r\n\r\n\(hidden)", "Content-Length: +0\r\n\r\n\(hidden)",
      "X-Folded: a\r\n b\r\nContent-Length : 0\r\n\r\n\(hidden)", "X\u{0}Y: a\r\n\r\n\(hidden)",
    ] {
      let connection = try RawConnection(port: port)
      try connection.send("POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\n" + head)
      var answers: [Int] = []
      while let answer = connection.receiveAnswer() {
        answers.append(answer.status)
        if answers.count > 2 { break }
      }
      // The hidden one would be answered 200. A refusal may come before the body is looked at, and a second
      // one for what is wrong with that; then the connection is closed.
      #expect(answers.count <= 2 && answers.allSatisfy { $0 >= 400 }, "\(head): \(answers)")
      connection.close()
    }
    #expect(try await Curl(node: node)("GET", "/health").status == 200)
  }

  @Test func numbersThatOverflowAreRefused() async throws {
    let (node, curl) = try await node()
    for value in ["-1", "9223372036854775807", "9223372036854775808", "1e9", "0x10", "99999999999"]
    {
      let search = try await curl("GET", "/fhir/Patient?_count=\(value)")
      #expect(search.status == 400, "\(value): \(search.status)")
      let history = try await curl("GET", "/fhir/Patient/p/_history?_count=\(value)")
      #expect(history.status == 400, "\(value): \(history.status)")
      let version = try await curl("GET", "/fhir/Patient/p/_history/\(value)")
      #expect([404].contains(version.status), "\(value): \(version.status)")
    }
    for length in ["9223372036854775807", "18446744073709551616", "99999999999999999999999"] {
      let answer = try await curl(
        "POST", "/fhir/Patient", "{}", "-H", "Content-Length: \(length)", "--max-time", "20")
      #expect([0, 400, 413].contains(answer.status), "\(length): \(answer.status)")
    }
    #expect(try await Curl(node: node)("GET", "/health").status == 200)
  }

  /// No part of an address is a path of ours.
  @Test func addressesLeadToNoFile() async throws {
    let (node, curl) = try await node()
    for path in [
      "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fnode.json",
      "/assets/%2fetc%2fpasswd", "/assets/portal.css%00.js", "/fhir/_bulk/..%2f..%2f/x",
      "/fhir/_bulk/x/..%2f..%2fnode.json", "/fhir/Patient/..%2f..%2fnode.json",
      "/fhir/Patient/p%00",
      "/fhir/Binary/%2fetc%2fhostname",
    ] {
      let answer = try await curl("GET", path, nil, type: nil, "--path-as-is")
      #expect([400, 403, 404].contains(answer.status), "\(path): \(answer.status)")
      #expect(!answer.body.contains("root:") && !answer.body.contains("\"version\""), "\(path)")
      #expect(!answer.body.contains(node.path), "\(path)")
    }
  }

  @Test func whoForwardsIsNotBelieved() async throws {
    let (node, curl) = try await node()
    let before = try await node.log().count
    let answer = try await curl(
      "GET", "/fhir/Patient/p", nil, type: nil, "-H", "X-Forwarded-For: 203.0.113.9", "-H",
      "Forwarded: for=203.0.113.9;host=evil.example;proto=http", "-H", "X-Real-IP: 203.0.113.9",
      "-H",
      "X-Forwarded-Host: evil.example", "-H", "X-Forwarded-User: admin", "-H", "X-User: admin",
      "-H",
      "Via: 1.1 evil")
    #expect(answer.status == 200)
    let search = try await curl(
      "GET", "/fhir/Patient", nil, type: nil, "-H", "X-Forwarded-Host: evil.example")
    #expect(!search.body.contains("evil.example"))
    let events = try await node.log().dropFirst(0)
    #expect(events.count > before)
    let text = "\(events)"
    #expect(!text.contains("203.0.113.9") && !text.contains("evil"))
  }

  @Test func whatIsSentMustBeWhatItSaysItIs() async throws {
    let (node, curl) = try await node()
    let xml = #"<Patient xmlns="http://hl7.org/fhir"><id value="x"/></Patient>"#
    let png = "\u{89}PNG\r\n\u{1A}\n\u{0}\u{0}\u{0}\rIHDR\u{0}\u{0}"
    for (body, type) in [
      (xml, "application/fhir+json"), (ServeFlowTests.patient, "application/fhir+xml"),
      (png, "application/fhir+json"), (png, "application/fhir+xml"),
      ("PK\u{3}\u{4}", "application/fhir+json"), ("%PDF-1.7", "application/fhir+xml"),
    ] {
      let answer = try await curl("POST", "/fhir/Patient", body, type: type)
      #expect([400, 422].contains(answer.status), "\(type): \(answer.status)")
    }
    for (body, type) in [
      (ServeFlowTests.patient, "application/json; charset=utf-16"),
      (ServeFlowTests.patient, "image/png"),
      (ServeFlowTests.patient, "multipart/form-data; boundary=x"),
    ] {
      #expect(try await curl("POST", "/fhir/Patient", body, type: type).status == 415, "\(type)")
    }
    // A file's name counts for nothing: what it holds decides.
    for name in ["scan.json", "scan.ndjson"] {
      #expect(try await node.take(name, Array(png.utf8)).status == 1, "\(name)")
    }
    #expect(try await node.exported().count == 1)
  }

  /// What a compressed body expands to is bounded like any other; archives are not taken at all.
  @Test func whatIsCompressedIsBoundedBeforeItIsUnpacked() async throws {
    let (node, curl) = try await node()
    let folder = try TemporaryFolder()
    let bomb = folder.path + "/bomb.gz"
    let made = try await Program.run(
      "/bin/bash", ["-c", "head -c 400000000 /dev/zero | gzip -9 > \(bomb)"])
    #expect(made.status == 0)
    for (path, type) in [
      ("/fhir/Patient", "application/fhir+json"), ("/fhir", "application/fhir+json"),
      ("/fhir/$graphql", "application/json"),
    ] {
      let answer = try await curl(
        "POST", path, nil, type: nil, "--data-binary", "@" + bomb, "-H", "Content-Encoding: gzip",
        "-H", "Content-Type: \(type)", "-X", "POST")
      #expect(answer.status == 413, "\(path): \(answer.status)")
    }
    let broken = try await curl(
      "POST", "/fhir/Patient", "PK\u{3}\u{4}", "-H", "Content-Encoding: gzip")
    #expect(broken.status == 400)
    for encoding in ["zip", "br", "gzip, gzip", "deflate"] {
      let answer = try await curl(
        "POST", "/fhir/Patient", "{}", "-H", "Content-Encoding: \(encoding)")
      #expect(answer.status == 415, "\(encoding): \(answer.status)")
    }
    let status = try String(
      contentsOfFile: "/proc/\(node.processIdentifier)/status", encoding: .utf8)
    let peak =
      status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?
      .split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    #expect(peak > 0 && peak < 1 << 20, "the server took \(peak >> 10) MiB")
  }

  /// An image is bytes here: nothing opens it, so no size that its head claims costs anything.
  @Test func imagesAreNeverOpened() async throws {
    let (_, curl) = try await node()
    var png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]
    png += Array("IHDR".utf8) + [0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF, 8, 6, 0, 0, 0]
    let text = Data(png).base64EncodedString()
    let binary =
      #"{"resourceType":"Binary","id":"big","contentType":"image/png","data":"\#(text)"}"#
    #expect(try await curl("PUT", "/fhir/Binary/big", binary).status == 201)
    let back = try await curl("GET", "/fhir/Binary/big")
    #expect(back.status == 200 && back.body.contains(text))
  }

  /// Words that mean something to a database or a shell are text like any other.
  @Test func textIsNeverACommand() async throws {
    let (node, curl) = try await node()
    let texts = [
      "' OR '1'='1", "'; DROP TABLE version; --", "\\\"; DELETE FROM audit; --", "$(touch /tmp/x)",
      "`id`", ";id", "|id", "%s%n%x", "${7*7}", "{{7*7}}", "pg_sleep(5)",
      "' UNION SELECT key FROM item --",
    ]
    let before = try await node.exported()
    for text in texts {
      let encoded = try #require(
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
      for query in [
        "name=\(encoded)", "identifier=\(encoded)", "_id=\(encoded)", "name:exact=\(encoded)",
      ] {
        let answer = try await curl("GET", "/fhir/Patient?" + query)
        #expect([200, 400].contains(answer.status), "\(query): \(answer.status)")
        #expect((answer.json?["entry"] as? [Any])?.isEmpty ?? true, "\(query)")
      }
      let sort = try await curl("GET", "/fhir/Patient?_sort=\(encoded)")
      #expect(sort.status == 400, "\(text)")
      let read = try await curl("GET", "/fhir/Patient/\(encoded)")
      // What begins like an operation is one that there is not.
      #expect([400, 404, 501].contains(read.status), "\(text): \(read.status)")
    }
    #expect(try await node.exported() == before)
    #expect(try await node.isLogClean())
  }

  /// What the node says about a record is not what a body says about it.
  @Test func whatTheNodeAssignsIsTakenFromNoBody() async throws {
    let (_, curl) = try await node()
    let body = """
      {"resourceType":"Patient","id":"mine","meta":{"versionId":"99","lastUpdated":"1999-01-01T00:00:00Z"},
       "role":"administrator","owner":"me","verified":true,"active":true}
      """
    let created = try await curl("POST", "/fhir/Patient", body)
    #expect(created.status == 201)
    let meta = created.json?["meta"] as? [String: Any]
    #expect(created.json?["id"] as? String != "mine")
    #expect(meta?["versionId"] as? String == "1")
    #expect((meta?["lastUpdated"] as? String)?.hasPrefix("1999") == false)
    // Who registers a program says nothing of what it may do without being asked for it.
    let registered = try await Curl(node: curl.node)(
      "POST", "/oauth/register",
      #"{"client_name":"x","redirect_uris":["https://app.example/cb"],"client_id":"chosen","client_secret":"chosen","approved":true,"role":"administrator","scope":"openid"}"#,
      type: "application/json")
    #expect([200, 201, 400, 401, 403, 429].contains(registered.status), "\(registered.status)")
    #expect(registered.json?["client_id"] as? String != "chosen")
    #expect(registered.json?["client_secret"] as? String != "chosen")
    #expect(registered.json?["approved"] == nil && registered.json?["role"] == nil)
  }

  @Test func aTokenInAnAddressIsNone() async throws {
    let (node, curl) = try await node()
    let token = try #require(curl.token)
    let nobody = Curl(node: node)
    for path in [
      "/fhir/Patient/p?access_token=\(token)", "/fhir/Patient/p?token=\(token)",
      "/fhir/Patient/p?authorization=Bearer%20\(token)",
    ] {
      let answer = try await nobody("GET", path)
      #expect([400, 401].contains(answer.status) && !answer.body.contains("Samplewood"), "\(path)")
    }
    let search = try await nobody("GET", "/fhir/Patient?access_token=\(token)")
    #expect(search.status == 401)
    let form = try await nobody(
      "POST", "/fhir/Patient/_search", "access_token=\(token)",
      type: "application/x-www-form-urlencoded")
    #expect(form.status == 401)
  }
}
