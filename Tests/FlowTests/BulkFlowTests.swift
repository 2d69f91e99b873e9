import Foundation
import Testing

/// Bulk exports and imports as a program asks for them that has curl.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct BulkFlowTests {
  private static let group =
    #"{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}}]}"#

  /// Patients with some observations each, and a Group of one of them.
  private func chart(_ patients: Int, _ observations: Int) -> [UInt8] {
    var lines = [Self.group]
    for patient in 0..<patients {
      lines.append(
        #"{"resourceType":"Patient","id":"p\#(patient)","name":[{"family":"Samplewood"}]}"#)
      for number in 0..<observations {
        lines.append(
          #"{"resourceType":"Observation","id":"o\#(patient)-\#(number)","status":"final","#
            + #""code":{"text":"x"},"subject":{"reference":"Patient/p\#(patient)"},"#
            + #""valueQuantity":{"value":\#(number).10}}"#)
      }
    }
    return Array(lines.joined(separator: "\n").utf8)
  }

  private func found(_ type: String, _ curl: Curl) async throws -> [String: String] {
    var found: [String: String] = [:]
    var next: String? = "/fhir/\(type)?_count=200"
    while let page = next {
      let answer = try await curl("GET", page)
      let bundle = try #require(answer.json)
      for entry in bundle["entry"] as? [[String: Any]] ?? [] {
        let resource = try #require(entry["resource"] as? [String: Any])
        found["\(type)/\(resource["id"] as? String ?? "")"] =
          (resource["meta"] as? [String: Any])?[
            "versionId"] as? String
      }
      next =
        (bundle["link"] as? [[String: Any]])?.first { $0["relation"] as? String == "next" }?[
          "url"] as? String
    }
    return found
  }

  @Test(arguments: FlowEngine.allCases)
  func exportIsWhatSearchingFinds(engine: FlowEngine) async throws {
    let node = try await FlowNode("organization", database: engine.cluster())
    let stored = try await node.take("chart.ndjson", chart(40, 12))
    #expect(stored.status == 0, "\(stored.output)\(stored.errors)")
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let client = BulkClient(curl: curl)
    let manifest = try await client.export("/fhir/$export")
    let output = manifest.files("output")
    #expect(output.allSatisfy { $0.url.hasPrefix(manifest.job + "/") })
    #expect(manifest.json["requiresAccessToken"] as? Bool == true)
    #expect(manifest.json["request"] as? String == node.url + "/fhir/$export")
    let all = try await client.read(output)
    #expect(output.reduce(0) { $0 + $1.count } == all.count && all.count == 40 * 13 + 1)
    for type in ["Patient", "Observation", "Group"] {
      let searched = try await found(type, curl)
      #expect(Set(searched.keys) == Set(all.keys.filter { $0.hasPrefix(type + "/") }))
    }
    #expect(all["Observation/o3-4"]?.contains(#""value":4.10"#) == true)
    // Of a Group, by POST, with a type and a filter.
    let body =
      #"{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Observation"},"#
      + #"{"name":"_typeFilter","valueString":"Observation?value-quantity=lt3"},"#
      + #"{"name":"patient","valueReference":{"reference":"Patient/p1"}}]}"#
    let few = try await client.export("/fhir/Group/g/$export", body)
    #expect(
      try await Set(client.read(few.files("output")).keys) == [
        "Observation/o1-0", "Observation/o1-1", "Observation/o1-2",
      ])
    // Compressed on the way, where the client takes it.
    var compressing = client
    compressing = BulkClient(
      curl: Curl(node: node, token: curl.token, options: ["--compressed"]))
    #expect(try await compressing.read(output).count == all.count)
    // Every file of every patient is in the log.
    let log = try await node.log()
    let told = log.filter { ($0["detail"] as? [String: Any])?["query"] as? String != nil }
    for patient in 0..<40 {
      let own = told.filter { $0["patient"] as? String == "Patient/p\(patient)" }
      let files = Set(own.compactMap { ($0["detail"] as? [String: Any])?["query"] as? String })
      #expect(files.contains { $0.contains("/Patient.") })
      #expect(files.contains { $0.contains("/Observation.") })
    }
    // Cancelled, and gone.
    #expect(try await curl("DELETE", manifest.job).status == 202)
    #expect(try await curl("GET", manifest.job).status == 404)
    #expect(try await curl("GET", try #require(output.first).url).status == 404)
    let listed = try await node.must("bulk", "list", "--json")
    let jobs = (listed.json as? [String: Any])?["jobs"] as? [[String: Any]] ?? []
    #expect(jobs.count == 1)
    try await node.must("bulk", "cancel", try #require(jobs.first?["id"] as? String))
    #expect(try await curl("GET", few.job).status == 404)
    #expect(try await node.isLogClean())
  }

  @Test func whatIsAskedForWrongly() async throws {
    let node = try await FlowNode("organization")
    _ = try await node.take("chart.ndjson", chart(2, 2))
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let asking = Curl(node: node, token: curl.token, options: ["-H", "Prefer: respond-async"])
    func expect(
      _ status: Int, _ answer: Curl.Answer, _ place: String? = nil, line: Int = #line
    ) {
      #expect(answer.status == status, "line \(line): \(answer.body)")
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome", "line \(line)")
      if let place { #expect(answer.issue.place.contains(place), "line \(line): \(answer.issue)") }
    }
    expect(400, try await curl("GET", "/fhir/$export"), "Prefer")
    expect(401, try await Curl(node: node, options: asking.options)("GET", "/fhir/$export"))
    expect(400, try await asking("GET", "/fhir/$export?_type=Patience"), "_type")
    expect(400, try await asking("GET", "/fhir/$export?_since=2026-02-30"), "_since")
    expect(400, try await asking("GET", "/fhir/$export?_outputFormat=csv"), "_outputFormat")
    expect(400, try await asking("GET", "/fhir/Patient/$export?patient=Patient/p1"), "patient")
    expect(406, try await asking("GET", "/fhir/$export", nil, type: nil, "-H", "Accept: text/csv"))
    expect(501, try await asking("GET", "/fhir/Observation/$export"))
    expect(501, try await asking("GET", "/fhir/Patient/p1/$export"))
    expect(404, try await asking("GET", "/fhir/Group/none/$export"))
    expect(405, try await asking("PUT", "/fhir/$export", "{}"))
    expect(
      501, try await asking("GET", "/fhir/$export?includeAssociatedData=LatestProvenanceResources"),
      "includeAssociatedData")
    expect(404, try await curl("GET", "/fhir/_bulk/00000000000000000000000000000000"))
    expect(404, try await curl("GET", "/fhir/_bulk/a/b/c"))
    let job = try await BulkClient(curl: curl).export(
      "/fhir/$export?_outputFormat=application/fhir+ndjson")
    let other = Curl(node: node, token: try await node.token())
    expect(404, try await other("GET", job.job))
    expect(404, try await other("DELETE", job.job))
    expect(404, try await other("GET", try #require(job.files("output").first).url))
    let input = (0..<100).map { #"{"type":"Patient","url":"https://169.254.169.254/\#($0)"}"# }
    let import100 = #"{"inputFormat":"ndjson","input":[\#(input.joined(separator: ","))]}"#
    expect(403, try await asking("POST", "/fhir/$import", import100), "input[0].url")
    expect(422, try await asking("POST", "/fhir/$import", "{}"), "inputFormat")
    expect(400, try await curl("POST", "/fhir/$import", import100), "Prefer")
    let metadata = try await curl("GET", "/fhir/metadata")
    #expect(metadata.body.contains("OperationDefinition/group-export"))
    #expect(try await node.isLogClean())
  }

  @Test(arguments: FlowEngine.allCases)
  func killedWhilePlanningItGoesOn(engine: FlowEngine) async throws {
    let node = try await FlowNode("organization", database: engine.cluster())
    let stored = try await node.take("chart.ndjson", chart(60, 150))
    #expect(stored.status == 0, "\(stored.errors)")
    try await node.serve()
    let token = try await node.token()
    var client = BulkClient(curl: Curl(node: node, token: token))
    let job = try await client.begin("/fhir/$export")
    let path = String(job.dropFirst(node.url.count))
    try await node.stop(SIGKILL)
    try await node.serve()
    client = BulkClient(curl: Curl(node: node, token: token))
    let manifest = try await client.manifest(node.url + path)
    let all = try await client.read(manifest.files("output"))
    #expect(all.count == 60 * 151 + 1)
    #expect(manifest.files("output").reduce(0) { $0 + $1.count } == all.count)
    #expect(try await node.isLogClean())
  }

  @Test func anExportIsImportedByAnotherNode() async throws {
    let node = try await FlowNode("organization")
    _ = try await node.take("chart.ndjson", chart(30, 40))
    try await node.serve()
    let source = BulkClient(curl: Curl(node: node, token: try await node.token()))
    let manifest = try await source.export("/fhir/$export")
    var files: [String: String] = [:]
    for file in manifest.files("output") {
      files["\(file.type).ndjson"] = try await source.curl("GET", file.url).body
    }
    let server = try await FileServer(files)
    let other = try await FlowNode("organization", name: "Another")
    try await other.serve(
      importFrom: String(server.url.dropFirst("https://".count)), ca: server.ca)
    let client = BulkClient(curl: Curl(node: other, token: try await other.token()))
    let inputs =
      files.keys.sorted().map {
        #"{"type":"\#($0.prefix { $0 != "." })","url":"\#(server.url)/\#($0)"}"#
      }
      + ["redirect", "error", "html", "nothing", "cut/Observation.ndjson", "short/Patient.ndjson"]
      .map {
        #"{"type":"\#($0.hasPrefix("cut") ? "Observation" : "Patient")","url":"\#(server.url)/\#($0)"}"#
      }
    let job = try await client.begin(
      "/fhir/$import",
      #"{"inputFormat":"application/fhir+ndjson","input":[\#(inputs.joined(separator: ","))]}"#)
    let result = try await client.manifest(job)
    let errors = result.files("error")
    #expect(errors.count == 6, "\(result.json)")
    for file in errors { #expect(try await client.read([file]).count == file.count) }
    func plain(_ lines: [String: String]) -> [String: String] {
      lines.mapValues {
        $0.replacing(/"lastUpdated":"[^"]*"/, with: "").replacing(/"versionId":"[^"]*"/, with: "")
      }
    }
    let again = try await client.export("/fhir/$export")
    let (before, after) = (
      try await source.read(manifest.files("output")), try await client.read(again.files("output"))
    )
    #expect(plain(before) == plain(after) && before.count == 30 * 41 + 1)
    // What came twice, by another way, is there once and as it was.
    #expect(after.values.allSatisfy { $0.contains(#""versionId":"1""#) })
    #expect(try await other.isLogClean())
  }
}
