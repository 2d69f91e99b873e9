import Foundation
import Testing

/// FHIR's operations as a client calls them.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct OperationFlowTests {
  /// Follows `next` to the end.
  private func pages(_ curl: Curl, _ path: String) async throws -> [[String: Any]] {
    var entries: [[String: Any]] = []
    var next: String? = path
    while let address = next {
      let answer = try await curl("GET", address)
      #expect(answer.status == 200, "\(answer.issue)")
      entries += answer.json?["entry"] as? [[String: Any]] ?? []
      let links = answer.json?["link"] as? [[String: String]] ?? []
      next = links.first { $0["relation"] == "next" }?["url"]
    }
    return entries
  }

  private func names(_ entries: [[String: Any]], mode: String) -> [String] {
    entries.compactMap { entry in
      guard (entry["search"] as? [String: String])?["mode"] == mode,
        let resource = entry["resource"] as? [String: Any],
        let type = resource["resourceType"] as? String, let id = resource["id"] as? String
      else { return nil }
      return "\(type)/\(id)"
    }
  }

  @Test(.enabled(if: Corpus.isThere, "\(Corpus.absence)"), arguments: FlowEngine.allCases)
  func everythingOfAChartIsWhatTheExportSays(engine: FlowEngine) async throws {
    let node = try await FlowNode(database: engine.cluster())
    for file in try Corpus.organizations() + Corpus.patients().prefix(2) {
      try await node.must("import", file)
    }
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let patients = try await pages(curl, "/fhir/Patient").compactMap {
      ($0["resource"] as? [String: Any])?["id"] as? String
    }
    #expect(patients.count == 2)
    for patient in patients {
      let exported = try await node.must("export", "--patient", patient).lines.map { line in
        let resource = try #require(
          try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        return "\(resource["resourceType"] ?? "")/\(resource["id"] ?? "")"
      }
      let entries = try await pages(curl, "/fhir/Patient/\(patient)/$everything?_count=100")
      let found = names(entries, mode: "match")
      #expect(found.first == "Patient/\(patient)")
      #expect(Set(found) == Set(exported) && found.count == exported.count)
      #expect(names(entries, mode: "include").contains { $0.hasPrefix("Practitioner/") })
    }
    let last = try await pages(
      curl, "/fhir/Observation/$lastn?patient=\(patients[0])&category=vital-signs")
    let codes = last.compactMap { entry -> String? in
      let code = (entry["resource"] as? [String: Any])?["code"] as? [String: Any]
      return (code?["coding"] as? [[String: Any]])?.first?["code"] as? String
    }
    #expect(!codes.isEmpty && Set(codes).count == codes.count)
    let documents = try await pages(
      curl, "/fhir/DocumentReference/$docref?patient=\(patients[0])")
    let current = try await pages(
      curl, "/fhir/DocumentReference?patient=\(patients[0])&status=current")
    #expect(
      !documents.isEmpty
        && Set(names(documents, mode: "match")) == Set(names(current, mode: "match")))
  }

  @Test func whatIsWrongIsSaid() async throws {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let parameters =
      #"{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Patient"}]}"#
    let posted = try await curl("POST", "/fhir/Patient/p/$everything", parameters)
    #expect(posted.status == 200 && posted.body.contains("Samplewood"))
    let labels = try await curl("GET", "/fhir/Patient/p/$meta")
    #expect(labels.json?["resourceType"] as? String == "Parameters")
    for (path, status) in [
      ("/fhir/Patient/p/$everything?start=now", 400), ("/fhir/Patient/p/$everything?x=1", 400),
      ("/fhir/Patient/p/$everything?_type=Nothing", 400),
      ("/fhir/Patient/p/$everything?_since=2026", 400),
      ("/fhir/Patient/p/$everything?_count=-1", 400),
      ("/fhir/Patient/p/$everything?_cursor=x", 400),
      ("/fhir/Patient/nobody/$everything", 404), ("/fhir/Patient/p/$nothing", 501),
      ("/fhir/Observation/$lastn", 400), ("/fhir/Observation/$lastn?patient=p&max=0", 400),
      ("/fhir/DocumentReference/$docref", 400),
      ("/fhir/DocumentReference/$docref?patient=p&on-demand=true", 501),
      ("/fhir/Patient/nobody/$meta", 404), ("/fhir/Patient/p/$meta?x=1", 400),
    ] {
      let answer = try await curl("GET", path)
      #expect(answer.status == status, "\(path): \(answer.issue)")
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome")
    }
    for body in ["{}", "[]", "", ServeFlowTests.patient] {
      let answer = try await curl("POST", "/fhir/Patient/p/$everything", body)
      #expect(answer.status == (body.isEmpty ? 200 : 400) || answer.status == 422, "\(body)")
    }
    let nobody = try await Curl(node: node)("GET", "/fhir/Patient/p/$everything")
    #expect(nobody.status == 401)
    let smart = try await Curl(node: node)("GET", "/fhir/.well-known/smart-configuration")
    let capabilities = smart.json?["capabilities"] as? [String] ?? []
    #expect(Set(capabilities).isSuperset(of: ["permission-v2", "launch-ehr", "launch-standalone"]))
    let metadata = try await curl("GET", "/fhir/metadata")
    for code in ["everything", "lastn", "docref", "meta", "validate"] {
      #expect(metadata.body.contains("\"name\":\"\(code)\""))
    }
  }
}
