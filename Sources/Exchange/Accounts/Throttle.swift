import Identity
import Primitives
import Synchronization
import Vault

/// Something that may be tried only so often.
struct Try: Sendable {
  let name: String
  let size: TokenBucket.Size

  /// Signing in, from one network address.
  static func address(_ address: String?) -> Try {
    Try(
      name: "address/\(address.map(Self.network) ?? "-")",
      size: .init(capacity: 20, everySeconds: 30))
  }

  /// Signing in to one account from devices that have never signed in to it: however often strangers try,
  /// its owner's own devices do not wait for it.
  static func stranger(_ login: LoginName) -> Try {
    Try(name: "login/\(login.text)", size: .init(capacity: 10, everySeconds: 60))
  }

  /// Signing in from a device that has signed in before.
  static func device(_ id: String) -> Try {
    Try(name: "device/\(id)", size: .init(capacity: 10, everySeconds: 60))
  }

  /// Second factors of one account, behind its password.
  static func secondFactor(_ account: AccountID) -> Try {
    Try(name: "factor/\(account)", size: .init(capacity: 5, everySeconds: 60))
  }

  /// Codes to mail addresses that one account names: nobody's mail box is filled from here.
  static func mail(_ account: AccountID) -> Try {
    Try(name: "mail/\(account)", size: .init(capacity: 5, everySeconds: 600))
  }

  /// IPv6 addresses of one network count as one: a household has 2^64 of them.
  private static func network(_ address: String) -> String {
    IPAddress(address).map { Hex.encode($0.network) } ?? "-"
  }
}

/// Who has to wait, remembered so that somebody who tries ten thousand times costs nothing.
final class WaitingList: Sendable {
  private static let capacity = 8192
  private let until = Mutex<[String: Int64]>([:])

  /// How many seconds somebody still has to wait; nil for nobody who has to.
  func waits(_ name: String, at time: Int64) -> Int64? {
    until.withLock { list in
      list[name].flatMap { $0 > time ? max(1, ($0 - time) / 1000) : nil }
    }
  }

  func note(_ name: String, until time: Int64) {
    until.withLock { list in
      if list.count >= Self.capacity { list.removeAll() }
      list[name] = time
    }
  }
}

extension Exchange {
  /// Counts a try against all of its limits, durably and for all instances, before it is made.
  ///
  /// - Throws: `too-many-requests` where one of them is used up.
  func count(_ tries: [Try]) async throws {
    let now = clock.now().millisecondsSinceEpoch
    let usedUp = Mutex<(name: String, until: Int64)?>(nil)
    for one in tries {
      if let seconds = waiting.waits(one.name, at: now) { throw Self.tooManyTries(seconds) }
    }
    do {
      try await store.write { [self] transaction in
        for one in tries {
          let key = throttleKey(one)
          var bucket =
            try item(.throttle, key, as: TokenBucket.self, in: transaction)
            ?? TokenBucket(one.size, at: now)
          if let seconds = bucket.take(one.size, at: now) {
            usedUp.withLock { $0 = (one.name, now + seconds * 1000) }
            throw Self.tooManyTries(seconds)
          }
          try transaction.putItem(.throttle, key: key, sealed: sealedItem(.throttle, key, bucket))
        }
      }
    } catch {
      if let used = usedUp.withLock({ $0 }) { waiting.note(used.name, until: used.until) }
      throw error
    }
  }

  /// What was tried was right: it does not count.
  func forgive(_ tries: [Try], _ transaction: any StoreTransaction) throws {
    for one in tries {
      let key = throttleKey(one)
      guard var bucket: TokenBucket = try item(.throttle, key, in: transaction) else { continue }
      bucket.give(one.size)
      try transaction.putItem(.throttle, key: key, sealed: sealedItem(.throttle, key, bucket))
    }
  }

  private func throttleKey(_ one: Try) -> [UInt8] {
    keys.index.recordKey(type: "throttle", id: one.name)
  }

  private static func tooManyTries(_ seconds: Int64) -> PeerChartError {
    PeerChartError(
      .tooManyRequests, "too many attempts; wait a minute and try again",
      cause: WaitingTime(seconds: seconds))
  }
}
