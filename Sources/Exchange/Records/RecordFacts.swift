import FHIR
import Primitives

/// What a node works out about a resource when it comes in: whose it is, what kind of record, how
/// sensitive. It is sealed beside the resource, and every later decision goes by it.
struct RecordFacts {
  let recordType: RecordType
  let labels: Set<SensitivityLabel>
  let date: Instant?
  let patients: [String]

  /// The chart of clinical records that name no patient of this node: open to nobody but the node itself.
  static let unfiled = "_unfiled"

  /// - Parameter subscriber: whose a Subscription is.
  init(_ resource: Resource, subscriber: String? = nil) {
    if let subscriber {
      patients = [subscriber]
      recordType = .other
      labels = []
      date = nil
      return
    }
    let patients = PatientCompartment.patients(of: resource)
      .filter { $0.base == nil }.map(\.id)
    if patients.isEmpty && RecordFacts.isShared(resource.type) {
      self.patients = []
      recordType = .other
      labels = []
    } else {
      self.patients = patients.isEmpty ? [Self.unfiled] : patients
      recordType = RecordType(of: resource)
      labels = SensitivityLabel.labels(of: resource)
    }
    date = clinicalDate(of: resource)
  }

  func body(of type: String, id: String, json: [UInt8]) -> RecordBody {
    RecordBody(
      type: type, id: id, recordType: recordType, labels: labels, date: date, patients: patients,
      json: json)
  }

  /// Resource types that say nothing about a person unless they name one: who and where care is
  /// given, what medicines are, and the definitions that FHIR itself is made of.
  private static func isShared(_ type: String) -> Bool { sharedTypes.contains(type) }

  private static let sharedTypes: Set<String> = [
    "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem",
    "CompartmentDefinition", "ConceptMap", "DeviceDefinition", "EffectEvidenceSynthesis",
    "Endpoint", "EventDefinition", "Evidence", "EvidenceVariable", "ExampleScenario",
    "GraphDefinition", "HealthcareService", "ImplementationGuide", "InsurancePlan", "Library",
    "Location", "Measure", "Medication", "MedicationKnowledge", "MessageDefinition",
    "NamingSystem", "ObservationDefinition", "OperationDefinition", "Organization",
    "OrganizationAffiliation", "PlanDefinition", "Practitioner", "PractitionerRole",
    "Questionnaire", "ResearchDefinition", "ResearchElementDefinition", "RiskEvidenceSynthesis",
    "Schedule", "SearchParameter", "Slot", "SpecimenDefinition", "StructureDefinition",
    "StructureMap", "Substance", "SubstanceSpecification", "TerminologyCapabilities",
    "TestScript", "ValueSet",
  ]
}
