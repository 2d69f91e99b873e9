import Foundation
import Testing

/// Summaries and documents as a client asks for them.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct DocumentFlowTests {
  /// The codes of the sections, and of those that are empty.
  private func sections(_ answer: Curl.Answer) -> (all: [String], empty: Set<String>) {
    let entries = answer.json?["entry"] as? [[String: Any]]
    let composition = entries?.first?["resource"] as? [String: Any]
    var all: [String] = []
    var empty: Set<String> = []
    for section in composition?["section"] as? [[String: Any]] ?? [] {
      let code = section["code"] as? [String: Any]
      let loinc = (code?["coding"] as? [[String: String]])?.first?["code"] ?? ""
      all.append(loinc)
      if section["emptyReason"] != nil { empty.insert(loinc) }
    }
    return (all, empty)
  }

  private func checked(_ documents: [Curl.Answer]) async throws -> String {
    let folder = try TemporaryFolder()
    let files = try documents.enumerated().map { number, answer in
      try folder.write("document\(number).json", Array(answer.body.utf8))
    }
    let outcome = try await Program.python("check_documents.py", files)
    return outcome.status == 0 ? "" : outcome.output + outcome.errors
  }

  @Test(.enabled(if: Corpus.isThere, "\(Corpus.absence)"), arguments: FlowEngine.allCases)
  func summariesOfOtherPeoplesPatients(engine: FlowEngine) async throws {
    let node = try await FlowNode(database: engine.cluster())
    let patients = try Corpus.patients()
    for file in try Corpus.organizations() + (Program.isFull ? patients : Array(patients.prefix(4)))
    {
      try await node.must("import", file)
    }
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let found = try await curl("GET", "/fhir/Patient?_count=100&_elements=id")
    let ids = (found.json?["entry"] as? [[String: Any]] ?? []).compactMap {
      ($0["resource"] as? [String: Any])?["id"] as? String
    }
    #expect(ids.count == (Program.isFull ? 20 : 4))
    var documents: [Curl.Answer] = []
    for id in ids {
      let answer = try await curl("GET", "/fhir/Patient/\(id)/$summary")
      #expect(answer.status == 200, "\(answer.issue)")
      // Each was vaccinated somewhere.
      #expect(answer.body.contains("\"\(node.url)/fhir/Location/"))
      documents.append(answer)
    }
    #expect(try await checked(documents) == "")
    // The one that is asked for by GET, by POST and by an identifier is the same but for its ids.
    let id = try #require(ids.first)
    let patient = try await curl("GET", "/fhir/Patient/\(id)")
    let identifiers = patient.json?["identifier"] as? [[String: Any]]
    let identifier = try #require(identifiers?.first?["value"] as? String)
    let posted = try await curl(
      "POST", "/fhir/Patient/$summary",
      #"{"resourceType":"Parameters","parameter":[{"name":"identifier","valueString":"\#(identifier)"},{"name":"profile","valueCanonical":"http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips|2.0.0"}]}"#
    )
    #expect(posted.status == 200, "\(posted.issue)")
    #expect(sections(posted) == sections(documents[0]))
    let validated = try await curl("POST", "/fhir/Bundle/$validate", documents[0].body)
    #expect(validated.status == 200)
    let xml = try await curl("GET", "/fhir/Patient/\(id)/$summary?_format=xml")
    #expect(xml.fields["content-type"]?.hasPrefix("application/fhir+xml") == true)
    #expect(xml.body.contains("<Bundle xmlns=\"http://hl7.org/fhir\">"))
    #expect(xml.body.contains("<type value=\"document\"/>"))
    #expect(try await node.isLogClean())
  }

  @Test func anEmptyChartAHugeSectionAndFaults() async throws {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
    let lines = (0..<400).map { number in
      #"{"resourceType":"Condition","id":"c\#(number)","subject":{"reference":"Patient/full"},"onsetDateTime":"\#(1600 + number)","code":{"text":"Problem \#(number)"}}"#
    }
    let full =
      [#"{"resourceType":"Patient","id":"full","name":[{"family":"Fuller"}]}"#] + lines
    _ = try await node.take("full.ndjson", Array(full.joined(separator: "\n").utf8))
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let empty = try await curl("GET", "/fhir/Patient/p/$summary")
    #expect(empty.status == 200, "\(empty.issue)")
    #expect(sections(empty).all == ["11450-4", "48765-2", "10160-0"])
    #expect(sections(empty).empty.count == 3)
    let huge = try await curl("GET", "/fhir/Patient/full/$summary")
    #expect(huge.status == 200, "\(huge.issue)")
    #expect((huge.json?["entry"] as? [Any])?.count == 104)
    #expect(huge.body.contains("300 more records are left out"))
    #expect(huge.body.contains("Condition/c399") && !huge.body.contains("Condition/c299\""))
    #expect(try await checked([empty, huge]) == "")
    for (path, status) in [
      ("/fhir/Patient/nobody/$summary", 404), ("/fhir/Patient/$summary", 400),
      ("/fhir/Patient/p/$summary?identifier=x", 400), ("/fhir/Patient/p/$summary?x=1", 400),
      ("/fhir/Patient/p/$summary?profile=http://x.example/P", 501),
      ("/fhir/Patient/$summary?identifier=nobody", 404), ("/fhir/Group/p/$summary", 501),
      ("/fhir/Composition/no/$document", 404), ("/fhir/Composition/$document", 400),
      ("/fhir/Composition/x/$document?id=x", 400),
      ("/fhir/Composition/x/$document?persist=true", 501),
      ("/fhir/Composition/x/$document?persist=maybe", 400),
      ("/fhir/Composition/x/$document?graph=http://x.example/g", 501),
      ("/fhir/Composition/$document?id=https://other.example/fhir/Composition/x", 501),
    ] {
      let answer = try await curl("GET", path)
      #expect(answer.status == status, "\(path): \(answer.status) \(answer.issue)")
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome")
    }
    #expect(try await Curl(node: node)("GET", "/fhir/Patient/p/$summary").status == 401)
    let metadata = try await curl("GET", "/fhir/metadata")
    for url in [
      "http://hl7.org/fhir/uv/ips/OperationDefinition/summary",
      "http://hl7.org/fhir/OperationDefinition/Composition-document",
    ] { #expect(metadata.body.contains(url)) }
  }

  @Test func aDocumentOfAComposition() async throws {
    let node = try await FlowNode()
    let chart = [
      #"{"resourceType":"Patient","id":"p","name":[{"family":"Samplewood"}],"birthDate":"1984"}"#,
      #"{"resourceType":"Organization","id":"o","name":"Clinic"}"#,
      #"{"resourceType":"Practitioner","id":"d","name":[{"family":"Doe"}]}"#,
      #"{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/p"},"code":{"text":"Peanut"}}"#,
      #"{"resourceType":"Composition","id":"c","status":"final","type":{"text":"Note"},"subject":{"reference":"Patient/p"},"date":"2026-01-01","title":"Note","author":[{"reference":"Practitioner/d"}],"custodian":{"reference":"Organization/o"},"section":[{"title":"Allergies","entry":[{"reference":"AllergyIntolerance/a"}]}]}"#,
    ]
    _ = try await node.take("c.ndjson", Array(chart.joined(separator: "\n").utf8))
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let byPath = try await curl("GET", "/fhir/Composition/c/$document?persist=false")
    #expect(byPath.status == 200, "\(byPath.issue)")
    #expect((byPath.json?["entry"] as? [Any])?.count == 5)
    #expect(byPath.fields["location"] == nil)
    let parameters =
      #"{"resourceType":"Parameters","parameter":[{"name":"id","valueUri":"\#(node.url)/fhir/Composition/c"}]}"#
    let byURL = try await curl("POST", "/fhir/Composition/$document", parameters)
    #expect((byURL.json?["entry"] as? [Any])?.count == 5, "\(byURL.issue)")
    let named = try await curl("GET", "/fhir/Composition/$document?id=c")
    #expect((named.json?["entry"] as? [Any])?.count == 5, "\(named.issue)")
    #expect(try await checked([byPath, byURL, named]) == "")
    // A token without allergies gets the rest, and is told that it is not the whole.
    let narrow = Curl(
      node: node,
      token: try await node.token(scope: "system/Composition.r system/Patient.r"))
    let part = try await narrow("GET", "/fhir/Composition/c/$document")
    #expect((part.json?["entry"] as? [Any])?.count == 2 && part.body.contains("SUBSETTED"))
    #expect(!part.body.contains("Peanut"))
    #expect(try await checked([part]) == "")
  }

  /// Between nodes: what a grant does not cover is as if it were not there.
  @Test func aPeerGetsTheSummaryOfItsGrant() async throws {
    let pair = try await PeerFlowTests.Pair()
    func asked() async throws -> Program.Outcome {
      try await pair.hospitalGets("Patient/p/$summary")
    }
    #expect(try await asked().status == 1)
    try await pair.home.must(
      "consent", "grant", "--to", "Flow hospital", "--patient", "p", "--types",
      "demographics,allergies", "--purpose", "TREAT", "--ttl", "1d")
    let given = try await asked()
    #expect(given.status == 0, "\(given.errors)")
    #expect(given.output.contains("AllergyIntolerance/a"))
    #expect(!given.output.contains("Immunization/"))
  }
}
