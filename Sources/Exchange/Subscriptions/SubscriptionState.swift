import Primitives

/// How far a subscription has come. Kept sealed under the record's key, beside the Subscription, which
/// says what is asked for.
struct SubscriptionState: Codable, Sendable {
  /// The id of the Subscription.
  var id: String
  /// The version of the Subscription that this is about.
  var version: Int64
  var status: SubscriptionRequest.Status
  var subscriber: Subscriber
  /// Whether changes are looked at for it: from the version that says active to the one that ends it.
  var isListening = false
  /// The number of the last event.
  var events: Int64 = 0
  /// The number of the last event that the endpoint has taken, or that it need not be told any more.
  var delivered: Int64 = 0
  /// Calls that failed since the last that did not, and the time of the first of them.
  var failures: Int64 = 0
  var failingSince: Int64?
  /// Milliseconds since 1970, like all times here.
  var nextAttempt: Int64 = 0
  /// Until when the endpoint is somebody's who is calling it.
  var claimedUntil: Int64 = 0
  var lastSent: Int64 = 0
  var plan = Plan()

  /// What of the request says when something is to be done.
  struct Plan: Codable, Sendable {
    /// Whether there is an endpoint to call.
    var isHook = false
    /// Whether the endpoint is asked first whether it wants to be called.
    var shakesHands = false
    /// Seconds.
    var heartbeat: Int64?
    var end: Int64?

    init() {}

    init(_ request: SubscriptionRequest) {
      isHook = !request.isEventStream
      // R4's own form has no notification that an endpoint could tell from an event.
      shakesHands = isHook && request.topic != nil
      heartbeat = isHook && request.topic != nil ? request.heartbeat : nil
      end = request.end?.millisecondsSinceEpoch
    }
  }

  init(id: String, version: Int64, status: SubscriptionRequest.Status, subscriber: Subscriber) {
    self.id = id
    self.version = version
    self.status = status
    self.subscriber = subscriber
  }

  /// Whether its endpoint is told of events, now or once it can be reached again.
  var isAlive: Bool { status == .active || status == .error && isListening }
}

extension SubscriptionState {
  /// What is to be done for a subscription.
  enum Task: Sendable { case handshake, activate, end, events, heartbeat }

  /// What is to be done next, and when; nil for nothing.
  var next: (task: Task, at: Int64)? {
    var tasks: [(task: Task, at: Int64)] = []
    if isAlive || status == .requested, let end = plan.end { tasks.append((.end, end)) }
    if status == .requested {
      tasks.append((plan.shakesHands ? .handshake : .activate, nextAttempt))
    }
    if isAlive, plan.isHook {
      if events > delivered { tasks.append((.events, nextAttempt)) }
      if let heartbeat = plan.heartbeat {
        tasks.append(
          (
            .heartbeat,
            status == .error ? nextAttempt : max(nextAttempt, lastSent + heartbeat * 1000)
          )
        )
      }
    }
    return tasks.min { $0.at < $1.at }.map { ($0.task, max($0.at, claimedUntil)) }
  }
}

/// An event of a subscription: which version of which record, not what it says.
struct SubscriptionEvent: Codable, Sendable {
  enum Trigger: String, Codable, Sendable { case create, update, delete }

  /// Of the record, in hexadecimal.
  var key: String
  var version: Int64
  var trigger: Trigger
  /// When the version was stored.
  var at: Int64

  /// As many events are kept for `$events` and for an endpoint that cannot be reached.
  static let mostKept: Int64 = 1000
  /// For as long, in milliseconds.
  static let keptFor: Int64 = 7 * 86_400_000

  /// Where an event is kept: behind the subscription's key, in the order of the numbers.
  static func key(_ subscription: RecordKey, _ number: Int64) -> [UInt8] {
    var writer = ByteWriter()
    writer.append(raw: subscription.bytes)
    writer.append(number)
    return writer.bytes
  }

  static func number(ofKey key: [UInt8]) -> Int64? {
    var reader = ByteReader(Array(key.suffix(8)))
    return try? reader.read(Int64.self)
  }
}

/// Up to where changes have been looked at. A row's number is the store's own affair, so the version is
/// named as well: after a move to another store it is found by that.
struct FeedPosition: Codable, Sendable {
  var row: Int64
  /// Of the record, in hexadecimal.
  var key: String
  var version: Int64

  static let itemKey = Array("feed".utf8)

  init(_ row: VersionRow) {
    self.row = row.row
    key = Hex.encode(row.key.bytes)
    version = row.number
  }

  /// The row behind which to go on.
  func row(in snapshot: any StoreSnapshot) throws -> Int64 {
    guard let key = Hex.decode(key).map(RecordKey.init) else { return row }
    if let found = try snapshot.version(row: row), found.key == key, found.number == version {
      return row
    }
    guard let moved = try snapshot.version(of: key, number: version) else {
      throw PeerChartError(.integrity, "the version up to which changes were followed is gone")
    }
    return moved.row
  }
}
