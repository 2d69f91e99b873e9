package import Consent
package import FHIR

/// How the API names record types: `lab_results`. The everyday word `prescriptions` stands for medications.
package enum RecordTypeWord {
  private static let everyday: [(word: String, type: RecordType)] = [
    ("prescriptions", .medications)
  ]

  package static let all = RecordType.allCases.map(word)
  package static let accepted = all + everyday.map(\.word)

  package static func word(_ type: RecordType) -> String {
    type.rawValue.replacing("-", with: "_")
  }

  package static func type(_ word: String) -> RecordType? {
    RecordType.allCases.first { Self.word($0) == word }
      ?? everyday.first { $0.word == word }?.type
  }
}

/// How the API names purposes of use, in place of the codes of HL7.
package enum PurposeWord {
  private static let words: [(word: String, purpose: PurposeOfUse)] = [
    ("treatment", .treatment), ("emergency_treatment", .emergencyTreatment),
    ("break_the_glass", .breakTheGlass), ("care_management", .careManagement),
    ("payment", .payment), ("coverage", .coverage), ("operations", .operations),
    ("legal", .legal), ("system_administration", .systemAdministration),
    ("research", .research), ("marketing", .marketing), ("public_health", .publicHealth),
    ("threat", .threat), ("patient_request", .patientRequest), ("family_request", .familyRequest),
  ]
  /// What somebody goes to a doctor for, to whoever does not think in codes.
  private static let everyday: [(word: String, purpose: PurposeOfUse)] = [
    ("routine_checkup", .treatment)
  ]
  /// What a patient gives access for.
  private static let given: Set<PurposeOfUse> = [
    .treatment, .emergencyTreatment, .careManagement, .payment, .coverage, .operations, .research,
    .publicHealth,
  ]

  package static let all = words.map(\.word)
  package static let accepted =
    words.filter { given.contains($0.purpose) }.map(\.word) + everyday.map(\.word)

  package static func word(_ purpose: PurposeOfUse) -> String {
    words.first { $0.purpose == purpose }?.word ?? "treatment"
  }

  package static func purpose(_ word: String) -> PurposeOfUse? {
    accepted.contains(word) ? (words + everyday).first { $0.word == word }?.purpose : nil
  }
}
