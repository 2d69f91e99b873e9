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

  @Test func modifiersOfTokens() throws {
    try expect(
      """
      {"resourceType":"Patient","identifier":[{"type":{"coding":[{"system":"http://v2","code":"MR"}],
      "text":"Medical record"},"system":"http://h","value":"V1"},{"value":"V2"}],
      "communication":[{"language":{"coding":[{"code":"de","display":"German"}],"text":"Deutsch"}}]}
      """,
      finds: [
        "identifier:of-type=http://v2|MR|V1", "identifier:of-type=http://v2|mr|v1",
        "identifier:text=medical", "identifier:text=record", "language:text=german",
        "language:text=deut", "language=de", "deceased=false", "deceased:missing=false",
      ],
      misses: [
        "identifier:of-type=http://v2|MR|V2", "identifier:of-type=http://x|MR|V1",
        "identifier:of-type=http://v2|SS|V1", "language:text=french",
        "language=german", "deceased=true", "deceased:missing=true",
      ])
    for (deceased, isDead) in [
      (#""deceasedBoolean":false"#, false), (#""deceasedBoolean":true"#, true),
      (#""deceasedDateTime":"2020-01-01""#, true),
    ] {
      try expect(
        "{\"resourceType\":\"Patient\",\(deceased)}", finds: ["deceased=\(isDead)"],
        misses: ["deceased=\(!isDead)", "deceased:not=\(isDead)"])
    }
  }

  @Test func modifiersOfReferences() throws {
    try expect(
      """
      {"resourceType":"Observation","subject":{"reference":"Patient/1","identifier":{"system":"http://h",
      "value":"V1"}},"performer":[{"type":"Practitioner","identifier":{"value":"N1"}}]}
      """,
      finds: [
        "subject:Patient=1", "subject:Patient=Patient/1", "subject:identifier=http://h|V1",
        "subject:identifier=v1", "patient:identifier=V1", "performer:identifier=|N1",
        "performer:missing=false",
      ],
      misses: [
        "subject:Group=1", "subject:Device=1", "subject:identifier=|V1",
        "subject:identifier=http://x|V1",
        "subject=V1", "performer=N1",
      ])
  }

  @Test func uris() throws {
    try expect(
      #"{"resourceType":"ValueSet","url":"http://a.org/fhir/ValueSet/x","meta":{"profile":["http://p|2"]}}"#,
      finds: [
        "url=http://a.org/fhir/ValueSet/x", "url:below=http://a.org/fhir",
        "url:below=http://a.org/fhir/",
        "url:below=http://a.org", "url:below=http://a.org/fhir/ValueSet/x",
        "url:above=http://a.org/fhir/ValueSet/x/y", "url:above=http://a.org/fhir/ValueSet/x",
        "_profile=http://p", "_profile=http://p\\|2", "_profile:below=http://p",
      ],
      misses: [
        "url=http://a.org/fhir/ValueSet", "url=http://a.org/fhir/ValueSet/X",
        "url:below=http://a.org/fh",
        "url:above=http://a.org/fhir/ValueSet/xy", "url:above=http://a.org",
        "_profile=http://p\\|1",
      ])
    try expect(
      #"{"resourceType":"NamingSystem","id":"a"}"#, finds: ["_id=a"], misses: ["_id=A"])
    try expect(
      #"{"resourceType":"ValueSet","url":"urn:oid:1.2.3"}"#,
      finds: ["url:below=urn:oid:1.2", "url:above=urn:oid:1.2.3.4"],
      misses: ["url:below=urn:oid:1.2.", "url:above=urn:oid:1.2.34", "url:below=urn:oid:1.20"])
  }

  /// Expressions with a condition on the way.
  @Test func elementsThatAreChosen() throws {
    try expect(
      """
      {"resourceType":"Patient","telecom":[{"system":"phone","value":"555-1"},{"system":"email",
      "value":"a@b.c"}],"extension":[{"url":
      "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[{"url":"ombCategory",
      "valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}},{"url":"text",
      "valueString":"White"}]},{"url":"http://other","extension":[{"url":"x","valueCoding":
      {"code":"2028-9"}}]}]}
      """,
      finds: ["phone=555-1", "email=a@b.c", "telecom=555-1", "race=2106-3"],
      misses: ["phone=a@b.c", "email=555-1", "race=2028-9", "ethnicity=2106-3"])
    try expect(
      """
      {"resourceType":"Condition","extension":[{"url":
      "http://hl7.org/fhir/StructureDefinition/condition-assertedDate","valueDateTime":"2020-05-06"}]}
      """,
      finds: ["asserted-date=2020-05", "asserted-date=ge2020"], misses: ["asserted-date=2020-06"])
    try expect(
      """
      {"resourceType":"Bundle","type":"document","entry":[{"resource":{"resourceType":"Composition",
      "id":"c1"}},{"resource":{"resourceType":"Composition","id":"c2"}}]}
      """,
      finds: ["composition=c1", "composition=Composition/c1"],
      misses: ["composition=c2", "message=c1"])
    try expect(
      """
      {"resourceType":"PlanDefinition","relatedArtifact":[{"type":"depends-on","resource":
      "http://a/L|1"},{"type":"derived-from","resource":"http://a/D"}]}
      """,
      finds: ["depends-on=http://a/L", "depends-on=http://a/L|1", "derived-from=http://a/D"],
      misses: ["depends-on=http://a/D", "depends-on=http://a/L|2", "successor=http://a/D"])
    try expect(
      """
      {"resourceType":"DocumentReference","relatesTo":[{"code":"replaces","target":{"reference":
      "DocumentReference/1"}},{"code":"appends","target":{"reference":"DocumentReference/2"}}]}
      """,
      finds: ["relationship=replaces$DocumentReference/1", "relatesto=1"],
      misses: ["relationship=replaces$DocumentReference/2"])
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
    let identifiers = (0..<5000).map { "{\"value\":\"v\($0)\"}" }.joined(separator: ",")
    let resource = try SearchSupport.resource(
      "{\"resourceType\":\"Patient\",\"identifier\":[\(identifiers)]}")
    #expect(try SearchSupport.matches(resource, "identifier=v4095"))
    #expect(try !SearchSupport.matches(resource, "identifier=v4096"))
    let terms = indexTerms(of: resource)
    #expect(terms.contains(IndexTerm(parameter: "identifier", value: "v4095")))
    #expect(terms.count == 4097)
    let long = String(repeating: "a ", count: 500_000)
    let named = try SearchSupport.resource(
      "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"\(long)\"}]}")
    #expect(indexTerms(of: named).count < 1000)
  }
}
