/// What kinds of content a card says that it has (SMART Health Cards 1.4, "VC types").
public enum HealthCardType {
  private static let prefix = "https://smarthealth.cards#"
  /// Every card has it.
  public static let healthCard = "\(prefix)health-card"
  public static let immunization = "\(prefix)immunization"
  public static let laboratory = "\(prefix)laboratory"
  public static let covid19 = "\(prefix)covid19"
  /// Insurance (CARIN Digital Insurance Card).
  public static let coverage = "\(prefix)coverage"
  /// Allowed by earlier versions, and of no use.
  static let verifiableCredential = "VerifiableCredential"

  private static let known = [healthCard, immunization, laboratory, covid19, coverage]

  /// Whether it is of the vocabulary of cards, and not in it.
  static func isUnknown(_ type: String) -> Bool {
    type.hasPrefix(prefix) && !known.contains(type)
  }

  /// The types of a card that holds resources of these types.
  public static func types(of resources: some Sequence<String>) -> [String] {
    let all = Set(resources)
    return [healthCard]
      + (all.contains("Immunization") ? [immunization] : [])
      + (all.isDisjoint(with: ["Observation", "DiagnosticReport"]) ? [] : [laboratory])
      + (all.contains("Coverage") ? [coverage] : [])
  }
}
