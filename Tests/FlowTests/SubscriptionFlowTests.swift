import Foundation
import Testing

/// Subscriptions from end to end: an app asks to be told, and is.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct SubscriptionFlowTests {
  typealias Scene = SubscriptionScene

  @Test(arguments: FlowEngine.allCases)
  func criteriaOfR4(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    _ = try await scene.active(
      SubscriptionBody.plain(
        "Observation?code=http://loinc.org|718-7", endpoint: scene.receiver.url))
    try await scene.put("one", value: "9.5")
    let empty = try #require(try await scene.calls(1).first)
    #expect(empty.method == "POST" && empty.path == "/hook" && empty.body.isEmpty)
    #expect(empty.fields["x-secret"] == "open sesame" && empty.fields["content-type"] == nil)

    _ = try await scene.active(
      SubscriptionBody.plain(
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
      SubscriptionBody.topical(
        "Observation?patient=p", endpoint: scene.receiver.url, content: content))
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
      #expect(
        events.first?.parameter("topic")?["valueCanonical"] as? String == SubscriptionBody.topic)
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

  @Test func encountersThatBeginAndEnd() async throws {
    let scene = try await Scene()
    let prefix = "urn:peerchart:subscription-topic:encounter-"
    for name in ["start", "end"] {
      _ = try await scene.active(
        SubscriptionBody.topical(
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
}
