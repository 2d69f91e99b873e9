/// The kinds of data that need a grant which names them (HL7 DS4P; 42 CFR Part 2 for substance use).
///
/// The raw value is the name on the command line and in grants.
public enum SensitivityLabel: String, CaseIterable, Hashable, Sendable, Codable {
  case substanceUse = "substance-use"
  case mentalHealth = "mental-health"
  case hiv
  /// Sexual and reproductive health.
  case reproductive
  case genetic

  /// The code system of `securityCode`: HL7 v3 ActCode, of which these are in the value set
  /// InformationSensitivityPolicy.
  public static let codeSystem = "http://terminology.hl7.org/CodeSystem/v3-ActCode"

  /// The code that stands for the label in `meta.security`.
  public var securityCode: String {
    switch self {
    case .substanceUse: "SUD"
    case .mentalHealth: "MH"
    case .hiv: "HIV"
    case .reproductive: "SEX"
    case .genetic: "GDIS"
    }
  }

  /// The label that a code of InformationSensitivityPolicy means. Narrower and older codes are taken
  /// as well: `ETH`, the substance abuse code of earlier DS4P, `PSY`, `PSYTHPN` (psychotherapy notes).
  public init?(securityCode: String) {
    switch securityCode {
    case "SUD", "ETH", "ETHUD", "OPIOIDUD": self = .substanceUse
    case "MH", "PSY", "PSYTHPN", "BH": self = .mentalHealth
    case "HIV": self = .hiv
    case "SEX", "STD", "SDV": self = .reproductive
    case "GDIS", "SCA": self = .genetic
    default: return nil
    }
  }
}

extension SensitivityLabel {
  /// The labels that apply to a resource: those its `meta.security` states, and those that follow
  /// from its codes and their displays (`SensitiveCodes`), wherever in the resource they stand.
  ///
  /// Prose (narrative, notes, attachments) is not read. Shared data that describes no patient is not
  /// labelled by its codes: that a clinic offers psychiatry says nothing of anybody. A resource
  /// that names its medication by reference only has the label on the Medication.
  public static func labels(of resource: Resource) -> Set<SensitivityLabel> {
    var found = SensitiveCodes.Labels()
    if let security = resource.root["meta"]?["security"] {
      for coding in security.elements {
        guard coding["system"].map({ $0.string == codeSystem }) ?? true,
          let label = coding["code"]?.string.flatMap(SensitivityLabel.init(securityCode:))
        else { continue }
        found.insert(label)
      }
    }
    if PatientCompartment.isPatientBound(resource.type) || carriers.contains(resource.type) {
      SensitiveCodes.scan(resource.root, into: &found)
      if resource.type == "MolecularSequence" { found.insert(.genetic) }
    }
    return found.set
  }

  /// Types outside the patient compartment that carry what is said about patients.
  private static let carriers: Set<String> = ["Medication", "Bundle", "Parameters", "Substance"]
}
