import Foundation
import Primitives
import TransparencyLog

/// One anchor on its way, or arrived. A record is written before anything is sent, and never forgets what was
/// sent: that is why a restart neither loses nor doubles an anchor.
struct LogAnchorRecord: Codable, Sendable {
  /// What is anchored.
  enum Subject: Codable, Sendable {
    /// The checkpoint's text, and its size.
    case checkpoint(text: String)
    /// The registry itself.
    case deployment
    case revocation(key: Data, salt: Data)
  }

  /// A signed transaction that was, or is about to be, sent.
  struct Transaction: Codable, Sendable {
    var nonce: UInt64
    var feeCap: UInt64
    var tip: UInt64
    var gasLimit: UInt64
    var raw: Data
    var name: Data
  }

  /// The block that it is in.
  struct Block: Codable, Sendable {
    var number: UInt64
    var hash: Data
    var transaction: Data
    var gasUsed: UInt64
    /// Wei for all of it; nil where the node does not say.
    var fee: UInt64?
  }

  let place: String
  let subject: Subject
  /// The checkpoint's size; for other things, when they were asked for.
  let number: Int64
  let createdAt: Int64
  var state = LogAnchorState.pending
  var nextAttempt: Int64
  var attempts: Int64 = 0
  var reason: String?
  /// By the place's clock, in milliseconds since 1970.
  var time: Int64?
  var depth: UInt64?
  /// Whether there is nothing more to do, now or later.
  var isSettled = false

  /// Every transaction that was made for it, the newest last: any of them may be the one that arrives.
  var transactions: [Transaction] = []
  var block: Block?
  /// Bytes that make a request this one: of a calendar's message, of a time-stamp.
  var nonce: Data?
  /// A `.ots` file, or a token of RFC 3161.
  var proof: Data?

  init(place: String, subject: Subject, number: Int64, at time: Int64) {
    self.place = place
    self.subject = subject
    self.number = number
    createdAt = time
    nextAttempt = time
  }

  /// The checkpoint; nil for other things.
  var checkpoint: LogAnchorSubject? {
    guard case .checkpoint(let text) = subject,
      let checkpoint = try? Checkpoint(parsing: text)
    else { return nil }
    return LogAnchorSubject(checkpoint)
  }

  // MARK: Where it is kept

  static func prefix(_ place: String, settled: Bool) -> [UInt8] {
    Array(place.utf8) + [0, settled ? 1 : 0]
  }

  /// The place, whether it is settled, what it is, and its number.
  func key(settled: Bool) -> [UInt8] {
    let kind: UInt8 =
      switch subject {
      case .deployment: 0
      case .checkpoint: 1
      case .revocation: 2
      }
    return Self.prefix(place, settled: settled) + [kind]
      + withUnsafeBytes(of: number.bigEndian, Array.init)
  }

  /// Of the settled anchors of checkpoints.
  static func checkpointPrefix(_ place: String) -> [UInt8] { prefix(place, settled: true) + [1] }

  /// Behind this key are those over more entries than `size`.
  static func checkpointKey(_ place: String, size: UInt64) -> [UInt8] {
    checkpointPrefix(place) + withUnsafeBytes(of: Int64(clamping: size).bigEndian, Array.init)
  }

  // MARK: How it goes on

  /// It is to be looked at again in so many seconds, and that is as it should be.
  mutating func wait(_ seconds: Int64, at now: Int64, _ reason: String? = nil) {
    attempts = 0
    self.reason = reason
    nextAttempt = now + seconds * 1000
  }

  /// Something did not work: two seconds, four, eight, up to an hour.
  mutating func postpone(at now: Int64, _ reason: String) {
    attempts = min(attempts + 1, 1000)
    self.reason = reason
    nextAttempt = now + min(3600, 1 << min(attempts, 12)) * 1000
  }

  /// Settles it.
  mutating func settle(_ state: LogAnchorState, _ reason: String? = nil) {
    self.state = state
    self.reason = reason
    isSettled = true
  }
}

/// How far anchors to a place have come. Not in the log, because writing it there would make a new checkpoint.
struct AnchorTurn: Codable, Sendable {
  /// When the newest was asked for, in milliseconds since 1970.
  var createdAt: Int64 = 0
  /// Its size.
  var size: Int64 = 0
  /// The registry that was deployed from here.
  var registry: EthereumAddress?
}
