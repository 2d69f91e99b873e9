import FHIR
import Testing

/// Tokens, references, strings and modifiers (R4 3.1.1.4, 3.1.1.4.4).
@Suite struct SearchMatchingTests {
  private let observation = """
    {"resourceType":"Observation","id":"Obs-1","category":[{"coding":[{"system":"http://a",
    "code":"Lab"},{"code":"plain"}]},{"text":"words only"}],"code":{"coding":[{"system":
    "http://loinc.org","code":"8480-6","display":"BP"}]},"subject":{"reference":
    "Patient/p-1/_history/3"},"identifier":[{"system":"urn:x","value":"A,B|C"},{"value":"N1"}]}
    """

  private func expect(
    _ json: String, finds: [String], misses: [String], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let resource = try SearchSupport.resource(json)
    for query in finds {
      #expect(
        try SearchSupport.matches(resource, query), "finds \(query)", sourceLocation: location)
    }
    for query in misses {
      #expect(
        try !SearchSupport.matches(resource, query), "misses \(query)", sourceLocation: location)
    }
  }

  @Test func tokens() throws {
    try expect(
      observation,
      finds: [
        "code=8480-6", "code=http://loinc.org|8480-6", "code=http://loinc.org|", "code=x,8480-6",
        "category=lab", "category=LAB", "category=http://a|lab", "category=|plain",
        "category=plain",
        "code:not=x", "category:not=http://b|lab", "identifier=urn:x|A\\,B\\|C", "identifier=|n1",
        "identifier=n1", "_id=Obs-1", "_id=x,Obs-1", "code:missing=false",
      ],
      misses: [
        "code=8480", "code=|8480-6", "code=http://loinc.org|x", "code=http://LOINC.org|8480-6",
        "category=|lab", "category=http://a|plain", "category=words only", "code:not=8480-6",
        "category:not=x,plain", "identifier=urn:x|A", "_id=obs-1", "code:missing=true",
        "category=http://b|",
      ])
  }

  @Test func codesWhoseSystemIsImplied() throws {
    try expect(
      #"{"resourceType":"AllergyIntolerance","category":["food","medication"]}"#,
      finds: [
        "category=food", "category=http://hl7.org/fhir/allergy-intolerance-category|food",
        "category=|food",
      ], misses: ["category=environment", "category:not=food", "category=x|"])
  }

  @Test func references() throws {
    try expect(
      observation,
      finds: [
        "patient=p-1", "patient=Patient/p-1", "subject=Patient/p-1", "subject=p-1",
        "subject=Patient/p-1/_history/3", "patient=x,p-1",
      ],
      misses: [
        "patient=P-1", "patient=Group/p-1", "subject=Patient/p-1/_history/4",
        "subject=http://a.org/Patient/p-1",
      ])
    try expect(
      #"{"resourceType":"Observation","subject":{"reference":"http://a.org/fhir/Patient/7"}}"#,
      finds: ["subject=http://a.org/fhir/Patient/7", "patient=http://a.org/fhir/Patient/7"],
      // Another server's Patient/7 is not ours.
      misses: ["subject=Patient/7", "patient=7"])
    try expect(
      #"{"resourceType":"Observation","subject":{"reference":"urn:uuid:1-2"}}"#,
      finds: ["subject=urn:uuid:1-2", "patient:missing=true"], misses: ["patient=urn:uuid:1-2"])
    try expect(
      #"{"resourceType":"Observation","subject":{"reference":"Group/g"}}"#,
      finds: ["subject=g", "patient:missing=true", "subject:missing=false"], misses: ["patient=g"])
    try expect(
      ##"{"resourceType":"Observation","subject":{"reference":"#p"}}"##,
      finds: ["subject:missing=true"], misses: ["subject=p"])
  }

  @Test func names() throws {
    try expect(
      """
      {"resourceType":"Patient","name":[{"family":"O'Brien-Müller","given":["José  María","Zoë"]},
      {"text":"Ångström, Łukasz"},{"family":"Παπαδόπουλος"},{"family":"Йёлкин"}]}
      """,
      finds: [
        "name=obrien", "name=OBRIEN MULLER", "name=o'brien", "name=mull", "name=jose", "name=maria",
        "name=José María", "name=josé maría zoe o", "name=zoe", "name=angstrom", "name=lukasz",
        "name=angstrom lukasz", "name=παπαδοπουλος", "name=ПАПА,иелкин", "name:exact=Zoë",
        "name:exact=O'Brien-Müller", "name:contains=brien", "name:contains=gstr",
        "name=jos\u{65}\u{301}",
      ],
      misses: [
        "name=brien", "name=uller", "name:exact=zoe", "name:exact=Zo", "name:contains=xyz",
        "name=maria jose", "name=zoee",
      ])
    try expect(
      #"{"resourceType":"Organization","name":"St. Mary's Hospital","alias":["SMH"]}"#,
      finds: ["name=st mary", "name=marys", "name=smh", "name=hospital", "name:missing=false"],
      misses: ["name=ospital"])
  }

  @Test func severalParametersMustAllHold() throws {
    try expect(
      observation, finds: ["code=8480-6&patient=p-1", "category=lab&category=plain"],
      misses: ["code=8480-6&patient=p-2", "category=lab&category=other"])
  }

  @Test func anotherTypeNeverMatches() throws {
    let query = try SearchQuery(type: "Condition", parameters: [])
    #expect(try !query.matches(SearchSupport.resource(observation)))
  }

  /// The sets that grew with hostile input are cut alike for index and check.
  @Test func valuesBeyondTheBoundAreNeitherIndexedNorFound() throws {
    let identifiers = (0..<1500).map { "{\"value\":\"v\($0)\"}" }.joined(separator: ",")
    let resource = try SearchSupport.resource(
      "{\"resourceType\":\"Patient\",\"identifier\":[\(identifiers)]}")
    #expect(try SearchSupport.matches(resource, "identifier=v1023"))
    #expect(try !SearchSupport.matches(resource, "identifier=v1024"))
    let terms = indexTerms(of: resource)
    #expect(terms.contains(IndexTerm(parameter: "identifier", value: "v1023")))
    #expect(terms.count < 3000)
    let long = String(repeating: "a ", count: 500_000)
    let named = try SearchSupport.resource(
      "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"\(long)\"}]}")
    #expect(indexTerms(of: named).count < 1000)
  }
}
