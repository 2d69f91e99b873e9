import FHIR

extension SensitivityLabel {
  /// The sensitivity policy code of HL7 v3-ActCode (DS4P).
  var actCode: String {
    switch self {
    case .substanceUse: "SUD"
    case .mentalHealth: "MH"
    case .hiv: "HIV"
    case .reproductive: "SEX"
    case .genetic: "GDIS"
    }
  }
}
