/// Why the law permits a disclosure without the patient's authorization: 45 CFR 164.512(a)–(l).
public enum LegalBasis: String, CaseIterable, Hashable, Sendable {
  case requiredByLaw = "required-by-law"
  case publicHealth = "public-health"
  case abuseReport = "abuse-report"
  case healthOversight = "health-oversight"
  case judicial
  case lawEnforcement = "law-enforcement"
  case decedent
  case organDonation = "organ-donation"
  case researchWaiver = "research-waiver"
  case threat
  case specializedGovernment = "specialized-government"
  case workersCompensation = "workers-compensation"

  /// The clause, for the audit entry and the accounting of disclosures.
  public var clause: String { "45 CFR 164.512(\(terms.letter))" }

  /// The purposes a disclosure on this basis can have.
  public var purposes: PurposeSet { terms.purposes }

  /// Whether the disclosure is a duty and not only allowed.
  public var isMandatory: Bool { self == .requiredByLaw }

  static let actions: ActionSet = [.read, .search, .export]

  private var terms: (letter: Character, purposes: PurposeSet) {
    switch self {
    case .requiredByLaw: ("a", [.legal, .publicHealth, .operations])
    case .publicHealth: ("b", .publicHealth)
    case .abuseReport: ("c", [.legal, .publicHealth])
    case .healthOversight: ("d", [.legal, .operations])
    case .judicial: ("e", .legal)
    case .lawEnforcement: ("f", .legal)
    case .decedent: ("g", .legal)
    case .organDonation: ("h", [.treatment, .operations])
    case .researchWaiver: ("i", .research)
    case .threat: ("j", [.threat, .publicHealth])
    case .specializedGovernment: ("k", [.legal, .operations])
    case .workersCompensation: ("l", [.payment, .legal])
    }
  }
}
