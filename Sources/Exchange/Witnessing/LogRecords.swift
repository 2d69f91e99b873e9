import Foundation
import Primitives
import TransparencyLog

/// A paired node's log as this one follows it, under the node's id.
///
/// It is kept in the transaction before the cosignature goes out, and is no entry of this node's log.
struct WitnessedLogRecord: Codable, Sendable {
  /// The latest checkpoint that was cosigned, with the log's signature only; nil for none.
  var latest: String?
  /// When the node last showed what fits, in milliseconds since 1970.
  var seenAt: Int64
  /// A checkpoint that the log has signed and that did not fit: to be looked into.
  var doubt: String?
  var alarm: Alarm?
  /// Since when people have been told that nothing comes; nil while something does.
  var silentSince: Int64?

  struct Alarm: Codable, Sendable {
    /// The evidence, by its id.
    var evidence: String
    var at: Int64
    /// Whether the log's own signatures prove it. Until then more is looked for.
    var isProven: Bool
    /// When the log went on from what had been seen; nil while it does not.
    var endedAt: Int64?
  }

  /// Whether people have been told, and the log has not gone on since from what had been seen.
  var isAstray: Bool { alarm.map { $0.endedAt == nil } ?? false }

  func signed() throws -> SignedCheckpoint? {
    try latest.map { try SignedCheckpoint(parsing: Array($0.utf8)) }
  }
}

/// This node's own log as others see it.
struct OwnLogRecord: Codable, Sendable {
  static let key = Array("log".utf8)

  /// The checkpoint that witnesses are asked to cosign.
  var candidate: String?
  /// The newest that satisfied the policy, with its cosignatures: what is served.
  var published: String?
  var publishedAt: Int64?
  /// By verifier key.
  var witnesses: [String: Standing] = [:]

  /// How a witness stands to this log.
  struct Standing: Codable, Sendable {
    /// The size of the last tree that it cosigned; 0 for none.
    var size: UInt64 = 0
    /// When, by its own clock: seconds since 1970.
    var time: UInt64 = 0
    /// Its signature line for `candidate`, or an earlier one: it counts where it verifies.
    var line: String?
    /// What came of the last attempt.
    var state = State.waiting
    var stateAt: Int64 = 0
  }

  enum State: String, Codable, Sendable {
    case waiting
    case cosigned
    /// It could not be reached, or answered what no witness answers.
    case unreachable
    /// It does not follow this log.
    case unknown
    /// It has seen another history of this log.
    case refused
  }

  func signedCandidate() throws -> SignedCheckpoint? {
    try candidate.map { try SignedCheckpoint(parsing: Array($0.utf8)) }
  }

  func signedPublished() throws -> SignedCheckpoint? {
    try published.map { try SignedCheckpoint(parsing: Array($0.utf8)) }
  }
}

/// Which witnesses are asked besides the paired nodes, and how many cosignatures are wanted.
struct LogWitnessesRecord: Codable, Sendable {
  static let key = Array("witnesses".utf8)

  /// How many; nil for one, where there is a witness at all.
  var need: Int?
  var others: [Other] = []

  struct Other: Codable, Sendable {
    var name: String
    var verifierKey: String
    var url: String
  }
}

/// The evidence that a log has two histories.
struct LogEvidenceRecord: Codable, Sendable {
  var id: String
  /// The node whose log it is.
  var node: String
  var at: Int64
  var view: SplitView
}

/// Something that is wrong with a log, for the node's own log of messages. Says nothing about anybody's
/// health.
public struct LogAlarm: Sendable, Equatable {
  /// What is wrong.
  public enum Kind: String, Sendable {
    /// A paired node's log has two histories.
    case forked
    /// A paired node has not shown its log for long.
    case silent
    /// A witness refuses this node's own log.
    case refused
  }

  public let kind: Kind
  /// The paired node: whose log it is, or the witness that refuses. Else the name of the witness.
  public let node: String
}
