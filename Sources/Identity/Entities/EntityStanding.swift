public import Primitives

/// What is known of the entity that a node is of, at some time, by the word of accreditors that is taken here.
public struct EntityStanding: Sendable, Hashable {
  /// The states, from the one that counts least where accreditors do not agree.
  public enum State: String, Sendable, CaseIterable, Comparable, Encodable {
    /// Nobody whose word is taken says anything.
    case unknown
    /// The accreditation has run out.
    case expired
    case accredited
    /// The organization goes on under other keys.
    case replaced
    case suspended
    case revoked

    public static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  public var state: State
  /// Since when; nil for `unknown`.
  public var since: Instant?
  /// Whose word it is: the name under which the accreditor's key was taken.
  public var accreditor: String?
  /// The organization, also where it is accredited no more; nil where that is not known.
  public var credential: EntityCredential?
  /// When the statement was signed that the credential is from.
  public var accreditedSince: Instant?
  /// Of what is suspended or revoked.
  public var reason: EntityReason?
  /// Of what is replaced: under which node's keys the organization goes on.
  public var successor: NodeID?
  /// The date of the newest knowledge: of the accreditor's newest statement, or when it was last asked.
  public var knownAt: Instant?
  /// Whether that is as new as the policy for this accreditor wants.
  public var isFresh: Bool

  /// A node of which nobody says anything.
  public static let unknown = EntityStanding(.unknown)

  public init(_ state: State) {
    self.state = state
    isFresh = true
  }

  /// Whether the organization may be shown as verified.
  public var isVerified: Bool { state == .accredited && isFresh }

  /// One standing of those that several accreditors give: what withdraws counts more than what accredits.
  public static func combined(_ standings: some Sequence<EntityStanding>) -> EntityStanding {
    let ordered = standings.sorted { $0.precedes($1) }
    guard var first = ordered.first else { return .unknown }
    guard first.credential == nil,
      let known = ordered.first(where: { $0.credential != nil })
    else { return first }
    // Who warns need not be who has accredited.
    first.credential = known.credential
    first.accreditedSince = known.accreditedSince
    return first
  }

  private func precedes(_ other: EntityStanding) -> Bool {
    if state != other.state { return state > other.state }
    if isFresh != other.isFresh { return isFresh }
    // Of two withdrawals the earlier counts, of two accreditations the longer.
    if state > .accredited, since != other.since {
      return since ?? .distantFuture < other.since ?? .distantFuture
    }
    let (own, others) = (credential?.expires, other.credential?.expires)
    if own != others { return own ?? .distantPast > others ?? .distantPast }
    return accreditor ?? "" < other.accreditor ?? ""
  }
}

extension Instant {
  fileprivate static let distantPast = Instant(millisecondsSinceEpoch: .min)
  fileprivate static let distantFuture = Instant(millisecondsSinceEpoch: .max)
}
