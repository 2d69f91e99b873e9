/// A made-up chart of 2,051 resources: 50 visits, a month apart, each with 40 measurements. As many as are
/// wanted, all of one size, so that stores of different sizes differ in nothing else.
struct MadeUpChart {
  static let visits = 50
  static let measurements = 40
  static var resources: Int { 1 + visits * (1 + measurements) }

  /// Chooses names, numbers and dates.
  let number: Int

  /// A transaction bundle.
  var bytes: [UInt8] {
    var random = Mixer(state: UInt64(number))
    let patient = Self.urn(number, 0)
    var entries = [entry("Patient", patient, self.patient(&random))]
    for visit in 0..<Self.visits {
      let encounter = Self.urn(number, 1 + visit)
      let day = 1 + Int(random.next() % 28)
      let date = "\(2016 + visit / 12)-\(Self.digits(1 + visit % 12, 2))-\(Self.digits(day, 2))"
      entries.append(entry("Encounter", encounter, self.encounter(patient, date)))
      for measurement in 0..<Self.measurements {
        entries.append(
          entry(
            "Observation", Self.urn(number, 100 + visit * 100 + measurement),
            observation(measurement, patient, encounter, date, &random)))
      }
    }
    return Array(
      (#"{"resourceType":"Bundle","type":"transaction","entry":["# + entries.joined(separator: ",")
        + "]}").utf8)
  }

  /// What one code had measured in twenty of the fifty months: 20 of 2,000 observations.
  static func search(patient: String, _ number: Int) -> [(String, String)] {
    [
      ("patient", patient), ("code", "http://loinc.org|\(code(number % measurements))"),
      ("date", "ge2017-01-01"), ("date", "lt2018-09-01"), ("_count", "20"),
    ]
  }

  private func entry(_ type: String, _ urn: String, _ resource: String) -> String {
    #"{"fullUrl":"\#(urn)","resource":\#(resource),"request":{"method":"POST","url":"\#(type)"}}"#
  }

  private func patient(_ random: inout Mixer) -> String {
    let family = "Samplewood\(number)"
    let given = ["Ash", "Birch", "Cedar", "Hazel", "Juniper", "Linden", "Rowan", "Wren"]
    return """
      {"resourceType":"Patient","meta":{"profile":\
      ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]},"identifier":[{"use":\
      "usual","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":\
      "MR","display":"Medical Record Number"}]},"system":"urn:oid:2.999.1","value":\
      "\(Self.digits(number, 8))"}],"active":true,"name":[{"use":"official","family":"\(family)",\
      "given":["\(given[Int(random.next() % 8)])"]}],"telecom":[{"system":"phone","value":\
      "555-\(Self.digits(Int(random.next() % 10_000), 4))","use":"home"}],"gender":\
      "\(random.next() % 2 == 0 ? "female" : "male")","birthDate":\
      "\(1930 + random.next() % 80)-\(Self.digits(1 + Int(random.next() % 12), 2))-15","address":\
      [{"line":["\(random.next() % 1000) Example Street"],"city":"Exampleville","state":"MA",\
      "postalCode":"01\(Self.digits(Int(random.next() % 1000), 3))","country":"US"}]}
      """
  }

  private func encounter(_ patient: String, _ date: String) -> String {
    """
    {"resourceType":"Encounter","meta":{"profile":\
    ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-encounter"]},"status":"finished",\
    "class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":\
    [{"coding":[{"system":"http://snomed.info/sct","code":"185349003","display":\
    "Encounter for check up (procedure)"}],"text":"Encounter for check up (procedure)"}],"subject":\
    {"reference":"\(patient)"},"period":{"start":"\(date)T09:00:00Z","end":"\(date)T09:40:00Z"}}
    """
  }

  private func observation(
    _ measurement: Int, _ patient: String, _ encounter: String, _ date: String,
    _ random: inout Mixer
  ) -> String {
    let category = measurement < 10 ? "vital-signs" : "laboratory"
    let value = "\(20 + random.next() % 180).\(random.next() % 10)"
    let time = "\(date)T09:\(Self.digits(Int(random.next() % 40), 2)):00Z"
    return """
      {"resourceType":"Observation","meta":{"profile":\
      ["http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-lab"]},"status":"final",\
      "category":[{"coding":[{"system":\
      "http://terminology.hl7.org/CodeSystem/observation-category","code":"\(category)","display":\
      "\(category)"}]}],"code":{"coding":[{"system":"http://loinc.org","code":\
      "\(Self.code(measurement))","display":"Made-up measurement \(measurement) in Serum or Plasma"}],\
      "text":"Made-up measurement \(measurement) in Serum or Plasma"},"subject":{"reference":\
      "\(patient)"},"encounter":{"reference":"\(encounter)"},"effectiveDateTime":"\(time)","issued":\
      "\(time)","valueQuantity":{"value":\(value),"unit":"mg/dL","system":\
      "http://unitsofmeasure.org","code":"mg/dL"},"referenceRange":[{"low":{"value":40.0,"unit":\
      "mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"},"high":{"value":150.0,"unit":\
      "mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}]}
      """
  }

  private static func code(_ measurement: Int) -> String {
    "\(2000 + measurement * 37)-\(measurement % 10)"
  }

  private static func urn(_ chart: Int, _ number: Int) -> String {
    "urn:uuid:\(digits(chart, 8))-0000-4000-8000-\(digits(number, 12))"
  }

  private static func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}

/// The same numbers for the same start (SplitMix64).
struct Mixer: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
