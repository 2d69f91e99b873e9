import Crypto
public import Primitives

/// What is anchored: the text of a checkpoint, without its signatures, because those may grow.
public struct LogAnchorSubject: Hashable, Sendable {
  public let checkpoint: Checkpoint

  public init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  /// The bytes that calendars and authorities stamp: origin, size and root, each on a line.
  public var text: [UInt8] { Array(checkpoint.text.utf8) }

  /// SHA-256 over them.
  public var digest: Hash { Hash(SHA256.hash(data: text)) }

  /// How a registry names the log.
  public var logID: Hash { AnchorRegistry.logID(origin: checkpoint.origin) }
}

/// How far an anchor has come.
public enum LogAnchorState: String, Codable, CaseIterable, Sendable {
  /// It is under way: intended, sent, or taken by a calendar that has not written it down for good.
  case pending
  /// It is in a block that may still be replaced, or in one that nobody here has looked at.
  case included
  /// It will not go away by itself.
  case final
  /// It will not come to be; `reason` says why.
  case failed
}

/// The kinds of places to which anchors go.
public enum LogAnchorKind: String, Codable, CaseIterable, Sendable {
  /// A registry on a chain of the Ethereum kind.
  case chain
  /// OpenTimestamps calendars, and through them Bitcoin.
  case calendar
  /// An authority of RFC 3161.
  case authority
}

/// What is known of one anchor, for people, programs and whoever verifies a proof.
public struct LogAnchorFinding: Sendable, Hashable, Codable {
  public let kind: LogAnchorKind
  /// Where it is: `eip155:1` (CAIP-2), `bitcoin`, or the authority's name.
  public let place: String
  /// The number of entries under the anchored root.
  public let size: UInt64
  public let state: LogAnchorState
  /// How many blocks confirm it, its own included; nil where blocks mean nothing, or are not known.
  public let depth: UInt64?
  /// When it was there at the latest, by the place's own clock.
  public let time: Instant?
  /// Why it failed, or what it waits for.
  public let reason: String?

  public init(
    kind: LogAnchorKind, place: String, size: UInt64, state: LogAnchorState, depth: UInt64? = nil,
    time: Instant? = nil, reason: String? = nil
  ) {
    self.kind = kind
    self.place = place
    self.size = size
    self.state = state
    self.depth = depth
    self.time = time
    self.reason = reason
  }
}
