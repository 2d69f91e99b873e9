import FHIR

/// A topic that this node has: what happens, to be narrowed by a subscription's filters.
///
/// R4 has no resource for topics; they are named in the capability statement.
public struct SubscriptionTopic: Sendable {
  /// The canonical URL.
  public let url: String
  public let title: String
  /// The only type that it is about; nil where the filters name the types.
  let type: String?
  /// What a record comes to fulfil with the change that is an event; nil where every change is one.
  let transition: SearchQuery?

  /// All topics.
  public static let all = [
    SubscriptionTopic(
      url: "urn:peerchart:subscription-topic:resource-changed",
      title: "A resource of a type was created, updated or deleted", type: nil, transition: nil),
    encounter("encounter-start", "An encounter has begun", status: "in-progress"),
    encounter("encounter-end", "An encounter has ended", status: "finished"),
  ]

  private static func encounter(
    _ name: String, _ title: String, status: String
  ) -> SubscriptionTopic {
    SubscriptionTopic(
      url: "urn:peerchart:subscription-topic:" + name, title: title, type: "Encounter",
      transition: try? SearchQuery(type: "Encounter", parameters: [(name: "status", value: status)])
    )
  }

  /// The topic of that canonical URL, with a version or without.
  static func named(_ url: String) -> SubscriptionTopic? {
    let bare = url.split(separator: "|", maxSplits: 1).first ?? ""
    return all.first { $0.url == bare }
  }
}
