import Identity
public import Primitives

/// Verifies cards against what is known of their issuers. It asks nobody: what it does not know, it says.
public struct HealthCardVerifier: Sendable {
  /// A clock may be off by so much, in seconds.
  private static let skew: Int64 = 60

  private let now: Instant
  private let issuers: @Sendable (String) -> HealthCardIssuer?

  /// - Parameter issuers: what is known of the issuer of an address; nil for one that is not trusted.
  public init(at now: Instant, issuers: @escaping @Sendable (String) -> HealthCardIssuer?) {
    self.now = now
    self.issuers = issuers
  }

  /// Verifies each card of what was handed over.
  ///
  /// - Parameter name: what the file is called, where it is one.
  /// - Returns: one result a card; at least one, which says so where there is none.
  public func verify(_ bytes: [UInt8], name: String? = nil) -> [HealthCardVerification] {
    let text = HealthCardText(bytes, name: name)
    guard !text.cards.isEmpty else {
      let check = HealthCardVerification.Check(
        step: .form, state: .fails, text: "It is no health card.", findings: text.findings)
      return [
        HealthCardVerification(
          digest: HealthCardToken("").digest, issuer: nil, issuerName: nil, keyID: nil, issued: nil,
          expires: nil, types: [], checks: [check], content: nil)
      ]
    }
    return text.cards.map { verify($0, cameWith: text.findings) }
  }

  /// Verifies one signed text.
  ///
  /// - Parameter findings: what was wrong with the form in which it came.
  public func verify(
    _ card: String, cameWith findings: [HealthCardFinding] = []
  ) -> HealthCardVerification {
    let token = HealthCardToken(card)
    let content = token.payload.map { HealthCardContent($0) }
    let issuer = content?.issuer.flatMap(issuers)
    let key = token.keyID.flatMap { issuer?.keySet.key($0) }
    return HealthCardVerification(
      digest: token.digest, issuer: content?.issuer, issuerName: issuer?.name, keyID: token.keyID,
      issued: content?.issued, expires: content?.expires, types: content?.types ?? [],
      checks: [
        form(token, findings), trust(content, issuer), signature(token, content, issuer, key),
        time(content), rules(content), revocation(content, issuer, key),
      ], content: content)
  }

  /// What can be told of a payload without its signature: whether it is good now, and follows the rules.
  public func checks(of content: HealthCardContent) -> [HealthCardVerification.Check] {
    [time(content), rules(content)]
  }

  private typealias Check = HealthCardVerification.Check

  private func form(_ token: HealthCardToken, _ outer: [HealthCardFinding]) -> Check {
    let findings = outer + token.findings
    return Check(
      step: .form, state: findings.hasErrors ? .fails : .holds,
      text: findings.hasErrors
        ? "It does not have the form of a health card." : "It has the form of a health card.",
      findings: findings)
  }

  private func trust(_ content: HealthCardContent?, _ issuer: HealthCardIssuer?) -> Check {
    guard let issuer else {
      let finding = HealthCardFinding(
        .issuerUnknown, "the issuer is not among those that are trusted here", place: "iss",
        weight: .warning)
      return Check(
        step: .issuer, state: .unknown,
        text: "Its issuer is not among those that are trusted here.",
        findings: content == nil ? [] : [finding])
    }
    return Check(
      step: .issuer, state: .holds, text: "Its issuer, \(issuer.name), is trusted here.",
      findings: [])
  }

  private func signature(
    _ token: HealthCardToken, _ content: HealthCardContent?, _ issuer: HealthCardIssuer?,
    _ key: HealthCardKey?
  ) -> Check {
    func check(
      _ state: HealthCardVerification.State, _ text: String, _ findings: [HealthCardFinding] = []
    ) -> Check {
      Check(step: .signature, state: state, text: text, findings: findings)
    }
    guard let signed = token.signed else {
      return check(.unknown, "There is no signature to check.")
    }
    guard let issuer else { return check(.unknown, "The keys of its issuer are not known here.") }
    guard let key else {
      return check(
        .fails, "Its issuer has no key of the name that the card gives.",
        [HealthCardFinding(.keyMissing, "the issuer has no key of that name", place: "kid")])
    }
    let faults =
      key.findings + key.certificateFindings(issuer: issuer.address, at: content?.issued)
    guard !faults.hasErrors, let publicKey = key.key else {
      return check(.fails, "The issuer's key is not good.", faults)
    }
    guard publicKey.verifies(signed.signature, over: signed.message, by: .es256) else {
      return check(
        .fails, "It was changed, or somebody else signed it.",
        [HealthCardFinding(.signature, "the signature does not hold")])
    }
    return check(.holds, "It is what its issuer signed, to the bit.", faults)
  }

  private func time(_ content: HealthCardContent?) -> Check {
    let formal = content?.findings.filter { Self.isOfTime($0.code) } ?? []
    func check(
      _ state: HealthCardVerification.State, _ text: String, _ finding: HealthCardFinding? = nil
    ) -> Check {
      Check(step: .time, state: state, text: text, findings: formal + (finding.map { [$0] } ?? []))
    }
    guard let content else { return check(.unknown, "When it is good cannot be read.") }
    if formal.hasErrors { return check(.fails, "The times on it are not right.") }
    if let issued = content.issued, issued > now.adding(seconds: Self.skew) {
      let finding = HealthCardFinding(.notYetValid, "the card is not good yet", place: "nbf")
      return check(.fails, "It is not good yet.", finding)
    }
    if let expires = content.expires, expires < now.adding(seconds: -Self.skew) {
      let finding = HealthCardFinding(.expired, "the card has expired", place: "exp")
      return check(.fails, "It has expired.", finding)
    }
    return check(.holds, "It is good today.")
  }

  private static func isOfTime(_ code: HealthCardFinding.Code) -> Bool {
    code == .timeForm || code == .milliseconds
  }

  private func rules(_ content: HealthCardContent?) -> Check {
    guard let content else {
      return Check(
        step: .content, state: .unknown, text: "What it says cannot be read.", findings: [])
    }
    let findings = content.findings.filter { !Self.isOfTime($0.code) }
    return Check(
      step: .content, state: findings.hasErrors ? .fails : .holds,
      text: findings.hasErrors
        ? "What it says breaks the rules of health cards."
        : "What it says follows the rules of health cards.", findings: findings)
  }

  private func revocation(
    _ content: HealthCardContent?, _ issuer: HealthCardIssuer?, _ key: HealthCardKey?
  ) -> Check {
    func check(
      _ state: HealthCardVerification.State, _ text: String, _ findings: [HealthCardFinding] = []
    ) -> Check {
      Check(step: .revocation, state: state, text: text, findings: findings)
    }
    guard let content, let issuer, let key else {
      return check(.unknown, "Whether it was revoked cannot be told.")
    }
    guard let version = key.listVersion else {
      return check(.holds, "Its issuer keeps no list of revoked cards for this key.")
    }
    // The card need not have a name for the list to be looked at: that the list is right is part of it.
    guard let list = issuer.lists.first(where: { $0.keyID == key.keyID }) else {
      let finding = HealthCardFinding(
        .listMissing, "the issuer's list of revoked cards is not at hand", weight: .warning)
      return check(.unknown, "The issuer's list of revoked cards is not at hand.", [finding])
    }
    var findings = list.findings
    if list.counter != version {
      findings.append(
        HealthCardFinding(.listVersion, "the list is of another version than the key says"))
    }
    guard !findings.hasErrors else {
      return check(.fails, "The issuer's list of revoked cards is not right.", findings)
    }
    if let id = content.revocationID, list.revokes(id, issued: content.issued ?? now) {
      return check(
        .fails, "Its issuer has revoked it.",
        [HealthCardFinding(.revoked, "the issuer has revoked this card", place: "vc.rid")])
    }
    return check(.holds, "Its issuer has not revoked it.")
  }
}
