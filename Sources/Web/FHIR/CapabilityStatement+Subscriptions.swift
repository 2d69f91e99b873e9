import Exchange
import FHIR

extension CapabilityStatement {
  /// What is to be said of subscriptions: the topics, as the guide "Subscriptions R5 Backport" has them
  /// found in R4, and the channels.
  static func subscriptionMembers(of type: String) -> [(String, JSONTree)] {
    guard type == "Subscription" else { return [] }
    let topics: [JSONTree] = SubscriptionTopic.all.map {
      ["url": .string(SubscriptionProfile.topicExtension), "valueCanonical": .string($0.url)]
    }
    return [
      ("extension", .array(topics)),
      ("supportedProfile", [.string(SubscriptionProfile.subscription)]),
      (
        "documentation",
        .string(
          "Criteria of R4 or topics; rest-hook, or server-sent events from $events "
            + "(Accept: text/event-stream). Content: empty, id-only, full-resource.")
      ),
    ]
  }
}
