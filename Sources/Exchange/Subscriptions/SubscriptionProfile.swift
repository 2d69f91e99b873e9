import FHIR

/// The names that the guide "Subscriptions R5 Backport" gives to what R4 does not have.
public enum SubscriptionProfile {
  public static let base = "http://hl7.org/fhir/uv/subscriptions-backport/"
  public static let subscription = base + "StructureDefinition/backport-subscription"
  public static let status = base + "StructureDefinition/backport-subscription-status-r4"
  public static let notification =
    base + "StructureDefinition/backport-subscription-notification-r4"
  public static let topicExtension =
    base + "StructureDefinition/capabilitystatement-subscriptiontopic-canonical"

  /// The channel for browsers, which the guide leaves to a coding of ours.
  public static let channelSystem = "urn:peerchart:subscription-channel"
  public static let eventStreamChannel = "server-sent-events"

  /// The extensions of that name that an element has.
  static func extensions(_ name: String, of element: JSONValue?) -> [JSONValue] {
    let url = base + "StructureDefinition/" + name
    return element?["extension"]?.elements.filter { $0["url"]?.isString(url) ?? false } ?? []
  }
}
