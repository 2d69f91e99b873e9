import Foundation
import Testing

/// The program as somebody meets it who has a shell and curl.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct ServeFlowTests {
  static let patient = #"{"resourceType":"Patient","id":"p","name":[{"family":"Samplewood"}]}"#
  static func observation(_ id: String, value: String = "1.10") -> String {
    #"{"resourceType":"Observation","id":"\#(id)","status":"final","code":{"text":"x"},"#
      + #""subject":{"reference":"Patient/p"},"valueQuantity":{"value":\#(value)}}"#
  }

  @Test(arguments: FlowEngine.allCases)
  func everyStatusThatMatters(engine: FlowEngine) async throws {
    let node = try await FlowNode(database: engine.cluster())
    _ = try await node.take("p.json", Array(Self.patient.utf8))
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let nobody = Curl(node: node)
    let forged = Curl(node: node, token: "pc_forged")
    let reader = Curl(node: node, token: try await node.token(scope: "system/Patient.rs"))
    let clinician = Curl(
      node: node, token: try await node.token("--role", "clinician", "--treats", "p"))
    let large =
      "{\"resourceType\":\"Patient\",\"x\":\"" + String(repeating: "a", count: 1000) + "\"}"

    func expect(
      _ status: Int, _ answer: Curl.Answer, _ place: String? = nil, line: Int = #line
    ) {
      #expect(answer.status == status, "line \(line): \(answer.body)")
      #expect(answer.fields["x-request-id"]?.isEmpty == false, "line \(line)")
      guard status >= 400 else { return }
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome", "line \(line)")
      #expect(!answer.issue.text.isEmpty, "line \(line)")
      if let place { #expect(answer.issue.place.contains(place), "line \(line): \(answer.issue)") }
    }
    expect(200, try await nobody("GET", "/fhir/metadata"))
    expect(401, try await nobody("GET", "/fhir/Patient/p"))
    expect(401, try await forged("GET", "/fhir/Patient/p"))
    expect(200, try await curl("GET", "/fhir/Patient/p"))
    expect(403, try await reader("GET", "/fhir/Observation"))
    expect(403, try await reader("POST", "/fhir/Patient", Self.patient))
    expect(403, try await clinician("GET", "/fhir/Patient/p"))
    expect(404, try await curl("GET", "/fhir/Patient/nobody"))
    expect(404, try await curl("GET", "/fhir/Nonsense/1"))

    let created = try await curl("POST", "/fhir/Observation", Self.observation("ignored"))
    expect(201, created)
    let location = try #require(created.fields["location"])
    #expect(
      location.hasPrefix(node.url + "/fhir/Observation/") && location.hasSuffix("/_history/1"))
    #expect(created.fields["etag"] == "W/\"1\"")
    #expect(created.body.contains(#""value":1.10"#))
    expect(200, try await curl("GET", location))
    let instance = String(location.dropFirst(node.url.count).dropLast("/_history/1".count))
    let id = String(instance.split(separator: "/").last ?? "")
    expect(200, try await curl("PUT", instance, Self.observation(id), "-H", "If-Match: W/\"1\""))
    expect(412, try await curl("PUT", instance, Self.observation(id), "-H", "If-Match: W/\"1\""))
    // A bare number is taken as a version too.
    expect(412, try await curl("PUT", instance, Self.observation(id), "-H", "If-Match: 1"))
    expect(422, try await curl("PUT", instance, Self.observation("another")), "Observation.id")
    let history = try await curl("GET", instance + "/_history?_count=1")
    expect(200, history)
    #expect(history.json?["type"] as? String == "history")
    let search = try await curl("GET", "/fhir/Observation?patient=p&_total=accurate")
    expect(200, search)
    #expect(search.json?["total"] as? Int == 1)
    expect(400, try await curl("GET", "/fhir/Observation?nonsense=1"), "nonsense")
    expect(204, try await curl("DELETE", instance))
    expect(410, try await curl("GET", instance))
    expect(204, try await curl("DELETE", instance))

    expect(400, try await curl("POST", "/fhir/Patient", "{\"resourceType\":\"Patient\""), "byte")
    expect(422, try await curl("POST", "/fhir/Patient", Self.observation("x")), "resourceType")
    expect(415, try await curl("POST", "/fhir/Patient", Self.patient, type: "text/plain"))
    expect(415, try await curl("POST", "/fhir/Patient", Self.patient, type: nil))
    expect(406, try await curl("GET", "/fhir/Patient/p", nil, "-H", "Accept: text/turtle"))
    let xml = try await curl("GET", "/fhir/Patient/p", nil, "-H", "Accept: application/fhir+xml")
    #expect(xml.status == 200 && xml.body.contains("<Patient xmlns=\"http://hl7.org/fhir\">"))
    #expect(
      try await curl(
        "PUT", "/fhir/Patient/x", "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"x\"/></Patient>",
        type: "application/fhir+xml"
      ).status == 201)
    expect(204, try await curl("DELETE", "/fhir/Patient/x"))
    let patched = try await curl(
      "PATCH", "/fhir/Patient/p", #"[{"op":"add","path":"/gender","value":"female"}]"#,
      type: "application/json-patch+json")
    expect(200, patched)
    #expect(patched.body.contains(#""gender":"female""#))
    expect(415, try await curl("PATCH", "/fhir/Patient/p", "{}", type: "text/plain"))
    expect(
      422,
      try await curl(
        "PATCH", "/fhir/Patient/p", #"[{"op":"remove","path":"/nothing"}]"#,
        type: "application/json-patch+json"))
    let zipped = try await curl("GET", "/fhir/metadata", nil, "--compressed")
    #expect(zipped.fields["content-encoding"] == "gzip" && zipped.json != nil)
    let checked = try await curl(
      "POST", "/fhir/Patient/$validate", #"{"resourceType":"Patient","gender":"nonsense"}"#)
    #expect(checked.status == 200 && checked.body.contains(#""severity":"error""#))
    expect(405, try await curl("PATCH", "/fhir/metadata", Self.patient))
    expect(
      413, try await curl("POST", "/fhir/Patient", large, "-H", "Content-Length: 999999999999"))
    expect(
      422,
      try await curl(
        "POST", "/fhir",
        #"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patient"}},{"request":{"method":"POST","url":"Encounter"},"resource":{"resourceType":"Encounter","subject":{"reference":"urn:uuid:0"}}}]}"#
      ), "Bundle.entry[1].resource.subject.reference")
    #expect(try await curl("GET", "/fhir/Patient?_total=accurate").json?["total"] as? Int == 1)
    #expect(try await node.stop() == 0)
    #expect(try await node.isLogClean())
  }

  @Test func onlyTLS13AndOnlyOurCA() async throws {
    let node = try await FlowNode()
    try await node.serve()
    #expect(try await Curl(node: node)("GET", "/health").status == 200)
    #expect(try await Curl(node: node, options: ["--tls-max", "1.2"])("GET", "/health").exit != 0)
    let stranger = try await FlowNode()
    let wrong = try await Curl(node: node, options: ["--cacert", stranger.ca])("GET", "/health")
    #expect(wrong.status == 0 && wrong.exit == 60)
    let plain = try await Curl(node: node)("GET", "http://\(node.address)/health")
    #expect(plain.status != 200)
  }

  @Test(arguments: ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080", "example.org:80"])
  func plainHTTPIsForThisMachineOnly(address: String) async throws {
    let node = try await FlowNode()
    let outcome = try await node.run("serve", "--listen", "127.0.0.1:0", "--insecure-http", address)
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("loopback"))
  }

  @Test func plainHTTPOnTheLoopbackAsksForATokenAsWell() async throws {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(Self.patient.utf8))
    try await node.serve(insecure: true)
    let url = try #require(node.insecureURL)
    #expect(try await Curl(node: node)("GET", url + "/fhir/Patient/p").status == 401)
    let token = try await node.token()
    #expect(try await Curl(node: node, token: token)("GET", url + "/fhir/Patient/p").status == 200)
  }

  /// What another program stores is there with the next request, and the other way round.
  @Test(arguments: FlowEngine.allCases)
  func importingWhileServing(engine: FlowEngine) async throws {
    let node = try await FlowNode(database: engine.cluster())
    try await node.serve()
    let curl = Curl(node: node, token: try await node.token())
    let lines = (0..<3000).map {
      #"{"resourceType":"Patient","id":"n\#($0)","active":true}"#
    }
    async let importing = node.take("many.ndjson", Array(lines.joined(separator: "\n").utf8))
    for number in 0..<10 {
      let answer = try await curl(
        "PUT", "/fhir/Patient/c\(number)", #"{"resourceType":"Patient","id":"c\#(number)"}"#)
      #expect(answer.status == 201, "\(answer.body)")
    }
    let outcome = try await importing
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(try await curl("GET", "/fhir/Patient/n2999").status == 200)
    #expect(try await node.exported().count == 3010)
    #expect(try await node.isLogClean())
  }

  @Test func theCommandsEndAsTheySay() async throws {
    let node = try await FlowNode()
    #expect(try await Program.run("nonsense").status == 64)
    #expect(try await Program.run("serve").status == 64)
    #expect(try await node.run("export").status == 64)
    #expect(try await node.run("init", "--name", "Again", "--kind", "household").status == 1)
    #expect(try await node.run("export", "--patient", "nobody").status == 1)
    #expect(try await node.run("import", "/nonexistent.json").status == 1)
    #expect(
      try await Program.run("import", "x.json", "--data", node.home.path + "/empty").status == 1)
    let refused = try await node.take(
      "bad.json",
      Array(#"{"resourceType":"Observation","subject":{"reference":"urn:uuid:1"}}"#.utf8))
    #expect(refused.status == 1)
    let faults =
      ((refused.json as? [String: Any])?["files"] as? [[String: Any]])?.first?["faults"]
      as? [[String: Any]]
    #expect(faults?.first?["place"] as? String == "Observation.subject.reference")
  }
}
