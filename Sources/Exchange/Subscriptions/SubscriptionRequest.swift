import FHIR
import Primitives

/// What a Subscription asks for, read from the resource: R4's own form (`criteria` is a search) or the
/// form of the guide "Subscriptions R5 Backport" (`criteria` names a topic).
struct SubscriptionRequest: Sendable {
  /// Subscription.status.
  enum Status: String, Codable, Sendable { case requested, active, error, off }

  /// How much of a record a notification says.
  enum Content: String, Codable, Sendable {
    case empty
    case idOnly = "id-only"
    case fullResource = "full-resource"
  }

  enum Channel: Sendable {
    case restHook(NotificationEndpoint)
    /// The subscriber comes and listens (`$events` as `text/event-stream`).
    case eventStream
  }

  let status: Status
  /// Nil for R4's own form.
  let topic: SubscriptionTopic?
  /// A record must fulfil all of those that are of its type.
  let filters: [SearchQuery]
  let channel: Channel
  let fields: [NotificationField]
  /// Nil where notifications have no body, in R4's own form only.
  let format: Format?
  let content: Content
  /// Seconds between heartbeats; nil for none.
  let heartbeat: Int64?
  /// Seconds that a call may take.
  let timeout: Int64
  /// Events in one notification at most.
  let largestCount: Int
  let end: Instant?

  enum Format: String, Sendable {
    case json = "application/fhir+json"
    case xml = "application/fhir+xml"
  }

  /// Whether notifications come as Bundles with a status in front; R4's own form sends resources.
  var usesBundles: Bool { topic != nil || isEventStream }

  var isEventStream: Bool { if case .eventStream = channel { true } else { false } }

  /// Whether records of a type can be events.
  func concerns(_ type: String) -> Bool {
    topic?.type.map { $0 == type } ?? filters.contains { $0.resourceType == type }
  }

  /// Reads a Subscription.
  ///
  /// - Throws: `invalid` with the place for what this node does not offer or cannot make sense of.
  init(_ resource: Resource) throws {
    let root = resource.root
    status = try Self.status(root)
    (topic, filters) = try Self.criteria(root)
    let reader = SubscriptionChannelReader(root["channel"])
    channel = try reader.channel()
    fields = try reader.fields()
    (format, content) = try reader.payload(isTopicBased: topic != nil)
    heartbeat = try reader.number("backport-heartbeat-period", within: 1...2_678_400)
    timeout = min(try reader.number("backport-timeout", within: 1...3600) ?? 10, 30)
    largestCount = Int(try reader.number("backport-max-count", within: 1...1_000_000) ?? 1)
    end = try root["end"].map { value in
      guard let end = value.string.flatMap({ Instant($0) }) else {
        throw PeerChartError(.invalid, "this is no instant", place: value.pointer)
      }
      return end
    }
  }

  private static func status(_ root: JSONValue) throws -> Status {
    guard let status = root["status"]?.string.flatMap(Status.init) else {
      throw PeerChartError(
        .invalid, "a Subscription has the status requested, active, error or off",
        place: "Subscription.status")
    }
    return status
  }

  private static func criteria(
    _ root: JSONValue
  ) throws -> (SubscriptionTopic?, [SearchQuery]) {
    let place = "Subscription.criteria"
    guard let text = root["criteria"]?.string else {
      throw PeerChartError(.invalid, "a Subscription needs criteria", place: place)
    }
    let filters = SubscriptionProfile.extensions("backport-filter-criteria", of: root["_criteria"])
    // A topic is named by a URL, which has a scheme; a search begins with a type.
    guard text.prefix(while: { $0 != "?" }).contains(":") else {
      guard filters.isEmpty else {
        throw PeerChartError(.invalid, "filters belong to a topic, not to a search", place: place)
      }
      return (nil, [try query(text, type: nil, place: place)])
    }
    guard let topic = SubscriptionTopic.named(text) else {
      throw PeerChartError(
        .invalid, "this node has no such topic; /fhir/metadata names those it has", place: place)
    }
    let queries = try filters.map { filter in
      guard let text = filter["valueString"]?.string else {
        throw PeerChartError(.invalid, "a filter is a valueString", place: filter.pointer)
      }
      let query = try query(text, type: topic.type, place: filter.pointer)
      guard topic.type.map({ $0 == query.resourceType }) ?? true else {
        throw PeerChartError(.invalid, "the topic is about another type", place: filter.pointer)
      }
      return query
    }
    guard topic.type != nil || !queries.isEmpty else {
      throw PeerChartError(
        .invalid, "this topic needs a filter that names the type, such as Observation?patient=1",
        place: "Subscription.criteria.extension")
    }
    return (topic, queries)
  }

  /// Reads `Type?name=value&…`; where the type is known, `name=value&…` as well.
  private static func query(_ text: String, type: String?, place: String) throws -> SearchQuery {
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let isBare = type != nil && parts.count == 1 && text.contains("=")
    let name = isBare ? type ?? "" : String(parts.first ?? "")
    let search = isBare ? text[...] : parts.count > 1 ? parts[1] : ""
    guard name != "Subscription" else {
      throw PeerChartError(.invalid, "subscriptions are not subscribed to", place: place)
    }
    let query: SearchQuery
    do throws(PeerChartError) {
      query = try SearchQuery(type: name, parameters: QueryString(parsing: search).named)
    } catch {
      let parameter = error.place.map { " (\($0))" } ?? ""
      throw PeerChartError(.invalid, error.reason + parameter, place: place)
    }
    guard query.options == SearchQuery(type: name, conditions: []).options else {
      throw PeerChartError(
        .invalid, "criteria hold conditions only, nothing about the form of an answer", place: place
      )
    }
    return query
  }
}
