import Foundation
import Testing

/// Whoever takes the disk, or the servers' output, learns no value of a chart.
@Suite(.serialized, .enabled(if: Program.isThere, "\(Program.absence)"))
struct PlaintextFlowTests {
  @Test(arguments: FlowEngine.allCases)
  func noValueOfAChartLiesInClear(engine: FlowEngine) async throws {
    let folder = try TemporaryFolder()
    let cluster = try await engine.cluster()
    // A new server has words of many languages in its dictionaries, and writes them again when it sees to
    // its tables.
    let known = folder.path + "/known"
    if let cluster {
      try FileManager.default.copyItem(atPath: cluster.tables, toPath: known)
    }
    try await cluster?.turnJournal()
    let home = try await FlowNode("household", name: "Flow household", database: cluster)
    let hospital = try await FlowNode("organization", name: "Flow hospital")
    let chart: [String]
    if let patient = try Corpus.patients().first {
      chart = try Corpus.organizations() + [patient]
    } else {
      chart = [try folder.write("chart.ndjson", Array(Self.family.joined(separator: "\n").utf8))]
    }
    for node in [home, hospital] {
      try await node.serve()
      let imported = try await node.run(["import"] + chart)
      #expect(imported.status == 0, "\(imported.errors)")
    }
    let patients = try await home.exported().compactMap { line -> [String: Any]? in
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return object?["resourceType"] as? String == "Patient" ? object : nil
    }
    let patient = try #require(patients.first)
    let id = try #require(patient["id"] as? String)
    let family = (patient["name"] as? [[String: Any]])?.first?["family"] as? String ?? ""
    let link = try #require(
      try await home.must("peer", "invite", "--address", home.address).lines.first)
    try await hospital.must("peer", "accept", link, "--address", hospital.address)

    // Everything that could leave a trace: searches, refusals, errors, requests, grants, messages
    // that wait, documents, logs that are read.
    let curl = Curl(node: home, token: try await home.token())
    for query in [
      "Patient?name=\(family)", "Patient/\(id)", "Patient?birthdate=\(patient["birthDate"] ?? "")",
      "Observation?patient=\(id)&_count=5", "Condition?patient=\(id)", "Patient?\(family)=1",
      "Patient/\(family)", "\(family)/1",
      "Observation?patient=\(id)&code=http://loinc.org%7C8302-2",
    ] { _ = try await curl("GET", "/fhir/" + query) }
    for body in [
      #"{"resourceType":"Patient","name":[{"family":"\#(family)"},"#,
      #"{"resourceType":"Patient","name":"\#(family)"}"#,
      #"{"resourceType":"\#(family)"}"#,
    ] { _ = try await curl("POST", "/fhir/Patient", body) }
    _ = try await hospital.run("peer", "get", "Flow household", "Patient?name=\(family)")
    try await hospital.must(
      "peer", "request", "Flow household", "--patient-name", family, "--birth-date",
      patient["birthDate"] as? String ?? "", "--types", "all", "--ttl", "1d", "--reason",
      "Follow-up of \(family)")
    try await home.must(
      "consent", "grant", "--patient", id, "--to", "Flow hospital", "--types", "all", "--purpose",
      "TREAT", "--ttl", "1d")
    _ = try await hospital.run("peer", "get", "Flow household", "Observation?patient=\(id)")
    _ = try await hospital.run("peer", "get", "Flow household", "Patient/\(id)")
    let document = folder.path + "/chart.sec"
    _ = try await home.run(
      "sec", "issue", "--chart", id, "--to", "Flow hospital", "--output", document)
    try await hospital.stop()
    try await home.must(
      "consent", "grant", "--patient", id, "--to", "Flow hospital", "--types", "lab-results",
      "--purpose",
      "TREAT", "--ttl", "1d", "--deny")
    try await home.must("audit", "list", "--patient", id)

    let place =
      [home.path, hospital.path] + (cluster?.writtenPlaces ?? []) + home.serverOutputFiles
      + hospital.serverOutputFiles
    let scan = try await Program.python(
      "scan_plaintext.py",
      ["--chart"] + chart + ["--count", Corpus.isThere ? "200" : "12", "--in"] + place
        + (cluster == nil ? [] : ["--known", known]))
    #expect(scan.status == 0, "\(scan.output)\(scan.errors)")
    // That the scan can find at all: the chart itself among the places.
    let control = try await Program.python(
      "scan_plaintext.py",
      ["--chart"] + chart + ["--count", "12", "--in"] + [chart[chart.count - 1]])
    #expect(control.status == 1, "\(control.output)\(control.errors)")
    #expect(!home.serverOutput.contains(id) && !home.serverOutput.contains(family))
    for node in [home, hospital] { #expect(try await node.isLogClean()) }
  }

  private static let family = [
    #"{"resourceType":"Patient","id":"wren-1987","name":[{"family":"Samplewood","given":["Wrenata"]}],"birthDate":"1987-06-05","address":[{"line":["12 Rowanberry Lane"],"city":"Exampleville"}],"telecom":[{"value":"+1-555-0100-987"}]}"#,
    #"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/wren-1987"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"195967001","display":"Asthma (disorder)"}]},"note":[{"text":"Worse in the spring of that year"}]}"#,
    #"{"resourceType":"Observation","id":"o","status":"final","subject":{"reference":"Patient/wren-1987"},"effectiveDateTime":"2025-11-30T10:11:12Z","code":{"coding":[{"system":"http://loinc.org","code":"8302-2","display":"Body height"}]}}"#,
  ]
}
