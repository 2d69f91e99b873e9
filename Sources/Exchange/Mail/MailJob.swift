import Identity

/// A mail that waits, or the last one of its kind to an account: there is one of each, so that however much
/// happens, the store does not fill and nobody's mail box does.
struct MailJob: Codable, Sendable {
  /// Seconds between two mails of a kind to one account.
  static let pause: Int64 = 10 * 60
  /// After so long, in seconds, nobody needs to be told any more.
  static let longest: Int64 = 2 * 86_400
  /// How long a mail is left to whoever sends it, in seconds.
  static let lease: Int64 = 120
  private static let longestPause: Int64 = 3600

  var id: String
  var account: AccountID
  var kind: MailKind
  var isWaiting = true
  /// Milliseconds since 1970, as all times here.
  var since: Int64
  var nextAttempt: Int64
  var attempts: Int64 = 0
  var lastSent: Int64 = 0
  /// An address other than the account's own of now.
  var address: String?
  var code: String?

  static func key(_ account: AccountID, _ kind: MailKind) -> [UInt8] {
    account.bytes + Array(kind.rawValue.utf8)
  }

  /// After so many attempts that failed: two seconds, four, eight, up to an hour.
  mutating func postpone(at now: Int64) {
    attempts += 1
    nextAttempt = now + min(Self.longestPause, 1 << min(attempts, 12)) * 1000
  }

  mutating func end(at now: Int64) {
    isWaiting = false
    lastSent = now
    attempts = 0
    address = nil
    code = nil
  }
}
