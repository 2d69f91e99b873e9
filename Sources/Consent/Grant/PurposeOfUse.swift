/// Why data is used: codes of HL7 v3 PurposeOfUse (code system v3-ActReason).
public enum PurposeOfUse: String, CaseIterable, Hashable, Sendable {
  case treatment = "TREAT"
  case emergencyTreatment = "ETREAT"
  case breakTheGlass = "BTG"
  case careManagement = "CAREMGT"
  case payment = "HPAYMT"
  case coverage = "COVERAGE"
  case operations = "HOPERAT"
  case legal = "HLEGAL"
  case systemAdministration = "HSYSADMIN"
  case research = "HRESCH"
  case marketing = "HMARKT"
  case publicHealth = "PUBHLTH"
  case threat = "THREAT"
  case patientRequest = "PATRQT"
  case familyRequest = "FAMRQT"
}

extension PurposeOfUse {
  var bit: UInt32 {
    switch self {
    case .treatment: 0
    case .emergencyTreatment: 1
    case .breakTheGlass: 2
    case .careManagement: 3
    case .payment: 4
    case .coverage: 5
    case .operations: 6
    case .legal: 7
    case .systemAdministration: 8
    case .research: 9
    case .marketing: 10
    case .publicHealth: 11
    case .threat: 12
    case .patientRequest: 13
    case .familyRequest: 14
    }
  }

  /// The purposes directly beneath this one in v3-ActReason.
  var narrower: PurposeSet {
    switch self {
    case .treatment: [.emergencyTreatment, .careManagement]
    case .emergencyTreatment: .breakTheGlass
    case .payment: .coverage
    case .operations: [.legal, .systemAdministration]
    case .publicHealth: .threat
    case .patientRequest: .familyRequest
    default: []
    }
  }
}

/// A set of purposes as a bit mask.
public struct PurposeSet: OptionSet, Hashable, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public init(_ purpose: PurposeOfUse) { rawValue = 1 << purpose.bit }

  public init(_ purposes: some Sequence<PurposeOfUse>) {
    rawValue = purposes.reduce(0) { $0 | 1 << $1.bit }
  }

  public static let treatment = PurposeSet(.treatment)
  public static let emergencyTreatment = PurposeSet(.emergencyTreatment)
  public static let breakTheGlass = PurposeSet(.breakTheGlass)
  public static let careManagement = PurposeSet(.careManagement)
  public static let payment = PurposeSet(.payment)
  public static let coverage = PurposeSet(.coverage)
  public static let operations = PurposeSet(.operations)
  public static let legal = PurposeSet(.legal)
  public static let systemAdministration = PurposeSet(.systemAdministration)
  public static let research = PurposeSet(.research)
  public static let publicHealth = PurposeSet(.publicHealth)
  public static let threat = PurposeSet(.threat)
  public static let patientRequest = PurposeSet(.patientRequest)
  public static let familyRequest = PurposeSet(.familyRequest)
  public static let all = PurposeSet(PurposeOfUse.allCases)
  /// The two purposes under which a break-glass session counts.
  public static let emergency: PurposeSet = [.emergencyTreatment, .breakTheGlass]

  /// Whether the set has exactly this purpose.
  public func contains(_ purpose: PurposeOfUse) -> Bool { rawValue & (1 << purpose.bit) != 0 }

  /// The members, in the order of `PurposeOfUse.allCases`.
  public var purposes: [PurposeOfUse] { PurposeOfUse.allCases.filter(contains) }

  /// Whether `purpose` is a member or lies beneath one. Denials read their purposes this way.
  func includesNarrower(_ purpose: PurposeOfUse) -> Bool {
    contains(purpose)
      || (rawValue != 0 && PurposeSet.broader[Int(purpose.bit)].rawValue & rawValue != 0)
  }

  /// For each purpose, by its bit, all purposes above it.
  private static let broader: [PurposeSet] = PurposeOfUse.allCases.map { purpose in
    var above = PurposeSet()
    // The tree is three levels deep; each round climbs one.
    for _ in 0..<3 {
      for candidate in PurposeOfUse.allCases
      where !candidate.narrower.isDisjoint(with: above.union(PurposeSet(purpose))) {
        above.insert(PurposeSet(candidate))
      }
    }
    return above
  }
}
