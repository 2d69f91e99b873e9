import Consent
import FHIR
import Identity
import Primitives

/// Events of a subscription whose records are for its subscriber now.
struct FoundEvents {
  private(set) var events: [(number: Int64, event: SubscriptionEvent)] = []
  private(set) var records: [FoundRecord] = []
  /// The number of the last that was looked at.
  var last: Int64

  init(last: Int64) { self.last = last }

  mutating func add(_ number: Int64, _ event: SubscriptionEvent, _ record: FoundRecord) {
    events.append((number, event))
    records.append(record)
  }

  /// What may be said of them.
  func messages() throws -> [NotificationMessage.Event] {
    try zip(events, records).map { event, found in
      let released = try found.release()
      return NotificationMessage.Event(
        number: event.number, at: Instant(millisecondsSinceEpoch: event.event.at),
        trigger: event.event.trigger, type: released.type, id: released.id, json: released.json)
    }
  }
}

extension Exchange {
  /// The events behind a number, decided about as of now.
  ///
  /// - Parameter limit: how many are looked at.
  func events(
    of subscription: RecordKey, after number: Int64, until end: Int64 = .max, limit: Int,
    _ reading: Reading
  ) throws -> FoundEvents {
    var found = FoundEvents(last: number)
    let items = try reading.snapshot.items(
      .subscriptionEvent, prefix: subscription.bytes,
      after: SubscriptionEvent.key(subscription, max(0, number)), limit: limit)
    let oldest = reading.time.millisecondsSinceEpoch - SubscriptionEvent.keptFor
    for (itemKey, sealed) in items {
      guard let number = SubscriptionEvent.number(ofKey: itemKey), number <= end else { break }
      found.last = number
      let event: SubscriptionEvent = try decode(sealed, .subscriptionEvent, itemKey)
      guard event.at >= oldest, let key = Hex.decode(event.key).map(RecordKey.init),
        let row = try reading.snapshot.version(of: key, number: event.version)
      else { continue }
      guard let visible = try reading.visible(row, for: .search, scope: .search) else { continue }
      found.add(number, event, visible)
    }
    return found
  }
}
