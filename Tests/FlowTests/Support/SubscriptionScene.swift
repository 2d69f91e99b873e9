import Foundation
import Testing

/// Subscriptions as an app sends them.
enum SubscriptionBody {
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
}

/// A served node with a patient, and a receiver that it may call.
struct SubscriptionScene {
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
      "PUT", "/fhir/Observation/\(id)", SubscriptionBody.observation(id, patient, value: value))
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

  /// The numbers of the events in the order in which they came. At least once: what is tried again comes
  /// under the number that it had.
  func distinct(_ calls: [Receiver.Call]) -> [String] {
    var seen: [String] = []
    for number in calls.flatMap(\.numbers) where seen.last != number { seen.append(number) }
    return seen
  }
}
