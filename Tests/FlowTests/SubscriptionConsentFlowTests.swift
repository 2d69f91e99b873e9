import Foundation
import Testing

/// Each event is decided about for its subscriber; what is not offered is refused.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct SubscriptionConsentFlowTests {
  typealias Scene = SubscriptionScene

  /// A clinician is told of what clinicians may read, and not a number more.
  @Test(arguments: FlowEngine.allCases)
  func eachEventIsDecidedForItsSubscriber(engine: FlowEngine) async throws {
    let scene = try await Scene(engine, kind: "organization")
    func putRestricted(_ id: String) async throws {
      let label =
        #""meta":{"security":[{"code":"R","system":"#
        + #""http://terminology.hl7.org/CodeSystem/v3-Confidentiality"},"#
        + #"{"code":"PSY","system":"http://terminology.hl7.org/CodeSystem/v3-ActCode"}]},"#
      let body = SubscriptionBody.observation(id, "p", value: "1").replacingOccurrences(
        of: #""resourceType":"Observation","#, with: #""resourceType":"Observation","# + label)
      #expect(body.contains("PSY"))
      #expect(try await scene.curl("PUT", "/fhir/Observation/\(id)", body).status / 100 == 2)
    }
    let token = try await scene.node.token(
      "--role", "clinician", "--name", "Dr. A", "--treats", "p", "--purpose", "TREAT", "--ttl", "1d"
    )
    let listed = try await scene.node.must("token", "list", "--json")
    let tokens = (listed.json as? [String: Any])?["tokens"] as? [[String: Any]] ?? []
    let tokenID = try #require(
      tokens.first { $0["name"] as? String == "Dr. A" }?["id"] as? String)
    let doctor = Curl(node: scene.node, token: token)
    let body = SubscriptionBody.topical(
      "Observation?patient=p", endpoint: scene.receiver.url, content: "full-resource")
    let id = try await scene.active(body, as: doctor)
    // The node's own integrations see it, another clinician does not.
    let stranger = Curl(
      node: scene.node, token: try await scene.node.token("--role", "clinician"))
    #expect(try await stranger("GET", "/fhir/Subscription/\(id)").status == 403)
    #expect(try await stranger("GET", "/fhir/Subscription/\(id)/$events").status == 403)
    #expect(try await stranger("GET", "/fhir/Subscription/\(id)/$status").status == 403)
    #expect(try await stranger("GET", "/fhir/Subscription/nothing/$status").status == 403)
    #expect(try await doctor("GET", "/fhir/Subscription/\(id)").status == 200)
    #expect(
      try await scene.curl("GET", "/fhir/Subscription/\(id)/$events").status == 403,
      "others may know of it, but its events are the subscriber's")
    try await scene.put("open")
    let one = try #require(try await scene.calls(1) { $0.events }.first)
    #expect(one.numbers == ["1"] && one.count == "1" && one.body.contains(#""id":"open""#))
    try await putRestricted("closed")
    try await scene.put("open-again")
    let two = try #require(try await scene.calls(2) { $0.events }.last)
    #expect(two.numbers == ["2"] && two.count == "2" && two.body.contains(#""id":"open-again""#))
    #expect(!scene.receiver.calls.contains { $0.body.contains("closed") })
    let events = try await doctor("GET", "/fhir/Subscription/\(id)/$events")
    #expect(events.status == 200 && events.body.contains("open-again"))
    #expect(!events.body.contains("closed"))
    // With the token the subscription goes.
    try await scene.node.must("token", "revoke", tokenID)
    try await scene.put("too-late")
    try await scene.status(id, "off")
    #expect(scene.receiver.events.count == 2)
    #expect(try await scene.node.isLogClean())
  }

  @Test func whatIsNotOfferedIsRefused() async throws {
    let scene = try await Scene()
    let hook = scene.receiver.url
    let cases: [(String, String)] = [
      (SubscriptionBody.plain("Observation?nonsense=1", endpoint: hook), "Subscription.criteria"),
      (SubscriptionBody.plain("Nonsense?x=1", endpoint: hook), "Subscription.criteria"),
      (SubscriptionBody.plain("/Observation", endpoint: hook), "Subscription.criteria"),
      (
        SubscriptionBody.plain("Observation?_include=Observation:subject", endpoint: hook),
        "Subscription.criteria"
      ),
      (
        SubscriptionBody.plain("Subscription?status=active", endpoint: hook),
        "Subscription.criteria"
      ),
      (
        SubscriptionBody.topical("Observation", endpoint: hook, topic: "http://example.org/topic"),
        "Subscription.criteria"
      ),
      (SubscriptionBody.topical(nil, endpoint: hook), "Subscription.criteria.extension"),
      (
        SubscriptionBody.topical("Observation?x=1", endpoint: hook),
        "Subscription._criteria.extension[0]"
      ),
      (
        SubscriptionBody.topical("Observation", endpoint: hook, content: "much"),
        "Subscription.channel.payload"
      ),
      (
        SubscriptionBody.plain("Observation", endpoint: hook, payload: "text/plain"),
        "Subscription.channel.payload"
      ),
      (
        SubscriptionBody.plain("Observation", endpoint: hook, status: "active"),
        "Subscription.status"
      ),
      (
        SubscriptionBody.plain(
          "Observation", endpoint: hook, more: #","end":"2001-01-01T00:00:00Z""#),
        "Subscription.end"
      ),
      (
        SubscriptionBody.plain("Observation", endpoint: hook).replacing("rest-hook", with: "email"),
        "Subscription.channel.type"
      ),
      (
        SubscriptionBody.plain("Observation", endpoint: hook).replacing(
          "X-Secret: ", with: "Host: "),
        "Subscription.channel.header"
      ),
      (
        SubscriptionBody.plain("Observation", endpoint: hook).replacing(
          "X-Secret: ", with: #"X: a\r\nY: "#),
        "Subscription.channel.header"
      ),
    ]
    for (body, place) in cases {
      let answer = try await scene.curl("POST", "/fhir/Subscription", body)
      #expect(
        answer.status == 422 && answer.issue.place == place,
        "\(place): \(answer.status) \(answer.body)")
    }
    let endpoints = [
      "http://example.org/hook", "https://127.0.0.1/hook", "https://localhost/hook",
      "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest",
      "https://172.31.0.1/", "https://[::1]/", "https://[fe80::1]/", "https://[fd00::1]/",
      "https://[::ffff:127.0.0.1]/", "https://100.64.0.1/", "https://0.0.0.0/",
      "https://x.internal/",
      "https://user@example.org/", "https://example.org/a?b=c", "ftp://example.org/", "https://",
      "https://2130706433/", "https://0x7f.1/", "http://127.0.0.1:1/hook",
    ]
    for endpoint in endpoints {
      let answer = try await scene.curl(
        "POST", "/fhir/Subscription", SubscriptionBody.plain("Observation", endpoint: endpoint))
      #expect(
        answer.status == 422 && answer.issue.place == "Subscription.channel.endpoint",
        "\(endpoint): \(answer.status) \(answer.body)")
    }
    #expect(
      try await scene.curl("GET", "/fhir/Subscription?_total=accurate").json?["total"] as? Int == 0)
    // What was exported elsewhere is kept, and begins nothing.
    let archived = SubscriptionBody.plain("Observation", endpoint: hook).replacing(
      #""resourceType":"Subscription","#, with: #""resourceType":"Subscription","id":"kept","#)
    #expect(try await scene.node.take("s.json", Array(archived.utf8)).status == 0)
    try await scene.put("o")
    let id = try await scene.active(SubscriptionBody.topical("Observation", endpoint: hook))
    try await scene.put("o2")
    #expect(try await scene.calls(2).map(\.type) == ["handshake", "event-notification"])
    #expect(
      try await scene.curl("GET", "/fhir/Subscription/kept").json?["status"] as? String
        == "requested")
    // A scope that ends does not begin.
    let narrow = Curl(
      node: scene.node, token: try await scene.node.token(scope: "system/Subscription.cruds"))
    let refused = try await narrow(
      "POST", "/fhir/Subscription", SubscriptionBody.plain("Observation", endpoint: hook))
    #expect(refused.status == 403, "\(refused.body)")
    // Nor is another's subscription turned to another endpoint.
    let theirs = try await scene.curl("GET", "/fhir/Subscription/\(id)").body
      .replacing(#""status":"active""#, with: #""status":"requested""#)
    #expect(try await narrow("PUT", "/fhir/Subscription/\(id)", theirs).status == 403)
  }

  @Test func theCapabilityStatementNamesTopicsAndOperations() async throws {
    let scene = try await Scene()
    let answer = try await Curl(node: scene.node)("GET", "/fhir/metadata")
    let rest = (answer.json?["rest"] as? [[String: Any]])?.first
    let resources = rest?["resource"] as? [[String: Any]] ?? []
    let subscription = try #require(resources.first { $0["type"] as? String == "Subscription" })
    let topics = (subscription["extension"] as? [[String: Any]] ?? []).compactMap {
      $0["valueCanonical"] as? String
    }
    #expect(topics.count == 3 && topics.contains(SubscriptionBody.topic))
    let operations = (subscription["operation"] as? [[String: Any]] ?? []).compactMap {
      $0["name"] as? String
    }
    #expect(Set(operations).isSuperset(of: ["status", "events"]))
  }
}
