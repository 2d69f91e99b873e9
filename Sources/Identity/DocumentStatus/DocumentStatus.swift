public import Primitives

/// What an issuer says, at one moment, of a document that it issued (docs/format/document-status.md). It
/// names the document by a salted hash, so that it tells nothing to those who do not hold the document.
public struct DocumentStatus: Sendable, Hashable {
  /// How the document stands.
  public enum State: String, Sendable, CaseIterable, Encodable {
    case good
    /// The issuer put another in its place.
    case superseded
    /// The issuer took it back. Counts more than that it was superseded.
    case revoked
  }

  /// The bytes of a key.
  public static let keyLength = 32

  /// The node that issued the document, and says this.
  public let issuer: NodeID
  /// The document's revocation key (docs/format/anchors.md).
  public let key: [UInt8]
  public let state: State
  /// Since when; nil where it is good.
  public let since: Instant?
  /// Why it was revoked; nil where it was not.
  public let reason: DocumentRevocationReason?
  /// The digest of the document in its place, 32 bytes; nil where it was not superseded.
  public let successor: [UInt8]?
  /// When this was said, by the issuer's clock.
  public let time: Instant
  /// How many entries the issuer's log had when it was last shown to others.
  public let logSize: UInt64

  /// - Throws: `invalid` for a key or digest of another length, or a state that does not go with the rest.
  public init(
    issuer: NodeID, key: [UInt8], state: State, since: Instant? = nil,
    reason: DocumentRevocationReason? = nil, successor: [UInt8]? = nil, logSize: UInt64,
    at time: Instant
  ) throws(PeerChartError) {
    guard key.count == Self.keyLength, successor.map({ $0.count == Self.keyLength }) ?? true,
      (state == .good) == (since == nil), (state == .revoked) == (reason != nil),
      (state == .superseded) == (successor != nil), logSize <= UInt64(Int64.max)
    else {
      throw PeerChartError(.invalid, "the parts of a document's status do not belong together")
    }
    self.issuer = issuer
    self.key = key
    self.state = state
    self.since = since.map { Instant(epochSeconds: $0.epochSeconds) }
    self.reason = reason
    self.successor = successor
    self.time = Instant(epochSeconds: time.epochSeconds)
    self.logSize = logSize
  }
}

/// Why a document was revoked. Raw values are part of the format; none says anything about a person's health.
public enum DocumentRevocationReason: String, Sendable, CaseIterable, Codable {
  case unspecified
  /// It should not have been written, or not so.
  case enteredInError = "entered-in-error"
  /// It is about somebody else than it says.
  case wrongPatient = "wrong-patient"
  /// The consent by which it was given out has ended.
  case consentWithdrawn = "consent-withdrawn"
  /// Somebody else may have had the keys that it was issued with.
  case keyCompromise = "key-compromise"
}
