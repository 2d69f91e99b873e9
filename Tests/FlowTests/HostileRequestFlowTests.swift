import Foundation
import Testing

/// Requests that mean harm or make no sense: each is refused with its place, and nothing is half done.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct HostileRequestFlowTests {
  private func family() async throws -> (node: FlowNode, curl: Curl) {
    let node = try await FlowNode()
    _ = try await node.take("p.json", Array(ServeFlowTests.patient.utf8))
    _ = try await node.take("o.json", Array(ServeFlowTests.observation("o").utf8))
    try await node.serve()
    return (node, Curl(node: node, token: try await node.token()))
  }

  /// Query, status, and what the answer's place names.
  static let queries: [(query: String, status: Int, place: String)] = [
    ("Observation?nonsense=1", 400, "nonsense"),
    ("Observation?code:nonsense=1", 400, "code:nonsense"),
    ("Observation?code:above=1&x", 400, ""),
    ("Observation?date=2020-02-30", 400, "date"),
    ("Observation?date=ge20200230", 400, "date"),
    ("Observation?date=zz2020", 400, "date"),
    ("Observation?value-quantity=gtx", 400, "value-quantity"),
    ("Observation?value-quantity=1e999999", 400, "value-quantity"),
    ("Observation?_lastUpdated=yesterday", 400, "_lastUpdated"),
    ("Observation?_count=-1", 400, "_count"),
    ("Observation?_count=99999999999999999999", 400, "_count"),
    ("Observation?_sort=nonsense", 400, "_sort"),
    ("Observation?_sort=date,date,date,date,date,date,date,date,date,date,date", 400, "_sort"),
    ("Observation?_include=nonsense", 400, "_include"),
    ("Observation?_filter=code%20eq%201", 400, "_filter"),
    ("Observation?_total=maybe", 400, "_total"),
    ("Observation?_summary=some", 400, "_summary"),
    ("Observation?_elements=1", 400, "_elements"),
    ("Observation?_cursor=AAAA", 400, "_cursor"),
    ("Observation?subject:Patient.organization.partof.partof.name=x", 200, ""),
    ("Observation?subject:Patient.organization.partof.partof.partof.name=x", 400, "subject"),
    ("Observation?subject:Nonsense.name=x", 400, "subject:Nonsense.name"),
    ("Patient?_has:Observation:nonsense:code=x", 400, "_has"),
    ("Patient?_has:Observation:subject:_has:Provenance:target:agent=Patient/p", 200, ""),
    (
      "Observation?_include=Observation:has-member&_include:iterate=Observation:has-member", 200, ""
    ),
    ("Patient?_revinclude=Observation:subject&_include:iterate=Observation:subject", 200, ""),
    ("Nonsense?x=1", 404, ""), ("?_type=Nonsense", 400, "_type"),
    ("Patient/p/Nonsense?x=1", 404, ""),
    ("Observation?code=%ff", 400, ""), ("Observation?code=%00", 400, ""),
    ("Observation?code=%", 400, ""), ("Observation?=1", 400, ""),
    ("Patient?near=1", 400, ""), ("Location?near=1%7C2%7C3%7Cmiles", 400, "near"),
    ("Patient?birthdate=0000-00-00", 400, "birthdate"),
  ]

  @Test func queriesThatMakeNoSense() async throws {
    let (_, curl) = try await family()
    for (query, status, place) in Self.queries {
      let answer = try await curl("GET", "/fhir/\(query)")
      #expect(answer.status == status, "\(query): \(answer.issue)")
      guard status >= 400 else { continue }
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome", "\(query)")
      #expect(place.isEmpty || answer.issue.place.contains(place), "\(query): \(answer.issue)")
    }
  }

  @Test func queriesOfEnormousSize() async throws {
    let (_, curl) = try await family()
    let form = "application/x-www-form-urlencoded"
    let chain = Array(repeating: "subject", count: 2000).joined(separator: ".")
    for body in [
      "code=" + Array(repeating: "1", count: 10_000).joined(separator: ","),
      "code=" + String(repeating: "9", count: 10_240),
      Array(repeating: "code=1", count: 5000).joined(separator: "&"),
      "\(chain)=1", String(repeating: "x", count: 100_000) + "=1",
      "_has:" + Array(repeating: "Observation:subject:_has", count: 500).joined(separator: ":")
        + "=1",
    ] {
      let answer = try await curl("POST", "/fhir/Observation/_search", body, type: form)
      #expect(answer.status == 400, "\(body.prefix(20)): \(answer.issue)")
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome")
      // What was sent is not sent back.
      #expect(answer.body.utf8.count < 2000)
    }
    let large = try await curl(
      "POST", "/fhir/Observation/_search", "code=" + String(repeating: "1", count: 2 << 20),
      type: form)
    #expect(large.status == 413)
  }

  @Test func aCursorIsItsCallersOnly() async throws {
    let (node, curl) = try await family()
    _ = try await node.take("o2.json", Array(ServeFlowTests.observation("o2").utf8))
    let page = try await curl("GET", "/fhir/Observation?_count=1")
    let links = page.json?["link"] as? [[String: String]] ?? []
    let next = try #require(links.first { $0["relation"] == "next" }?["url"])
    #expect(try await curl("GET", next).status == 200)
    let other = Curl(node: node, token: try await node.token())
    #expect(try await other("GET", next).status == 400)
    let query = next.replacingOccurrences(of: "Observation?", with: "Observation?status=final&")
    #expect(try await curl("GET", query).status == 400)
    for position in stride(from: next.count - 1, to: next.count - 40, by: -7) {
      var changed = Array(next)
      changed[position] = changed[position] == "A" ? "B" : "A"
      #expect(try await curl("GET", String(changed)).status == 400)
    }
  }

  private func transaction(_ entries: String...) -> String {
    #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#
  }

  @Test func aTransactionIsWholeOrNothing() async throws {
    let (_, curl) = try await family()
    func observations() async throws -> Int? {
      try await curl("GET", "/fhir/Observation?_summary=count").json?["total"] as? Int
    }
    func entry(_ id: String, refersTo other: String) -> String {
      #"{"fullUrl":"urn:uuid:\#(id)","request":{"method":"POST","url":"Observation"},"#
        + #""resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"#
        + #""subject":{"reference":"Patient/p"},"#
        + #""hasMember":[{"reference":"urn:uuid:\#(other)"}]}}"#
    }
    let (a, b) = (
      "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
    )
    // References in a circle are no obstacle: all ids are known before anything is stored.
    #expect(
      try await curl("POST", "/fhir", transaction(entry(a, refersTo: b), entry(b, refersTo: a)))
        .status == 200)
    #expect(try await observations() == 3)
    let put =
      #"{"request":{"method":"PUT","url":"Observation/w"},"resource":"#
      + ServeFlowTests.observation("w") + "}"
    let nowhere = entry(a, refersTo: "00000000-0000-4000-8000-00000000000f")
    let wrong =
      #"{"request":{"method":"POST","url":"Observation"},"resource":{"resourceType":"Patient"}}"#
    let delete = #"{"request":{"method":"DELETE","url":"Observation/w"}}"#
    for (entries, place) in [
      ([put, put], "entry[1]"), ([put, delete], "entry"), ([put, nowhere], "entry[1]"),
      ([put, wrong], "entry[1]"),
    ] {
      let bundle = transaction(entries[0], entries[1])
      let answer = try await curl("POST", "/fhir", bundle)
      #expect([400, 409, 422].contains(answer.status), "\(answer.issue)")
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome")
      #expect(answer.issue.place.contains(place), "\(answer.issue)")
      #expect(try await observations() == 3)
    }
  }

  @Test func patchesThatCannotBe() async throws {
    let (_, curl) = try await family()
    let json = "application/json-patch+json"
    for (patch, status) in [
      (#"[{"op":"remove","path":"/nothing"}]"#, 422),
      (#"[{"op":"replace","path":"/name/9/family","value":"x"}]"#, 422),
      (#"[{"op":"test","path":"/name/0/family","value":"other"}]"#, 409),
      (#"[{"op":"replace","path":"/resourceType","value":"Observation"}]"#, 422),
      (#"[{"op":"replace","path":"/id","value":"q"}]"#, 422),
      (#"[{"op":"dance","path":"/x"}]"#, 400), (#"{"op":"remove"}"#, 400), ("[", 400),
      (#"[{"op":"add","path":"no/slash","value":1}]"#, 400),
    ] {
      let answer = try await curl("PATCH", "/fhir/Patient/p", patch, type: json)
      #expect(answer.status == status, "\(patch): \(answer.issue)")
      #expect(answer.json?["resourceType"] as? String == "OperationOutcome")
    }
    let read = try await curl("GET", "/fhir/Patient/p")
    #expect(read.fields["etag"] == "W/\"1\"" && read.body.contains("Samplewood"))
  }
}
