import FHIR
import Primitives

/// Reads Subscription.channel.
struct SubscriptionChannelReader {
  private static let mostFields = 20
  private static let mostFieldBytes = 8192
  private static let place = "Subscription.channel"

  private let element: JSONValue?

  init(_ element: JSONValue?) { self.element = element }

  func channel() throws -> SubscriptionRequest.Channel {
    let endpoint = element?["endpoint"]
    if let custom = SubscriptionProfile.extensions(
      "backport-channel-type", of: element?["_type"]
    ).first {
      let coding = custom["valueCoding"]
      guard coding?["system"]?.isString(SubscriptionProfile.channelSystem) ?? false,
        coding?["code"]?.isString(SubscriptionProfile.eventStreamChannel) ?? false
      else {
        throw PeerChartError(.invalid, "this channel is not offered", place: custom.pointer)
      }
      guard endpoint == nil else {
        throw PeerChartError(
          .invalid, "who listens to the events of a stream has no endpoint",
          place: "\(Self.place).endpoint")
      }
      return .eventStream
    }
    guard element?["type"]?.isString("rest-hook") ?? false else {
      throw PeerChartError(
        .invalid, "the channels here are rest-hook and, by extension, server-sent-events",
        place: "\(Self.place).type")
    }
    do {
      guard let text = endpoint?.string else {
        throw PeerChartError(.invalid, "a rest-hook needs an endpoint")
      }
      return .restHook(try NotificationEndpoint(text))
    } catch let error as PeerChartError {
      throw PeerChartError(error.code, error.reason, place: "\(Self.place).endpoint")
    }
  }

  /// The header fields, `Name: value`. What governs the connection or the body is ours.
  func fields() throws -> [NotificationField] {
    guard let header = element?["header"] else { return [] }
    let wrong = PeerChartError(
      .invalid, "a header is written Name: value, in visible ASCII, and is not one of HTTP's own",
      place: "\(Self.place).header")
    guard header.count <= Self.mostFields, header.raw.count <= Self.mostFieldBytes else {
      throw PeerChartError(.tooLarge, "there are too many headers", place: wrong.place)
    }
    return try header.elements.map { value in
      guard let text = value.string, let colon = text.firstIndex(of: ":") else { throw wrong }
      let name = text[..<colon]
      let value = text[text.index(after: colon)...].drop { $0 == " " }
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isOfToken),
        value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }),
        !Self.reserved.contains(name.lowercased())
      else { throw wrong }
      return NotificationField(name: String(name), value: String(value))
    }
  }

  func payload(
    isTopicBased: Bool
  ) throws -> (SubscriptionRequest.Format?, SubscriptionRequest.Content) {
    let place = "\(Self.place).payload"
    var format: SubscriptionRequest.Format?
    // R4's own example leaves the payload empty where it wants none.
    if let text = element?["payload"]?.string, !text.isEmpty {
      format = SubscriptionRequest.Format(
        rawValue: String(text.split(separator: ";").first ?? ""))
      guard format != nil else {
        throw PeerChartError(
          .invalid, "payloads are application/fhir+json or application/fhir+xml", place: place)
      }
    }
    let content = SubscriptionProfile.extensions(
      "backport-payload-content", of: element?["_payload"]
    ).first
    guard isTopicBased else {
      guard content == nil else {
        throw PeerChartError(
          .invalid, "how much is said can be chosen with a topic only", place: place)
      }
      return (format, format == nil ? .empty : .fullResource)
    }
    guard let format,
      let word = content?["valueCode"]?.string.flatMap(SubscriptionRequest.Content.init)
    else {
      throw PeerChartError(
        .invalid,
        "with a topic, the payload has a media type, and an extension backport-payload-content: "
          + "empty, id-only or full-resource", place: place)
    }
    return (format, word)
  }

  func number(_ name: String, within range: ClosedRange<Int64>) throws -> Int64? {
    guard let found = SubscriptionProfile.extensions(name, of: element).first else { return nil }
    guard
      let literal = (found["valueUnsignedInt"] ?? found["valuePositiveInt"])?.numberLiteral,
      let number = Int64(literal), range.contains(number)
    else {
      throw PeerChartError(
        .invalid, "a number from \(range.lowerBound) to \(range.upperBound) is expected",
        place: found.pointer)
    }
    return number
  }

  private static let reserved: Set<String> = [
    "connection", "content-encoding", "content-length", "content-type", "expect", "host",
    "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
    "upgrade",
  ]

  private static func isOfToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
