import FHIR
import Testing

@Suite struct LabelTests {
  private func labels(_ json: String) throws -> Set<SensitivityLabel> {
    SensitivityLabel.labels(of: try SearchSupport.resource(json))
  }

  private func labels(system: String, _ code: String, _ display: String = "") throws
    -> Set<SensitivityLabel>
  {
    try labels(
      """
      {"resourceType":"Condition","code":{"coding":[{"system":"\(system)","code":"\(code)",
      "display":"\(display)"}]}}
      """)
  }

  @Test func codesOfActCode() {
    #expect(SensitivityLabel.allCases.map(\.securityCode) == ["SUD", "MH", "HIV", "SEX", "GDIS"])
    for label in SensitivityLabel.allCases {
      #expect(SensitivityLabel(securityCode: label.securityCode) == label)
    }
    #expect(SensitivityLabel(securityCode: "ETH") == .substanceUse)
    #expect(SensitivityLabel(securityCode: "R") == nil)
  }

  @Test func statedInMeta() throws {
    let security = """
      "security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"ETH"},
      {"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"},
      {"system":"http://other","code":"HIV"},{"code":"PSY"}]
      """
    #expect(
      try labels("{\"resourceType\":\"Observation\",\"meta\":{\(security)}}") == [
        .substanceUse, .mentalHealth,
      ])
    // Stated labels hold for shared data too.
    #expect(
      try labels("{\"resourceType\":\"Organization\",\"meta\":{\(security)}}") == [
        .substanceUse, .mentalHealth,
      ])
  }

  @Test(arguments: [
    ("http://snomed.info/sct", "7200002", SensitivityLabel.substanceUse),
    ("http://snomed.info/sct", "55680006", .substanceUse),
    ("http://snomed.info/sct", "47505003", .mentalHealth),
    ("http://snomed.info/sct", "86406008", .hiv),
    ("http://snomed.info/sct", "72892002", .reproductive),
    ("http://snomed.info/sct", "65200003", .reproductive),
    ("http://snomed.info/sct", "363779003", .genetic),
    ("http://loinc.org", "75626-2", .substanceUse), ("http://loinc.org", "82667-7", .substanceUse),
    ("http://loinc.org", "44261-6", .mentalHealth), ("http://loinc.org", "70274-6", .mentalHealth),
    ("http://loinc.org", "56888-1", .hiv), ("http://loinc.org", "82810-3", .reproductive),
    ("http://loinc.org", "81247-9", .genetic),
    ("http://hl7.org/fhir/sid/icd-10-cm", "F10.20", .substanceUse),
    ("http://hl7.org/fhir/sid/icd-10-cm", "f19", .substanceUse),
    ("http://hl7.org/fhir/sid/icd-10-cm", "F2089", .mentalHealth),
    ("http://hl7.org/fhir/sid/icd-10-cm", "F99", .mentalHealth),
    ("http://hl7.org/fhir/sid/icd-10-cm", "B20", .hiv),
    ("http://hl7.org/fhir/sid/icd-10-cm", "Z21", .hiv),
    ("http://hl7.org/fhir/sid/icd-10-cm", "O9A.111", .reproductive),
    ("http://hl7.org/fhir/sid/icd-10-cm", "Z30.011", .reproductive),
    ("http://hl7.org/fhir/sid/icd-10-cm", "Z3A.20", .reproductive),
    ("http://hl7.org/fhir/sid/icd-10-cm", "Z15.01", .genetic),
    ("http://www.cms.gov/Medicare/Coding/ICD10", "HZ30ZZZ", .substanceUse),
    ("http://hl7.org/fhir/sid/icd-9-cm", "303.90", .substanceUse),
    ("http://www.ama-assn.org/go/cpt", "90834", .mentalHealth),
    ("http://www.ama-assn.org/go/cpt", "59400", .reproductive),
    ("http://www.ama-assn.org/go/cpt", "81162", .genetic),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", "1819", .substanceUse),
    ("http://www.nlm.nih.gov/research/umls/rxnorm", "748962", .reproductive),
  ])
  func byCode(_ system: String, _ code: String, _ expected: SensitivityLabel) throws {
    #expect(try labels(system: system, code) == [expected])
  }

  /// What stands beside the ranges, and what looks alike in another system.
  @Test(arguments: [
    ("http://hl7.org/fhir/sid/icd-10-cm", "F17.210"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "E11.9"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "B19"), ("http://hl7.org/fhir/sid/icd-10-cm", "F03"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "P07"), ("http://hl7.org/fhir/sid/icd-10-cm", "Z00.00"),
    ("http://hl7.org/fhir/sid/icd-10-cm", "F"), ("http://hl7.org/fhir/sid/icd-10-cm", ""),
    ("http://snomed.info/sct", "44054006"), ("http://snomed.info/sct", "F10.20"),
    ("http://loinc.org", "7200002"), ("http://loinc.org", "2339-0"),
    ("http://www.ama-assn.org/go/cpt", "99213"), ("http://example.org", "F10.20"),
  ])
  func notByCode(_ system: String, _ code: String) throws {
    #expect(try labels(system: system, code).isEmpty)
  }

  @Test func wordsOfDisplaysAndTexts() throws {
    let cases: [(String, Set<SensitivityLabel>)] = [
      ("Buprenorphine 8 MG / Naloxone 2 MG Sublingual Film", [.substanceUse]),
      ("Sertraline 50 MG Oral Tablet", [.mentalHealth]),
      ("HIV-1 RNA, plasma (viral load)", [.hiv]), ("levonorgestrel 52 MG", [.reproductive]),
      ("BRCA1 mutation", [.genetic]),
      ("Anxiety in pregnancy", [.mentalHealth, .reproductive]),
      ("Hives", []), ("Hearing aids", []), ("Alcohol disinfectant (substance)", []),
      ("Never smoker", []), ("Avoid alcoholic drink", []), ("Respiratory depression", []),
      ("General Practice", []), ("", []),
    ]
    for (display, expected) in cases {
      #expect(try labels(system: "http://local", "1", display) == expected, "\(display)")
      let text = "{\"resourceType\":\"Condition\",\"code\":{\"text\":\"\(display)\"}}"
      #expect(try labels(text) == expected, "\(display)")
    }
  }

  @Test func anywhereInTheResource() throws {
    let claim = """
      {"resourceType":"Claim","item":[{"sequence":1,"productOrService":{"coding":[{"system":
      "http://snomed.info/sct","code":"60112009"}]}}],"diagnosis":[{"diagnosisCodeableConcept":
      {"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"B20"}]}}]}
      """
    #expect(try labels(claim) == [.substanceUse, .hiv])
    let contained = """
      {"resourceType":"MedicationRequest","contained":[{"resourceType":"Medication","code":
      {"coding":[{"display":"Methadone"}]}}]}
      """
    #expect(try labels(contained) == [.substanceUse])
    #expect(try labels("{\"resourceType\":\"MolecularSequence\"}") == [.genetic])
  }

  /// That a clinic offers something says nothing of a patient.
  @Test func sharedDataIsNotLabelledByItsCodes() throws {
    let service = """
      {"resourceType":"HealthcareService","specialty":[{"coding":[{"system":
      "http://snomed.info/sct","code":"394587001","display":"Psychiatry"}]}]}
      """
    #expect(try labels(service).isEmpty)
  }

  @Test(.enabled(if: SearchSupport.hasShared, "needs shared/corpus"))
  func corpus() throws {
    var counts: [SensitivityLabel: Int] = [:]
    var conditions: [String: Set<SensitivityLabel>] = [:]
    var total = 0
    for resource in try SearchSupport.corpus() {
      total += 1
      let labels = SensitivityLabel.labels(of: resource)
      for label in labels { counts[label, default: 0] += 1 }
      if resource.type == "Condition", let text = resource.root["code"]?["text"]?.string {
        conditions[text] = labels
      }
    }
    #expect(conditions["Alcoholism"] == [.substanceUse])
    #expect(conditions["Drug overdose"] == [.substanceUse])
    #expect(conditions["Miscarriage in first trimester"] == [.reproductive])
    #expect(conditions["Diabetes"] == [])
    #expect(conditions["Hypertension"] == [])
    #expect(conditions["Osteoporosis (disorder)"] == [])
    let labelled = counts.values.reduce(0, +)
    print("LabelTests: \(counts.map { "\($0.key.rawValue) \($0.value)" }.sorted()) of \(total)")
    #expect(labelled > 100 && labelled < total / 10)
  }
}
