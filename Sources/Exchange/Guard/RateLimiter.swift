import Identity
public import Primitives
import Synchronization
import Vault

/// The buckets of this process. A request costs one lock, of sixteen, and no look at the store: what many
/// instances share is settled now and then (`Exchange.settleRates`).
final class RateLimiter: Sendable {
  /// Of each of the sixteen parts. Beyond it those go that are full anyway, then all.
  private static let capacity = 4096

  private final class Part: Sendable {
    let buckets = Mutex<[RateSubject: RequestBucket]>([:])
  }

  private let parts = (0..<16).map { _ in Part() }
  private let settings = Mutex(RequestRates())

  var rates: RequestRates {
    get { settings.withLock { $0 } }
    set { settings.withLock { $0 = newValue } }
  }

  /// Takes one request. Returns nil, or how many seconds there are to wait.
  func take(_ subject: RateSubject, at time: Int64) -> Int64? {
    guard let rate = subject.rate(rates) else { return nil }
    return part(of: subject).buckets.withLock { buckets in
      if buckets.count >= Self.capacity, buckets[subject] == nil {
        buckets = buckets.filter { !$0.value.isIdle($0.key.rate(rates) ?? rate, at: time) }
        if buckets.count >= Self.capacity { buckets.removeAll() }
      }
      return buckets[subject, default: RequestBucket(rate, at: time)].take(rate, at: time)
    }
  }

  /// Whose buckets are so empty that other instances must know, and what they took.
  func busy() -> [(subject: RateSubject, rate: RequestRate, taken: Int64)] {
    let rates = rates
    return parts.flatMap { part in
      part.buckets.withLock { buckets in
        buckets.compactMap { subject, bucket in
          guard let rate = subject.rate(rates), bucket.isBusy(rate) else { return nil }
          return (subject, rate, bucket.taken)
        }
      }
    }
  }

  func settle(_ subject: RateSubject, taken: Int64, left: Int64, at time: Int64) {
    part(of: subject).buckets.withLock {
      $0[subject]?.settle(taken: taken, left: left, at: time)
    }
  }

  private func part(of subject: RateSubject) -> Part {
    parts[Int(UInt(bitPattern: subject.hashValue) % UInt(parts.count))]
  }
}

/// How long to wait, beside a `too-many-requests`.
public struct WaitingTime: Error, Sendable {
  public let seconds: Int64
}

extension Exchange {
  /// Says how many requests are taken of whom.
  public func limit(_ rates: RequestRates) { rateLimiter.rates = rates }

  /// Counts a request behind which nobody is known.
  ///
  /// - Parameter device: the ticket of a browser that has signed in here before: it is counted by itself, and
  ///   whoever floods its address does not keep it out.
  /// - Throws: `too-many-requests`, with a `WaitingTime`.
  public func countStranger(
    at address: String?, device: Redacted<String>? = nil
  ) throws(PeerChartError) {
    if let known = device.flatMap({ try? open($0, .device) }) {
      return try count(.device(known.id))
    }
    try count(RateSubject(address: address))
  }

  /// Counts a request of somebody who was recognised.
  func count(_ subject: RateSubject?) throws(PeerChartError) {
    guard let subject,
      let seconds = rateLimiter.take(subject, at: clock.now().millisecondsSinceEpoch)
    else { return }
    throw PeerChartError(
      .tooManyRequests, "too many requests; wait \(seconds) seconds and go on more slowly",
      cause: WaitingTime(seconds: seconds))
  }

  /// The second look at whoever was recognised: neither too often, nor from the wrong place.
  ///
  /// - Throws: `too-many-requests`, `forbidden`.
  func admitted(_ caller: Caller) async throws -> Caller {
    try count(RateSubject(caller))
    try await requirePlaceAndTime(caller)
    return caller
  }

  /// Puts down in the store what this instance let through of those who ask for much, and learns what the
  /// others did. Whoever asks for little is nobody's business.
  ///
  /// - Returns: milliseconds until it is worth doing again.
  public func settleRates() async throws -> Int64? {
    for (subject, rate, taken) in rateLimiter.busy() {
      let key = keys.index.recordKey(type: "rate", id: subject.name)
      let now = clock.now().millisecondsSinceEpoch
      let left = try await store.write { [self] transaction in
        var bucket =
          try item(.throttle, key, as: TokenBucket.self, in: transaction)
          ?? TokenBucket(rate, at: now)
        let left = bucket.putDown(taken, rate, at: now)
        try transaction.putItem(.throttle, key: key, sealed: sealedItem(.throttle, key, bucket))
        return left
      }
      rateLimiter.settle(subject, taken: taken, left: left, at: now)
    }
    return 1000
  }
}
