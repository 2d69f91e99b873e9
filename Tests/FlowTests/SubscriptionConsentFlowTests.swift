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

  /// A clinician who breaks the glass is told of what is open while it is, and not a number more.
  @Test(arguments: FlowEngine.allCases)
  func consentDecidesAboutEachEvent(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let token = try await scene.node.token(
      "--role", "clinician", "--name", "Dr. A", "--purpose", "ETREAT", "--ttl", "1d")
    let doctor = Curl(node: scene.node, token: token)
    let filter = "AllergyIntolerance?patient=p"
    let id = try await scene.active(
      SubscriptionBody.topical(
        filter, endpoint: scene.receiver.url, content: "full-resource"), as: doctor)
    // What is told here has been looked at for everybody.
    _ = try await scene.active(
      SubscriptionBody.topical(filter, endpoint: scene.receiver.url + "/all"))
    var stored = 0
    func put(_ name: String) async throws {
      let body = """
        {"resourceType":"AllergyIntolerance","id":"\(name)","patient":{"reference":"Patient/p"}}
        """
      #expect(try await scene.curl("PUT", "/fhir/AllergyIntolerance/\(name)", body).status == 201)
      stored += 1
      _ = try await scene.calls(stored) { $0.events.filter { $0.path == "/hook/all" } }
    }
    func open() async throws -> String {
      let answer = try await doctor(
        "POST", "/peer/break-glass",
        #"{"patient":"p","reason":"unconscious","text":"Found in the street"}"#,
        type: "application/json")
      return try #require(answer.json?["session"] as? String, "\(answer.body)")
    }
    func close(_ session: String) async throws {
      try await scene.node.must(
        "consent", "break-glass", "review", session, "--violation", "--note", "I was awake")
    }
    func told(_ count: Int) async throws -> Receiver.Call {
      try #require(
        try await scene.calls(count) { $0.events.filter { $0.path == "/hook" } }.last)
    }
    try await strangers(scene, id)
    #expect(try await doctor("GET", "/fhir/Subscription/\(id)").status == 200)

    try await put("before")
    let first = try await open()
    try await put("during")
    let one = try await told(1)
    #expect(one.numbers == ["1"] && one.count == "1" && one.body.contains(#""id":"during""#))
    try await close(first)
    try await put("between")
    let second = try await open()
    try await put("again")
    let two = try await told(2)
    #expect(two.numbers == ["2"] && two.count == "2" && two.body.contains(#""id":"again""#))
    // What was open then and is no more is not told afterwards either.
    try await close(second)
    let events = try await doctor("GET", "/fhir/Subscription/\(id)/$events")
    let call = Receiver.Call(method: "", path: "", fields: [:], body: events.body)
    #expect(events.status == 200 && call.numbers.isEmpty && !events.body.contains("Allergy"))
    // With the token the subscription goes.
    let listed = try await scene.node.must("token", "list", "--json")
    let tokens = (listed.json as? [String: Any])?["tokens"] as? [[String: Any]] ?? []
    let theirs = tokens.first { $0["name"] as? String == "Dr. A" }
    try await scene.node.must("token", "revoke", try #require(theirs?["id"] as? String))
    try await put("too-late")
    try await scene.status(id, "off")
    let all = scene.receiver.events.filter { $0.path == "/hook" }
    #expect(all.flatMap(\.numbers) == ["1", "2"])
    #expect(!all.contains { $0.body.contains("before") || $0.body.contains("between") })
    #expect(try await scene.node.isLogClean())
  }

  /// The node's own integrations may know of a subscription, another clinician may not.
  private func strangers(_ scene: Scene, _ id: String) async throws {
    let stranger = Curl(
      node: scene.node, token: try await scene.node.token("--role", "clinician"))
    for path in ["\(id)", "\(id)/$events", "\(id)/$status", "nothing/$status", "nothing"] {
      #expect(try await stranger("GET", "/fhir/Subscription/\(path)").status == 403, "\(path)")
    }
    #expect(try await scene.curl("GET", "/fhir/Subscription/\(id)").status == 200)
    #expect(
      try await scene.curl("GET", "/fhir/Subscription/\(id)/$events").status == 403,
      "others may know of it, but its events are the subscriber's")
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
