/// What verifying something found: the one result of documents, entries of a log, grants, revocations and
/// health cards, for people (`sentence`, the texts) and for programs (its JSON, docs/design/verification.md).
public struct Verification: Sendable {
  /// What was verified.
  public enum Kind: String, Sendable, Encodable, CaseIterable {
    case document, entry, grant, revocation, checkpoint
    case healthCard = "health-card"
  }

  public let kind: Kind
  /// What is known of it; nil where it does not say, or cannot be told without opening it.
  public var digest: String?
  /// The issuer's name for programs: of a node its id.
  public var issuer: String?
  /// The name under which this node knows the issuer.
  public var issuerName: String?
  public var subject: String?
  public var documentType: String?
  public var mediaType: String?
  /// When it was made, by its issuer's clock.
  public var created: String?
  /// Bytes.
  public var contentLength: UInt64?
  /// When it was revoked or superseded, by its issuer's clock; nil where it was not.
  public var since: String?
  /// In the order in which people read them; each name once.
  public private(set) var checks: [Check] = []

  public init(_ kind: Kind) { self.kind = kind }

  /// Adds what came of one check; a later one of the same name takes the earlier one's place.
  public mutating func add(_ check: Check) {
    if let place = checks.firstIndex(where: { $0.name == check.name }) {
      checks[place] = check
    } else {
      checks.append(check)
    }
  }

  /// The check of that name, if it was made.
  public subscript(name: Check.Name) -> Check? { checks.first { $0.name == name } }

  /// Whether all that is required holds, and nobody took it back.
  public var isVerified: Bool { verdict == .verified }

  /// What it comes to.
  public var verdict: Verdict {
    let failed = checks.filter { $0.state == .fails }
    let takenBack: Set<Check.Name> = [.revocation, .supersession]
    if failed.contains(where: { $0.required && !takenBack.contains($0.name) }) {
      return .notVerified
    }
    if failed.contains(where: { $0.name == .revocation }) { return .revoked }
    if failed.contains(where: { $0.name == .supersession }) { return .superseded }
    if checks.isEmpty || checks.contains(where: { $0.required && $0.state == .unknown }) {
      return .unknown
    }
    return .verified
  }
}

extension Verification {
  /// One word for it all.
  public enum Verdict: String, Sendable, Encodable, CaseIterable {
    /// All that is required holds.
    case verified
    /// Something required does not hold.
    case notVerified = "not-verified"
    /// Nothing required fails, but something required cannot be known here.
    case unknown
    /// It is what it says, and its issuer took it back.
    case revoked
    /// It is what it says, and its issuer put another in its place.
    case superseded
  }

  /// One thing that was checked.
  public struct Check: Sendable, Encodable {
    /// What is checked; the JSON has the raw values.
    public enum Name: String, Sendable, Encodable, CaseIterable {
      /// That it can be read and is whole.
      case opens
      /// That every bit is what was signed.
      case signature
      /// That the signer is who it says.
      case issuer
      /// That somebody whose word is taken here vouched for the issuer when it signed.
      case accreditation
      /// That it is in the issuer's log.
      case inclusion
      /// Which other nodes saw that log.
      case witnesses
      /// Where the log's state is anchored outside.
      case anchors
      /// Whether the issuer took it back.
      case revocation
      /// Whether the issuer put another in its place.
      case supersession
    }

    /// What came of one check.
    public enum State: String, Sendable, Encodable, CaseIterable { case holds, fails, unknown }

    public let name: Name
    public let state: State
    /// For people: what was found, or why it cannot be told. A sentence, without health information.
    public let text: String
    /// Whether the verdict needs this to hold.
    public let required: Bool
    /// Which of the reasons for this state it is, for programs and for words in other languages; nil where
    /// there is but one.
    public let code: String?

    public init(
      _ name: Name, _ state: State, _ text: String, required: Bool, code: String? = nil
    ) {
      self.name = name
      self.state = state
      self.text = text
      self.required = required
      self.code = code
    }
  }
}
