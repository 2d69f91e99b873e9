import Foundation
import Testing

/// Endpoints that fail, programs that are killed, listeners that come back.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct SubscriptionDeliveryFlowTests {
  typealias Scene = SubscriptionScene

  @Test func aHandshakeThatIsRefusedIsAnError() async throws {
    let scene = try await Scene()
    scene.receiver.answers { _ in 403 }
    let id = try await scene.subscribe(
      SubscriptionBody.topical("Observation", endpoint: scene.receiver.url))
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
      SubscriptionBody.topical("Observation?patient=p", endpoint: scene.receiver.url))
    try await scene.put("first")
    _ = try await scene.calls(1) { $0.events }
    scene.receiver.answers { $0.path == "/hook" && $0.type != nil ? 307 : 200 }
    try await scene.put("redirected")
    _ = try await scene.calls(2) { $0.events }
    scene.receiver.stop()
    for number in 0..<5 { try await scene.put("down\(number)") }
    try await scene.node.stop(SIGKILL)
    // Stored by another program while nobody serves.
    let offline = try await scene.node.take(
      "o.json", Array(SubscriptionBody.observation("offline").utf8))
    #expect(offline.status == 0)
    scene.receiver.answers { _ in 200 }
    try scene.receiver.restart()
    try await scene.node.serve(insecure: true, notify: [scene.receiver.host])
    let wanted = (1...8).map(String.init)
    let calls = try await eventually("all events") { () -> [Receiver.Call]? in
      Set(scene.receiver.events.flatMap(\.numbers)).isSuperset(of: wanted)
        ? scene.receiver.events : nil
    }
    #expect(scene.distinct(calls) == wanted)
    #expect(!scene.receiver.calls.contains { $0.path == "/elsewhere" })
    try await scene.status(id, "active")
    #expect(try await scene.node.isLogClean())
  }

  @Test func anEndpointThatFailsIsSaidToFail() async throws {
    let scene = try await Scene()
    let id = try await scene.active(
      SubscriptionBody.topical("Observation?patient=p", endpoint: scene.receiver.url))
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
      SubscriptionBody.topical(
        "Observation", endpoint: scene.receiver.url,
        more:
          #""extension":[{"url":"\#(SubscriptionBody.extensions)backport-heartbeat-period","valueUnsignedInt":1}],"#
      ))
    let beats = try await scene.calls(2) { $0.calls.filter { $0.type == "heartbeat" } }
    #expect(beats.allSatisfy { $0.count == "0" && $0.numbers.isEmpty })
    #expect(try await scene.curl("DELETE", "/fhir/Subscription/\(id)").status == 204)
  }

  @Test(arguments: FlowEngine.allCases)
  func eventsAsAStream(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let token = try #require(scene.curl.token)
    let id = try await scene.active(
      SubscriptionBody.topical("Observation?patient=p", endpoint: nil, content: "full-resource"))
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
      SubscriptionBody.topical("Observation?patient=p", endpoint: scene.receiver.url))
    let elsewhere = Curl(node: other, token: scene.curl.token)
    let listener = try EventListener(other, id, token: try #require(scene.curl.token))
    for number in 0..<20 {
      let curl = number % 2 == 0 ? scene.curl : elsewhere
      #expect(
        try await curl(
          "PUT", "/fhir/Observation/i\(number)", SubscriptionBody.observation("i\(number)")
        ).status == 201)
    }
    let events = try await scene.calls(20) { $0.events }
    #expect(events.flatMap(\.numbers) == (1...20).map(String.init))
    for number in 1...20 { #expect(listener.next()?.id == String(number)) }
    #expect(scene.receiver.events.count == 20)
    // Which of the two is killed does not matter, and neither when: the answer to the last call may not
    // be stored yet, and then that call comes again.
    try await scene.node.stop(SIGKILL)
    #expect(
      try await elsewhere("PUT", "/fhir/Observation/x", SubscriptionBody.observation("x")).status
        == 201)
    let all = try await eventually("the event after the kill") { () -> [Receiver.Call]? in
      let calls = scene.receiver.events
      return calls.contains { $0.numbers.contains("21") } ? calls : nil
    }
    #expect(scene.distinct(all) == (1...21).map(String.init))
    #expect(try await other.isLogClean())
  }
}
