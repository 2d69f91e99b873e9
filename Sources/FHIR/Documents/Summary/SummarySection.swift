/// The sections of the International Patient Summary 2.0.0, in the order in which they are written.
enum SummarySection: CaseIterable {
  case problems, allergies, medications
  case immunizations, results, procedures, devices
  case alerts, vitalSigns, pastProblems, pregnancy, socialHistory, functionalStatus, planOfCare
  case advanceDirectives, patientStory

  /// LOINC.
  var code: String {
    switch self {
    case .problems: "11450-4"
    case .allergies: "48765-2"
    case .medications: "10160-0"
    case .immunizations: "11369-6"
    case .results: "30954-2"
    case .procedures: "47519-4"
    case .devices: "46264-8"
    case .alerts: "104605-1"
    case .vitalSigns: "8716-3"
    case .pastProblems: "11348-0"
    case .pregnancy: "10162-6"
    case .socialHistory: "29762-2"
    case .functionalStatus: "47420-5"
    case .planOfCare: "18776-5"
    case .advanceDirectives: "42348-3"
    case .patientStory: "81338-6"
    }
  }

  var title: String {
    switch self {
    case .problems: "Problem List"
    case .allergies: "Allergies and Intolerances"
    case .medications: "Medication Summary"
    case .immunizations: "Immunizations"
    case .results: "Diagnostic Results"
    case .procedures: "History of Procedures"
    case .devices: "Medical Devices"
    case .alerts: "Alerts"
    case .vitalSigns: "Vital Signs"
    case .pastProblems: "History of Past Problems"
    case .pregnancy: "History of Pregnancy"
    case .socialHistory: "Social History"
    case .functionalStatus: "Functional Status"
    case .planOfCare: "Plan of Care"
    case .advanceDirectives: "Advance Directives"
    case .patientStory: "Patient Story"
    }
  }

  /// Whether the section is there even where there is nothing to say.
  var isRequired: Bool { [.problems, .allergies, .medications].contains(self) }

  /// The most records that the section lists.
  var limit: Int {
    switch self {
    case .problems, .allergies, .medications, .immunizations, .results: 100
    case .procedures, .devices, .alerts, .pastProblems: 50
    case .vitalSigns: 30
    case .pregnancy, .socialHistory, .functionalStatus, .planOfCare, .advanceDirectives: 20
    case .patientStory: 10
    }
  }

  /// What the section lists, as its readers are told.
  var rule: String {
    switch self {
    case .problems: "conditions that are active, recurring or relapsed, or of no stated status"
    case .allergies: "allergies and intolerances that are not refuted, the active ones first"
    case .medications: "medicines that are in use, on hold, or of unknown status"
    case .immunizations: "immunizations that were given"
    case .results: "the newest result of each laboratory test and imaging study, and their reports"
    case .procedures: "procedures that are done or in progress"
    case .devices: "devices in use, then those used before"
    case .alerts: "active alerts"
    case .vitalSigns: "the newest measurement of each vital sign"
    case .pastProblems: "conditions that are inactive, resolved or in remission"
    case .pregnancy: "the newest statement of each kind about pregnancies"
    case .socialHistory: "the newest statement of each kind about social history"
    case .functionalStatus: "current conditions of functioning and disability"
    case .planOfCare: "care plans that are active or on hold"
    case .advanceDirectives: "advance directives in force"
    case .patientStory: "what the patient wants to be known"
    }
  }

  /// What a required section says where there is nothing in it.
  var absence: String {
    switch self {
    case .problems: "There is no information about problems."
    case .allergies: "There is no information about allergies or intolerances."
    case .medications: "There is no information about medications."
    default: "There is no information."
    }
  }

  /// The codes by which a List is about the section: LOINC, and R4's example codes for lists.
  var listCodes: Set<String> {
    switch self {
    case .problems: [code, "problems"]
    case .allergies: [code, "allergies"]
    case .medications: [code, "medications"]
    default: []
    }
  }
}
