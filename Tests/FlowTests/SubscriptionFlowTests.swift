import Foundation
import Testing

/// Subscriptions from end to end: an app asks to be told, and is, of what it may see.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct SubscriptionFlowTests {
  static let topic = "urn:peerchart:subscription-topic:resource-changed"
  static let extensions = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"

  static func observation(_ id: String, _ patient: String = "p", value: String = "14.10") -> String
  {
    """
    {"resourceType":"Observation","id":"\(id)","status":"final",
     "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category",
       "code":"laboratory"}]}],
     "code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},
     "subject":{"reference":"Patient/\(patient)"},
     "valueQuantity":{"value":\(value),"unit":"g/dL"}}
    """
  }

  static func plain(
    _ criteria: String, endpoint: String, payload: String? = nil, status: String = "requested",
    more: String = ""
  ) -> String {
    let payload = payload.map { #","payload":"\#($0)""# } ?? ""
    return """
      {"resourceType":"Subscription","status":"\(status)","reason":"A test","criteria":"\(criteria)",
       "channel":{"type":"rest-hook","endpoint":"\(endpoint)"\(payload),
         "header":["X-Secret: open sesame"]}\(more)}
      """
  }

  static func topical(
    _ filter: String?, endpoint: String?, content: String = "id-only", topic: String = topic,
    more: String = ""
  ) -> String {
    let filters = filter.map {
      #""_criteria":{"extension":[{"url":"\#(extensions)backport-filter-criteria","valueString":"\#($0)"}]},"#
    }
    let custom =
      endpoint == nil
      ? #""_type":{"extension":[{"url":"\#(extensions)backport-channel-type","valueCoding":{"system":"urn:peerchart:subscription-channel","code":"server-sent-events"}}]},"#
      : ""
    let place = endpoint.map { #""endpoint":"\#($0)","# } ?? ""
    return """
      {"resourceType":"Subscription","status":"requested","reason":"A test","criteria":"\(topic)",
       \(filters ?? "")"channel":{"type":"rest-hook",\(custom)\(place)\(more)
         "payload":"application/fhir+json",
         "_payload":{"extension":[{"url":"\(extensions)backport-payload-content",
           "valueCode":"\(content)"}]}}}
      """
  }

  /// A served node with a patient, and a receiver that it may call.
  struct Scene {
    let node: FlowNode
    let receiver: Receiver
    let curl: Curl

    init(_ engine: FlowEngine = .sqlite, kind: String = "household") async throws {
      node = try await FlowNode(kind, database: engine.cluster())
      receiver = try Receiver()
      let stored = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
      guard stored.status == 0 else { throw Program.Failure(stored.output) }
      try await node.serve(insecure: true, notify: [receiver.host])
      curl = Curl(node: node, token: try await node.token("--ttl", "1d"))
    }

    func subscribe(_ body: String, as other: Curl? = nil) async throws -> String {
      let answer = try await (other ?? curl)("POST", "/fhir/Subscription", body)
      guard answer.status == 201, let id = answer.json?["id"] as? String else {
        throw Program.Failure("\(answer.status) \(answer.body)")
      }
      return id
    }

    func status(_ id: String, _ wanted: String) async throws {
      _ = try await eventually("status \(wanted) of \(id)") { () -> Bool? in
        let answer = try await curl("GET", "/fhir/Subscription/\(id)")
        return answer.json?["status"] as? String == wanted ? true : nil
      }
    }

    /// Subscribes and waits until it holds.
    func active(_ body: String, as other: Curl? = nil) async throws -> String {
      let id = try await subscribe(body, as: other)
      try await status(id, "active")
      return id
    }

    func put(_ id: String, _ patient: String = "p", value: String = "14.10") async throws {
      let answer = try await curl(
        "PUT", "/fhir/Observation/\(id)", observation(id, patient, value: value))
      guard answer.status / 100 == 2 else { throw Program.Failure(answer.body) }
    }

    func calls(_ count: Int, _ pick: (Receiver) -> [Receiver.Call] = { $0.calls }) async throws
      -> [Receiver.Call]
    {
      try await eventually("\(count) calls") {
        let calls = pick(receiver)
        return calls.count >= count ? calls : nil
      }
    }
  }

  @Test(arguments: FlowEngine.allCases)
  func criteriaOfR4(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    _ = try await scene.active(
      Self.plain("Observation?code=http://loinc.org|718-7", endpoint: scene.receiver.url))
    try await scene.put("one", value: "9.5")
    let empty = try #require(try await scene.calls(1).first)
    #expect(empty.method == "POST" && empty.path == "/hook" && empty.body.isEmpty)
    #expect(empty.fields["x-secret"] == "open sesame" && empty.fields["content-type"] == nil)

    _ = try await scene.active(
      Self.plain(
        "Observation?value-quantity=gt14", endpoint: scene.receiver.url,
        payload: "application/fhir+json"))
    try await scene.put("two", value: "14.10")
    let calls = try await scene.calls(3)
    let full = try #require(calls.first { $0.method == "PUT" })
    #expect(full.path == "/hook/Observation/two")
    #expect(full.fields["content-type"] == "application/fhir+json")
    #expect(full.body.contains("14.10") && full.json?["id"] as? String == "two")

    // No deletions, and nothing that ceases to match (R4 2.46.1).
    try await scene.put("two", value: "3")
    #expect(try await scene.curl("DELETE", "/fhir/Observation/one").status == 204)
    try await scene.put("three", value: "20")
    let all = try await scene.calls(6)
    #expect(
      all.filter { $0.method == "PUT" }.map(\.path) == [
        "/hook/Observation/two", "/hook/Observation/three",
      ])
    #expect(all.count == 6)
    #expect(!scene.node.serverOutput.contains("sesame"))
    #expect(try await scene.node.isLogClean())
  }

  @Test(arguments: FlowEngine.allCases, ["empty", "id-only", "full-resource"])
  func topics(engine: FlowEngine, content: String) async throws {
    let scene = try await Scene(engine)
    let id = try await scene.active(
      Self.topical("Observation?patient=p", endpoint: scene.receiver.url, content: content))
    let handshake = try #require(scene.receiver.calls.first)
    #expect(handshake.type == "handshake" && handshake.count == "0" && handshake.numbers.isEmpty)
    #expect(handshake.json?["type"] as? String == "history")
    #expect(
      (handshake.parameter("subscription")?["valueReference"] as? [String: Any])?["reference"]
        as? String == "\(scene.node.url)/fhir/Subscription/\(id)")
    try await scene.put("o")
    try await scene.put("o", value: "13.0")
    #expect(try await scene.curl("DELETE", "/fhir/Observation/o").status == 204)
    #expect(
      try await scene.curl("PUT", "/fhir/Patient/q", #"{"resourceType":"Patient","id":"q"}"#)
        .status == 201)
    try await scene.put("other", "q")
    try await scene.put("last")
    let events = try await scene.calls(4) { $0.events }
    #expect(events.map(\.numbers) == [["1"], ["2"], ["3"], ["4"]])
    #expect(events.last?.count == "4")
    let focus = "\(scene.node.url)/fhir/Observation/"
    switch content {
    case "empty":
      #expect(events.allSatisfy { $0.focuses.isEmpty && $0.resources.isEmpty })
      #expect(
        events.allSatisfy { $0.parameter("topic") == nil && !$0.body.contains("Observation") })
    case "id-only":
      #expect(events.map(\.focuses) == ["o", "o", "o", "last"].map { [focus + $0] })
      #expect(events.allSatisfy { $0.resources.isEmpty && !$0.body.contains("718-7") })
      #expect(events.first?.parameter("topic")?["valueCanonical"] as? String == Self.topic)
    default:
      #expect(
        events.map(\.requests) == [
          ["POST Observation"], ["PUT Observation/o"], ["DELETE Observation/o"],
          ["POST Observation"],
        ])
      #expect(events[0].body.contains("14.10") && events[1].body.contains("13.0"))
      #expect(events[2].resources.isEmpty)
    }
    try await statusAndEvents(scene, id)
    // Turned off, it is silent; what happens then has no number.
    let newest = try await scene.curl("GET", "/fhir/Subscription/\(id)")
    let off = newest.body.replacing(#""status":"active""#, with: #""status":"off""#)
    #expect(try await scene.curl("PUT", "/fhir/Subscription/\(id)", off).status == 200)
    try await scene.put("unheard")
    #expect(try await scene.curl("DELETE", "/fhir/Subscription/\(id)").status == 204)
    #expect(try await scene.curl("GET", "/fhir/Subscription/\(id)/$status").status == 404)
    #expect(scene.receiver.events.count == 4)
    #expect(try await scene.node.isLogClean())
  }

  private func statusAndEvents(_ scene: Scene, _ id: String) async throws {
    let status = try await scene.curl("GET", "/fhir/Subscription/\(id)/$status")
    #expect(status.status == 200 && status.json?["type"] as? String == "searchset")
    #expect(status.body.contains(#""valueCode":"active""#))
    #expect(
      status.body.contains(
        #"{"name":"events-since-subscription-start","valueString":"4"}"#), "\(status.body)")
    let all = try await scene.curl("GET", "/fhir/Subscription/$status?status=off")
    #expect(all.status == 200 && all.json?["total"] as? Int == 0)
    let events = try await scene.curl(
      "GET",
      "/fhir/Subscription/\(id)/$events?eventsSinceNumber=2&eventsUntilNumber=3&content=id-only")
    let call = Receiver.Call(method: "", path: "", fields: [:], body: events.body)
    #expect(call.type == "query-event" && call.numbers == ["2", "3"], "\(events.body)")
    #expect(call.focuses == Array(repeating: "\(scene.node.url)/fhir/Observation/o", count: 2))
    for bad in ["eventsSinceNumber=0", "eventsSinceNumber=x", "content=all", "more=1"] {
      let answer = try await scene.curl("GET", "/fhir/Subscription/\(id)/$events?\(bad)")
      #expect(answer.status == 400, "\(bad): \(answer.body)")
    }
  }

  @Test func aHandshakeThatIsRefusedIsAnError() async throws {
    let scene = try await Scene()
    scene.receiver.answers { _ in 403 }
    let id = try await scene.subscribe(
      Self.topical("Observation", endpoint: scene.receiver.url))
    try await scene.status(id, "error")
    let answer = try await scene.curl("GET", "/fhir/Subscription/\(id)")
    #expect(answer.json?["error"] as? String == "the endpoint did not accept the handshake")
    // Asked for anew, it begins anew.
    scene.receiver.answers { _ in 200 }
    let again = answer.body.replacing(#""status":"error""#, with: #""status":"requested""#)
    #expect(try await scene.curl("PUT", "/fhir/Subscription/\(id)", again).status == 200)
    try await scene.status(id, "active")
    #expect(try await scene.curl("GET", "/fhir/Subscription/\(id)").json?["error"] == nil)
    try await scene.put("o")
    #expect(try await scene.calls(1) { $0.events }.first?.numbers == ["1"])
  }

  /// Down, killed in between, redirected: in the end everything has come, in order.
  @Test(arguments: FlowEngine.allCases)
  func nothingIsLost(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let id = try await scene.active(
      Self.topical("Observation?patient=p", endpoint: scene.receiver.url))
    try await scene.put("first")
    _ = try await scene.calls(1) { $0.events }
    scene.receiver.answers { $0.path == "/hook" && $0.type != nil ? 307 : 200 }
    try await scene.put("redirected")
    _ = try await scene.calls(2) { $0.events }
    scene.receiver.stop()
    for number in 0..<5 { try await scene.put("down\(number)") }
    try await scene.node.stop(SIGKILL)
    // Stored by another program while nobody serves.
    let offline = try await scene.node.take("o.json", Array(Self.observation("offline").utf8))
    #expect(offline.status == 0)
    scene.receiver.answers { _ in 200 }
    try scene.receiver.restart()
    try await scene.node.serve(insecure: true, notify: [scene.receiver.host])
    let wanted = (1...8).map(String.init)
    let calls = try await eventually("all events") { () -> [Receiver.Call]? in
      Set(scene.receiver.events.flatMap(\.numbers)).isSuperset(of: wanted)
        ? scene.receiver.events : nil
    }
    // At least once: what was tried again comes under the number that it had.
    var seen: [String] = []
    for number in calls.flatMap(\.numbers) where seen.last != number { seen.append(number) }
    #expect(seen == wanted)
    #expect(!scene.receiver.calls.contains { $0.path == "/elsewhere" })
    try await scene.status(id, "active")
    #expect(try await scene.node.isLogClean())
  }

  @Test func anEndpointThatFailsIsSaidToFail() async throws {
    let scene = try await Scene()
    let id = try await scene.active(
      Self.topical("Observation?patient=p", endpoint: scene.receiver.url))
    scene.receiver.answers { _ in 500 }
    try await scene.put("o")
    try await scene.status(id, "error")
    #expect(scene.receiver.events.count >= 3)
    #expect(scene.receiver.events.allSatisfy { $0.numbers == ["1"] })
    scene.receiver.answers { _ in 200 }
    try await scene.status(id, "active")
    try await scene.put("next")
    _ = try await eventually("the next") { () -> Bool? in
      scene.receiver.events.last?.numbers == ["2"] ? true : nil
    }
    scene.receiver.answers { _ in 410 }
    try await scene.put("gone")
    try await scene.status(id, "off")
  }

  @Test func heartbeatsWhileNothingHappens() async throws {
    let scene = try await Scene()
    let id = try await scene.active(
      Self.topical(
        "Observation", endpoint: scene.receiver.url,
        more:
          #""extension":[{"url":"\#(Self.extensions)backport-heartbeat-period","valueUnsignedInt":1}],"#
      ))
    let beats = try await scene.calls(2) { $0.calls.filter { $0.type == "heartbeat" } }
    #expect(beats.allSatisfy { $0.count == "0" && $0.numbers.isEmpty })
    #expect(try await scene.curl("DELETE", "/fhir/Subscription/\(id)").status == 204)
  }

  /// A clinician of a household's doctor sees what the patient gives, and not a number more.
  @Test(arguments: FlowEngine.allCases)
  func consentDecidesAboutEachEvent(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let token = try await scene.node.token(
      "--role", "clinician", "--name", "Dr. A", "--treats", "p", "--purpose", "TREAT", "--ttl", "1d"
    )
    let listed = try await scene.node.must("token", "list", "--json")
    let tokens = (listed.json as? [String: Any])?["tokens"] as? [[String: Any]] ?? []
    let tokenID = try #require(
      tokens.first { $0["name"] as? String == "Dr. A" }?["id"] as? String)
    let doctor = Curl(node: scene.node, token: token)
    let body = Self.topical(
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
    try await scene.put("before")
    func grant() async throws -> String {
      let granted = try await scene.node.must(
        "consent", "grant", "--patient", "p", "--to", "person:urn:peerchart:token|\(tokenID)",
        "--types", "lab-results", "--purpose", "TREAT", "--ttl", "1d", "--json")
      let grant = (granted.json as? [String: Any])?["grant"] as? [String: Any]
      return try #require(grant?["id"] as? String)
    }
    let first = try await grant()
    try await scene.put("open")
    let one = try #require(try await scene.calls(1) { $0.events }.first)
    #expect(one.numbers == ["1"] && one.count == "1" && one.body.contains(#""id":"open""#))
    try await scene.node.must("consent", "revoke", first)
    try await scene.put("closed")
    let second = try await grant()
    try await scene.put("open-again")
    let two = try #require(try await scene.calls(2) { $0.events }.last)
    #expect(two.numbers == ["2"] && two.count == "2" && two.body.contains(#""id":"open-again""#))
    #expect(!scene.receiver.calls.contains { $0.body.contains("before") })
    #expect(!scene.receiver.calls.contains { $0.body.contains("closed") })
    // What was open then and is no more is not told afterwards either.
    try await scene.node.must("consent", "revoke", second)
    let events = try await doctor("GET", "/fhir/Subscription/\(id)/$events")
    let call = Receiver.Call(method: "", path: "", fields: [:], body: events.body)
    #expect(events.status == 200 && call.numbers.isEmpty && !events.body.contains("open"))
    // With the token the subscription goes.
    try await scene.node.must("token", "revoke", tokenID)
    _ = try await grant()
    try await scene.put("too-late")
    try await scene.status(id, "off")
    #expect(scene.receiver.events.count == 2)
    #expect(try await scene.node.isLogClean())
  }

  @Test(arguments: FlowEngine.allCases)
  func eventsAsAStream(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let token = try #require(scene.curl.token)
    let id = try await scene.active(
      Self.topical("Observation?patient=p", endpoint: nil, content: "full-resource"))
    let listener = try EventListener(scene.node, id, token: token)
    #expect(listener.head.lowercased().contains("content-type: text/event-stream"))
    try await scene.put("one")
    try await scene.put("two")
    let one = try #require(listener.next())
    #expect(one.id == "1" && one.name == "notification")
    #expect(Receiver.Call(method: "", path: "", fields: [:], body: one.data).numbers == ["1"])
    #expect(one.data.contains("14.10"))
    #expect(listener.next()?.id == "2")
    // Whoever comes back names the last that was seen.
    let resumed = try EventListener(scene.node, id, token: token, lastSeen: "1")
    #expect(resumed.next()?.id == "2")
    try await scene.put("three")
    #expect(resumed.next()?.id == "3" && listener.next()?.id == "3")
    // Ending the server ends the streams, and at once.
    #expect(try await scene.node.stop() == 0)
    #expect(listener.next() == nil)
    try await scene.node.serve(insecure: true, notify: [scene.receiver.host])
    let later = try EventListener(scene.node, id, token: token, lastSeen: "2")
    #expect(later.next()?.id == "3")
    // A token that is revoked ends them too.
    let listed = try await scene.node.must("token", "list", "--json")
    let tokens = (listed.json as? [String: Any])?["tokens"] as? [[String: Any]] ?? []
    try await scene.node.must("token", "revoke", try #require(tokens.first?["id"] as? String))
    #expect(later.next() == nil)
    let refused = try EventListener(scene.node, id, token: token, lastSeen: "2")
    #expect(refused.head.contains(" 401 "))
    #expect(try await scene.node.isLogClean())
  }

  /// Two instances on one database: each event comes once, whichever instance stored it.
  @Test(.enabled(if: DatabaseCluster.isPossible, "\(DatabaseCluster.absence)"))
  func twoInstancesTellOnce() async throws {
    let scene = try await Scene(.postgresql)
    let other = try FlowNode(instanceOf: scene.node)
    try await other.serve(insecure: true, notify: [scene.receiver.host])
    let id = try await scene.active(
      Self.topical("Observation?patient=p", endpoint: scene.receiver.url))
    let elsewhere = Curl(node: other, token: scene.curl.token)
    let listener = try EventListener(other, id, token: try #require(scene.curl.token))
    for number in 0..<20 {
      let curl = number % 2 == 0 ? scene.curl : elsewhere
      #expect(
        try await curl(
          "PUT", "/fhir/Observation/i\(number)", Self.observation("i\(number)")
        ).status == 201)
    }
    let events = try await scene.calls(20) { $0.events }
    #expect(events.flatMap(\.numbers) == (1...20).map(String.init))
    for number in 1...20 { #expect(listener.next()?.id == String(number)) }
    #expect(scene.receiver.events.count == 20)
    // Which of the two is killed does not matter.
    try await scene.node.stop(SIGKILL)
    #expect(
      try await elsewhere("PUT", "/fhir/Observation/x", Self.observation("x")).status == 201)
    #expect(try await scene.calls(21) { $0.events }.last?.numbers == ["21"])
    #expect(try await other.isLogClean())
  }

  @Test func encountersThatBeginAndEnd() async throws {
    let scene = try await Scene()
    let prefix = "urn:peerchart:subscription-topic:encounter-"
    for name in ["start", "end"] {
      _ = try await scene.active(
        Self.topical(
          "Encounter?patient=p", endpoint: scene.receiver.url + "/" + name, topic: prefix + name))
    }
    for status in ["planned", "in-progress", "in-progress", "finished", "finished"] {
      let encounter = """
        {"resourceType":"Encounter","id":"e","status":"\(status)","class":{"code":"IMP"},
         "subject":{"reference":"Patient/p"}}
        """
      #expect(try await scene.curl("PUT", "/fhir/Encounter/e", encounter).status / 100 == 2)
    }
    let events = try await scene.calls(2) { $0.events }
    #expect(Set(events.map(\.path)) == ["/hook/start", "/hook/end"])
    #expect(events.allSatisfy { $0.numbers == ["1"] })
  }

  @Test func whatIsNotOfferedIsRefused() async throws {
    let scene = try await Scene()
    let hook = scene.receiver.url
    let cases: [(String, String)] = [
      (Self.plain("Observation?nonsense=1", endpoint: hook), "Subscription.criteria"),
      (Self.plain("Nonsense?x=1", endpoint: hook), "Subscription.criteria"),
      (Self.plain("/Observation", endpoint: hook), "Subscription.criteria"),
      (
        Self.plain("Observation?_include=Observation:subject", endpoint: hook),
        "Subscription.criteria"
      ),
      (Self.plain("Subscription?status=active", endpoint: hook), "Subscription.criteria"),
      (
        Self.topical("Observation", endpoint: hook, topic: "http://example.org/topic"),
        "Subscription.criteria"
      ),
      (Self.topical(nil, endpoint: hook), "Subscription.criteria.extension"),
      (Self.topical("Observation?x=1", endpoint: hook), "Subscription._criteria.extension[0]"),
      (
        Self.topical("Observation", endpoint: hook, content: "much"), "Subscription.channel.payload"
      ),
      (
        Self.plain("Observation", endpoint: hook, payload: "text/plain"),
        "Subscription.channel.payload"
      ),
      (Self.plain("Observation", endpoint: hook, status: "active"), "Subscription.status"),
      (
        Self.plain("Observation", endpoint: hook, more: #","end":"2001-01-01T00:00:00Z""#),
        "Subscription.end"
      ),
      (
        Self.plain("Observation", endpoint: hook).replacing("rest-hook", with: "email"),
        "Subscription.channel.type"
      ),
      (
        Self.plain("Observation", endpoint: hook).replacing("X-Secret: ", with: "Host: "),
        "Subscription.channel.header"
      ),
      (
        Self.plain("Observation", endpoint: hook).replacing("X-Secret: ", with: #"X: a\r\nY: "#),
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
        "POST", "/fhir/Subscription", Self.plain("Observation", endpoint: endpoint))
      #expect(
        answer.status == 422 && answer.issue.place == "Subscription.channel.endpoint",
        "\(endpoint): \(answer.status) \(answer.body)")
    }
    #expect(
      try await scene.curl("GET", "/fhir/Subscription?_total=accurate").json?["total"] as? Int == 0)
    // What was exported elsewhere is kept, and begins nothing.
    let archived = Self.plain("Observation", endpoint: hook).replacing(
      #""resourceType":"Subscription","#, with: #""resourceType":"Subscription","id":"kept","#)
    #expect(try await scene.node.take("s.json", Array(archived.utf8)).status == 0)
    try await scene.put("o")
    let id = try await scene.active(Self.topical("Observation", endpoint: hook))
    try await scene.put("o2")
    #expect(try await scene.calls(2).map(\.type) == ["handshake", "event-notification"])
    #expect(
      try await scene.curl("GET", "/fhir/Subscription/kept").json?["status"] as? String
        == "requested")
    // A scope that ends does not begin.
    let narrow = Curl(
      node: scene.node, token: try await scene.node.token(scope: "system/Subscription.cruds"))
    let refused = try await narrow(
      "POST", "/fhir/Subscription", Self.plain("Observation", endpoint: hook))
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
    #expect(topics.count == 3 && topics.contains(Self.topic))
    let operations = (subscription["operation"] as? [[String: Any]] ?? []).compactMap {
      $0["name"] as? String
    }
    #expect(Set(operations).isSuperset(of: ["status", "events"]))
  }
}
