public import Primitives

/// What verifying one card found: who issued it, what is wrong and why, and what could not be checked.
public struct HealthCardVerification: Sendable {
  /// What came of one step.
  public enum State: String, Sendable, Encodable { case holds, fails, unknown }

  /// The steps, in the order in which they are taken.
  public enum Step: String, CaseIterable, Sendable, Encodable {
    /// The text is a card.
    case form
    /// This verifier trusts the issuer.
    case issuer
    /// The issuer signed it, to the bit.
    case signature
    /// It is good now.
    case time
    /// What it says follows the rules of cards.
    case content
    /// Its issuer has not taken it back.
    case revocation
  }

  /// One step.
  public struct Check: Sendable, Encodable {
    public let step: Step
    public let state: State
    /// A sentence for people.
    public let text: String
    /// What it rests on; warnings are here too.
    public let findings: [HealthCardFinding]
  }

  /// The whole in one word.
  public enum Verdict: String, Sendable, Encodable {
    /// Everything holds.
    case verified
    /// Something that matters fails.
    case refused
    /// Nothing fails, and something that matters cannot be told here.
    case undecided
  }

  /// SHA-256 over the signed text, in hex.
  public let digest: String
  /// Who says to have issued it; proven only where the signature holds.
  public let issuer: String?
  /// What this verifier calls that issuer; nil for one that it does not know.
  public let issuerName: String?
  public let keyID: String?
  public let issued: Instant?
  public let expires: Instant?
  public let types: [String]
  /// One for each step.
  public let checks: [Check]
  /// What the card says; nil where it cannot be read.
  public let content: HealthCardContent?

  public var verdict: Verdict {
    if checks.contains(where: { $0.state == .fails }) { return .refused }
    // A list that cannot be had is said, and decides nothing: cards are read without a network.
    let isOpen = checks.contains { $0.state == .unknown && $0.step != .revocation }
    return isOpen ? .undecided : .verified
  }

  public var isVerified: Bool { verdict == .verified }

  /// The step of that kind.
  public func check(_ step: Step) -> Check? { checks.first { $0.step == step } }

  /// All that was found, errors before warnings.
  public var findings: [HealthCardFinding] {
    let all = checks.flatMap(\.findings)
    return all.filter { $0.weight == .error } + all.filter { $0.weight == .warning }
  }

  /// The whole in one sentence for people.
  public var sentence: String {
    let who = issuerName ?? "an issuer that is not known here"
    switch verdict {
    case .verified:
      let rest =
        check(.revocation)?.state == .unknown
        ? "; whether it was revoked since could not be checked." : "."
      return "This card was issued by \(who) and is good\(rest)"
    case .undecided: return "This card says that it is from \(who), which could not be checked."
    case .refused:
      let why = checks.first { $0.state == .fails }?.text ?? "Something fails."
      return "This card is not good: \(why)"
    }
  }
}

extension HealthCardVerification: Encodable {
  private enum Member: String, CodingKey {
    case verdict, sentence, digest, issuer, issuerName
    case keyID = "kid"
    case issued, expires, types, checks
  }

  /// What it found, without what the card says about anybody.
  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Member.self)
    try object.encode(verdict, forKey: .verdict)
    try object.encode(sentence, forKey: .sentence)
    try object.encode(digest, forKey: .digest)
    try object.encodeIfPresent(issuer, forKey: .issuer)
    try object.encodeIfPresent(issuerName, forKey: .issuerName)
    try object.encodeIfPresent(keyID, forKey: .keyID)
    try object.encodeIfPresent(issued?.description, forKey: .issued)
    try object.encodeIfPresent(expires?.description, forKey: .expires)
    try object.encode(types, forKey: .types)
    try object.encode(checks, forKey: .checks)
  }
}
