import FHIR
import Primitives

/// A notification as the guide "Subscriptions R5 Backport" puts it in R4: a Bundle of type history whose
/// first entry says how the subscription stands.
struct NotificationMessage: Sendable {
  enum Kind: String, Sendable {
    case handshake, heartbeat
    case event = "event-notification"
    case status = "query-status"
    case events = "query-event"
  }

  /// An event with what of its record may be said.
  struct Event: Sendable {
    let number: Int64
    let at: Instant
    let trigger: SubscriptionEvent.Trigger
    let type: String
    let id: String
    /// The version that was stored; empty for a deletion.
    let json: [UInt8]

    var address: String { "\(type)/\(id)" }
  }

  let kind: Kind
  let subscription: String
  let topic: String?
  let status: SubscriptionRequest.Status
  let count: Int64
  let content: SubscriptionRequest.Content
  /// Of the FHIR API, as the subscriber knows it.
  let baseURL: String?
  var events: [Event] = []
  var error: String?

  private func url(_ address: String) -> String { baseURL.map { "\($0)/\(address)" } ?? address }

  /// The status as a Parameters resource.
  func parameters(id: String) -> JSONTree {
    var list: [JSONTree] = [
      [
        "name": "subscription",
        "valueReference": ["reference": .string(url("Subscription/\(subscription)"))],
      ]
    ]
    // With empty content not even the topic is said.
    if let topic, content != .empty || kind == .status {
      list.append(["name": "topic", "valueCanonical": .string(topic)])
    }
    list.append(["name": "status", "valueCode": .string(status.rawValue)])
    list.append(["name": "type", "valueCode": .string(kind.rawValue)])
    list.append([
      "name": "events-since-subscription-start", "valueString": .string(String(count)),
    ])
    list += events.map { .object([("name", "notification-event"), ("part", .array(parts($0)))]) }
    if let error {
      list.append(["name": "error", "valueCodeableConcept": ["text": .string(error)]])
    }
    return [
      "resourceType": "Parameters", "id": .string(id),
      "meta": ["profile": [.string(SubscriptionProfile.status)]], "parameter": .array(list),
    ]
  }

  private func parts(_ event: Event) -> [JSONTree] {
    var parts: [JSONTree] = [
      ["name": "event-number", "valueString": .string(String(event.number))],
      ["name": "timestamp", "valueInstant": .string(event.at.description)],
    ]
    if content != .empty {
      parts.append([
        "name": "focus", "valueReference": ["reference": .string(url(event.address))],
      ])
    }
    return parts
  }

  /// The whole notification.
  ///
  /// - Parameter newID: makes UUIDs.
  func bundle(at time: Instant, newID: () -> String) -> [UInt8] {
    let id = newID()
    var entries: [JSONTree] = [
      [
        "fullUrl": .string("urn:uuid:\(id)"), "resource": parameters(id: id),
        "request": [
          "method": "GET", "url": .string(url("Subscription/\(subscription)/$status")),
        ],
        "response": ["status": "200"],
      ]
    ]
    if content == .fullResource { entries += events.map(entry) }
    return JSONTree.object([
      ("resourceType", "Bundle"), ("id", .string(newID())),
      ("meta", ["profile": [.string(SubscriptionProfile.notification)]]), ("type", "history"),
      ("timestamp", .string(time.description)), ("entry", .array(entries)),
    ]).serialized()
  }

  private func entry(_ event: Event) -> JSONTree {
    var members: [(String, JSONTree)] = [("fullUrl", .string(url(event.address)))]
    if event.trigger != .delete { members.append(("resource", .raw(event.json))) }
    let (method, status) =
      switch event.trigger {
      case .create: ("POST", "201")
      case .update: ("PUT", "200")
      case .delete: ("DELETE", "204")
      }
    let place = event.trigger == .create ? event.type : event.address
    members.append(("request", ["method": .string(method), "url": .string(place)]))
    members.append(("response", ["status": .string(status)]))
    return .object(members)
  }
}
