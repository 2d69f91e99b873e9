public import Primitives

/// One of the statements that an accreditor makes about an entity, by its node (docs/format/accreditation.md): a
/// JWS in its compact form. They are numbered for each node, so that an old one cannot pass for the newest.
public struct EntityStatement: Sendable, Hashable {
  /// Bytes of one.
  public static let longest = 4096
  /// The highest number.
  public static let highest: Int64 = (1 << 53) - 1

  /// What is said.
  public enum Word: Sendable, Hashable {
    /// The node is of that organization. Also renews, and corrects.
    case issued(EntityCredential)
    /// The accreditation is not to be relied on for now.
    case suspended(EntityReason)
    /// It is again.
    case reinstated
    /// It ends for good: nothing that follows brings it back to this node.
    case revoked(EntityReason)
    /// The organization goes on under another node's keys; this node's are not its any more.
    case rotated(to: NodeID)

    /// The member `status`.
    public var status: Status {
      switch self {
      case .issued: .issued
      case .suspended: .suspended
      case .reinstated: .reinstated
      case .revoked: .revoked
      case .rotated: .rotated
      }
    }
  }

  /// The kinds of statements. Raw values are part of the format.
  public enum Status: String, Sendable, CaseIterable, Encodable {
    case issued, suspended, reinstated, revoked, rotated
  }

  /// The node that it is about, by the hash of its keys.
  public let node: NodeID
  /// 1 for the accreditor's first statement about the node.
  public let sequence: Int64
  public let word: Word
  /// When it was signed.
  public let issued: Instant
  /// Since when it counts: not after `issued`, and before it only for what withdraws.
  public let effective: Instant

  /// Whether it ends the accreditation of the node for good.
  public var isFinal: Bool { word.status == .revoked || word.status == .rotated }

  /// - Parameter effective: nil for now.
  /// - Throws: `invalid` for a number, a lifetime or a time that a statement cannot have.
  public init(
    about node: NodeID, sequence: Int64, _ word: Word, effective: Instant? = nil, at now: Instant
  ) throws {
    let issued = Instant(epochSeconds: now.epochSeconds)
    let effective = effective.map { Instant(epochSeconds: $0.epochSeconds) } ?? issued
    guard (1...Self.highest).contains(sequence) else {
      throw PeerChartError(.invalid, "these are more statements than can be numbered")
    }
    try Self.check(word, about: node, issued: issued, effective: effective, .invalid)
    self.node = node
    self.sequence = sequence
    self.word = word
    self.issued = issued
    self.effective = effective
  }

  init(
    reading node: NodeID, sequence: Int64, _ word: Word, issued: Instant, effective: Instant
  ) throws {
    try Self.check(word, about: node, issued: issued, effective: effective, .malformed)
    self.node = node
    self.sequence = sequence
    self.word = word
    self.issued = issued
    self.effective = effective
  }

  private static func check(
    _ word: Word, about node: NodeID, issued: Instant, effective: Instant,
    _ code: PeerChartError.Code
  ) throws {
    guard effective <= issued, effective.millisecondsSinceEpoch >= 0 else {
      throw PeerChartError(
        code, "a statement counts from its own time at the latest", place: "from")
    }
    switch word {
    case .issued(let credential):
      let longest = issued.adding(seconds: EntityCredential.longestLifetime)
      guard issued < credential.expires, credential.expires <= longest else {
        throw PeerChartError(code, "a statement holds for three years at most", place: "exp")
      }
      guard effective == issued else { throw backdated(code) }
    case .reinstated: guard effective == issued else { throw backdated(code) }
    case .rotated(let successor):
      guard successor != node else {
        throw PeerChartError(code, "keys are replaced by other keys", place: "successor")
      }
    case .suspended, .revoked: break
    }
  }

  private static func backdated(_ code: PeerChartError.Code) -> PeerChartError {
    PeerChartError(code, "only what withdraws counts from an earlier time", place: "from")
  }
}
