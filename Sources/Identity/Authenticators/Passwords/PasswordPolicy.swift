public import Primitives

/// Which passwords an account may have (ASVS 5.0 section 6.2, NIST SP 800-63B section 3.1.1.2).
public enum PasswordPolicy {
  /// Unicode scalars of the normalized text.
  public static let minimumLength = 12
  /// What must be left of a password when the account's own names are taken out of it.
  private static let unfamiliarLength = 8
  /// Below this many runs there is nothing to guess but where they begin.
  private static let fewestRuns = 6
  /// The context's own words (ASVS 6.2.11).
  private static let ourWords = ["peerchart", "peer chart"]

  /// Refuses a password that is too short, too common or too much the account's own.
  ///
  /// - Parameter personal: the person's names, log-in name, e-mail address, organization and the like.
  /// - Throws: `invalid` whose place is the `PasswordFault`.
  public static func check(
    _ password: Redacted<String>, personal: [String]
  ) throws(PeerChartError) {
    if let fault = fault(of: password, personal: personal) {
      throw PeerChartError(.invalid, fault.advice, place: fault.rawValue)
    }
  }

  /// The first thing wrong with a password, nil when it may be used.
  public static func fault(of password: Redacted<String>, personal: [String]) -> PasswordFault? {
    guard password.exposed.utf8.count <= PasswordText.limit else { return .tooLong }
    guard let text = PasswordText.normalized(password) else { return .tooShort }
    if text.unicodeScalars.count < minimumLength { return .tooShort }
    if !text.unicodeScalars.allSatisfy(isStable) { return .unstable }
    let shape = PasswordShape(text)
    if shape.runs < fewestRuns || shape.period < min(minimumLength, shape.scalars.count / 2 + 1) {
      return .repetitive
    }
    if shape.cores.contains(where: CommonPasswords.contains) { return .common }
    let words = (personal + ourWords).prefix(64).flatMap(PasswordShape.words)
    return shape.lengthWithout(words) < unfamiliarLength ? .personal : nil
  }

  private static func isStable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .unassigned, .control, .surrogate, .privateUse: false
    default: true
    }
  }
}
