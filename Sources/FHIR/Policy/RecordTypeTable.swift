/// FHIR type, category and LOINC code → record type, in one place. Earlier lines win.
enum RecordTypeTable {
  /// Types whose records are all of one kind. What is not listed, and not one of the types of
  /// `RecordType.init(of:)`, is `other`.
  static let byType = typed([
    (.demographics, "Patient RelatedPerson Person"),
    (
      .problems,
      "Condition FamilyMemberHistory ClinicalImpression DetectedIssue RiskAssessment Flag"
    ),
    (.problems, "AdverseEvent BodyStructure"),
    (
      .medications,
      "MedicationRequest MedicationStatement MedicationAdministration MedicationDispense Medication"
    ),
    (.allergies, "AllergyIntolerance"),
    (.immunizations, "Immunization ImmunizationEvaluation ImmunizationRecommendation"),
    (.labResults, "Specimen MolecularSequence"),
    (.radiologyReports, "ImagingStudy"),
    (.insurance, "Coverage CoverageEligibilityRequest CoverageEligibilityResponse"),
    (.insurance, "EnrollmentRequest EnrollmentResponse InsurancePlan"),
    (.claims, "Claim ClaimResponse ExplanationOfBenefit Account ChargeItem Invoice"),
    (.claims, "PaymentNotice PaymentReconciliation"),
    (.procedures, "Procedure"),
    (.encounters, "Encounter EpisodeOfCare Appointment AppointmentResponse"),
    (.carePlans, "CarePlan CareTeam Goal NutritionOrder RequestGroup ServiceRequest"),
    (.devices, "Device DeviceUseStatement DeviceRequest DeviceMetric VisionPrescription"),
    (.devices, "SupplyDelivery SupplyRequest"),
  ])

  /// `Observation.category`: the observation-category code system, US Core's, HL7 v2 table 0074.
  static let observationCategories = table([
    (.labResults, "laboratory lab LP29693-6 26436-6 rslt"),
    (.labResults, "CH HM MB MCB MYC VR SR IMM BLB TX SP CTH PAT PHR URN GE CG"),
    (.vitalSigns, "vital-signs vital-sign"),
    (.radiologyReports, "imaging rad LP29684-5"),
    (.procedures, "procedure therapy"),
    (.other, "social-history survey exam activity sdoh disability-status functional-status"),
    (.other, "cognitive-status"),
  ])

  /// Observations without a category: the vital signs of FHIR's profile (R4 vitalsigns) by LOINC.
  static let observationCodes = table([
    (.vitalSigns, "85353-1 9279-1 8867-4 2708-6 59408-5 8310-5 8302-2 9843-4 29463-7 39156-5"),
    (.vitalSigns, "85354-9 8480-6 8462-4 8478-0 8287-5 8289-1 59576-9 77606-2 3141-9 8306-3"),
    (.vitalSigns, "8331-1 8328-7 8333-7 3150-6 3151-8 72514-3"),
  ])

  /// `DiagnosticReport.category`: HL7 v2 table 0074, LOINC parts, SNOMED CT disciplines.
  static let reportCategories = table([
    (
      .labResults, "lab laboratory CH HM MB MCB MYC VR SR IMM BLB BG TX SP CTH PAT CP URN GE CG OSL"
    ),
    (.labResults, "LP29693-6 LP7839-6 LP7819-8 252275004 15220000 108252007 394595002"),
    (.radiologyReports, "rad imaging RX XRC CT CUS NMR NMS RUS OUS VUS RC NRS"),
    (.radiologyReports, "LP29684-5 394914008 363679005"),
  ])

  /// Kinds of documents by LOINC: `DocumentReference.type`, `Composition.type`, and the code or
  /// category of a DiagnosticReport that is a note. A summary of the whole chart (34133-9) is `other`:
  /// it holds records of every type, so no single type may open it.
  static let documentCodes = table([
    (.other, "34133-9 60591-5"),
    (
      .dischargeSummaries, "18842-5 28655-9 11490-0 28574-2 34105-7 34106-5 29761-4 59258-4 59259-2"
    ),
    (.dischargeSummaries, "78418-1 8648-8"),
    (.radiologyReports, "18748-4 18726-0 68604-8 18747-6 18760-9 24606-6 24604-1 30746-2"),
    (.radiologyReports, "36643-5 24627-2 24725-4 24590-2"),
    (.labResults, "11502-2 26436-6 18725-2 11526-1 18719-5 18723-7"),
    (.procedures, "28570-0 11504-8"),
    (.carePlans, "52521-2 18776-5 56447-6"),
    (
      .progressNotes,
      "11506-3 34117-2 51847-2 11488-4 34108-1 34109-9 34111-5 28568-4 51851-4 57133-1 34788-0"
    ),
    (.progressNotes, "34746-8 34904-3 18733-6 28651-8 28616-1"),
  ])

  /// A document of an unlisted kind is a note where its category says so.
  static let documentCategories = table([(.progressNotes, "clinical-note")])

  private static func typed(_ lines: [(RecordType, String)]) -> [String: RecordType] {
    var table: [String: RecordType] = [:]
    for (type, names) in lines {
      for name in names.split(separator: " ") { table[String(name)] = type }
    }
    return table
  }

  private static func table(_ lines: [(RecordType, String)]) -> [String: RecordType.Entry] {
    var table: [String: RecordType.Entry] = [:]
    for (rank, (type, codes)) in lines.enumerated() {
      for code in codes.split(separator: " ") {
        let key = code.lowercased()
        if table[key] == nil { table[key] = RecordType.Entry(rank: rank, type: type) }
      }
    }
    return table
  }
}
