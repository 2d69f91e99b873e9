import Consent
import Exchange
import FHIR
import Primitives
import Testing

@Suite struct ImportTests {
  private func run(
    _ node: TestNode, _ bytes: [UInt8], _ unresolved: UnresolvedReferences = .refuse
  ) async throws -> ImportReport {
    try await node.exchange.importJSON(
      bytes, unresolved: unresolved, as: node.owner, progress: { _ in })
  }

  private func everything(_ node: TestNode) async throws -> [ReleasedResource] {
    var all: [ReleasedResource] = []
    _ = try await node.exchange.export(.all, as: node.owner) { all += $0 }
    return all
  }

  @Test func aSecondImportChangesNothing() async throws {
    let node = try await TestNode()
    let collection = Sample.json(
      """
      {"resourceType":"Bundle","type":"collection","entry":[
        {"fullUrl":"urn:uuid:11111111-1111-4111-8111-111111111111",
         "resource":\(String(decoding: Sample.patient("p"), as: UTF8.self))},
        {"resource":\(String(decoding: Sample.observation("o", of: "p"), as: UTF8.self))},
        {"resource":{"resourceType":"Condition","id":"c",
          "subject":{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}}}]}
      """)
    let first = try await run(node, collection)
    #expect(first.created == 3 && first.faultCount == 0 && first.patients == ["p"])
    #expect(first.assigned["urn:uuid:11111111-1111-4111-8111-111111111111"] == "Patient/p")
    let condition = try await node.exchange.read("Condition", id: "c", as: node.owner)
    #expect(condition.text.contains(#""reference":"Patient/p""#))
    node.clock.advance(seconds: 5)
    let second = try await run(node, collection)
    #expect(second.unchanged == 3 && second.stored == 0)
    #expect(try await everything(node).allSatisfy { $0.version == 1 })
  }

  @Test func ofACollectionTheGoodEntriesAreStoredAndTheBadNamed() async throws {
    let node = try await TestNode()
    let report = try await run(
      node,
      Sample.json(
        """
        {"resourceType":"Bundle","type":"collection","entry":[
          {"resource":{"resourceType":"Patient","id":"a"}},
          {"resource":{"resourceType":"Nonsense","id":"b"}},
          {"resource":{"resourceType":"Patient","id":"not an id"}},
          {},
          {"resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:dead"}}},
          {"resource":{"resourceType":"Patient","id":"a","active":true}},
          {"resource":{"resourceType":"Patient","id":"z"}}]}
        """))
    #expect(report.created == 2 && report.patients == ["a", "z"])
    #expect(report.faultCount == 5)
    let places = report.faults.map { $0.place ?? "" }
    for (index, place) in [
      "Bundle.entry[1]", "Bundle.entry[2]", "Bundle.entry[3]",
      "Bundle.entry[4].resource.subject.reference", "Bundle.entry[5]",
    ].enumerated() {
      #expect(places.contains { $0.hasPrefix(place) }, "\(index): \(places)")
    }
    #expect(
      report.faults.allSatisfy { !$0.reason.contains("not an id") && !$0.reason.contains("dead") })
  }

  @Test func ndjsonTakesLineByLine() async throws {
    let node = try await TestNode()
    var splitter = NDJSONSplitter()
    var text = Sample.json(#"{"resourceType":"Patient","id":"a"}"# + "\n\n")
    text += Sample.json(#"{"resourceType":"Patient","id":"b"}"# + "\r\n{broken\n")
    text += Sample.json(
      #"{"resourceType":"Observation","id":"o","subject":{"reference":"Patient/a"}}"#)
    var lines = try splitter.split(text)
    if let last = splitter.finish() { lines.append(last) }
    let report = try await node.exchange.importNDJSON(
      lines, unresolved: .refuse, as: node.owner, progress: { _ in })
    #expect(report.created == 3 && report.faultCount == 1)
    #expect(report.faults.first?.place?.hasPrefix("line 4") == true)
  }

  @Test func aDocumentIsKeptWholeAndAPlainResourceGetsAnId() async throws {
    let node = try await TestNode()
    let document = Sample.json(
      """
      {"resourceType":"Bundle","id":"doc","type":"document","entry":[
        {"fullUrl":"urn:uuid:1","resource":{"resourceType":"Composition","title":"T"}}]}
      """)
    #expect(try await run(node, document).created == 1)
    let kept = try await node.exchange.read("Bundle", id: "doc", as: node.owner)
    #expect(kept.text.contains(#""entry":["#) && kept.text.contains("urn:uuid:1"))
    let report = try await run(node, Sample.json(#"{"resourceType":"Organization","name":"O"}"#))
    #expect(report.created == 1)
    #expect(try await node.exchange.searchAll("Organization", [], as: node.owner).count == 1)
  }

  @Test(arguments: [
    ("", "malformed"), ("[]", "invalid"), ("{}", "invalid"), ("{\"resourceType\":1}", "invalid"),
    ("{\"resourceType\":\"Patient\",\"id\":\"a\",\"id\":\"b\"}", "malformed"),
    ("{\"resourceType\":\"Patient\",\"multipleBirthInteger\":NaN}", "malformed"),
    ("{\"resourceType\":\"Patient\",\"id\":\"a\"", "malformed"),
    ("{\"resourceType\":\"Patient\"} {}", "malformed"),
    ("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":{}}", "invalid"),
    ("{\"resourceType\":\"Bundle\"}", "invalid"),
  ])
  func whatIsNoResourceIsRefused(text: String, code: String) async throws {
    let node = try await TestNode()
    let before = try await node.log().count
    do {
      let report = try await run(node, Sample.json(text))
      #expect(report.stored == 0 && report.faults.first?.code.rawValue == code)
    } catch let error as PeerChartError {
      #expect(error.code.rawValue == code && error.place != nil)
    }
    #expect(try await everything(node).isEmpty, "\(before)")
  }

  @Test func invalidUTF8AndDepthAreRefusedWithTheirPlace() async throws {
    let node = try await TestNode()
    var bad = Sample.patient("p", family: "X")
    bad[try #require(bad.firstIndex(of: UInt8(ascii: "X")))] = 0xFF
    let deep =
      Array("{\"resourceType\":\"Patient\",\"x\":".utf8) + Array(repeating: 0x5B, count: 10_000)
      + Array(repeating: 0x5D, count: 10_000) + [0x7D]
    for (bytes, code) in [(bad, "malformed"), (deep, "too-large")] {
      let error = await failure { try await run(node, bytes) }
      #expect(error?.code.rawValue == code && error?.place != nil, "\(error as Any)")
    }
    #expect(try await everything(node).isEmpty)
  }

  /// Each resource goes into the chart of the patient it is about, whatever it came with.
  @Test func aBundleAboutTwoPatientsFillsTwoCharts() async throws {
    let (home, hospital) = try await pairOfNodes()
    let report = try await run(
      home,
      Sample.bundle(
        "transaction",
        [
          .init(method: "PUT", url: "Patient/q", resource: Sample.patient("q")),
          .init(
            method: "PUT", url: "Observation/of-q", resource: Sample.observation("of-q", of: "q")),
          .init(
            method: "PUT", url: "Observation/of-p", resource: Sample.observation("of-p", of: "p")),
        ]))
    #expect(report.created == 3)
    try await home.grant(to: hospital, of: "q", types: .all)
    #expect(try await home.read("Observation/of-q", by: hospital) == "ok")
    #expect(try await home.read("Observation/of-p", by: hospital) == "forbidden")
    var exported: [String] = []
    _ = try await home.exchange.export(.patient("q"), as: home.owner) { exported += $0.map(\.id) }
    #expect(exported.filter { $0 != "of-q" && $0 != "q" }.count == 1, "the Consent: \(exported)")
  }

  @Test func aRecordThatNamesNobodyIsOpenToNobodyElse() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(
      Sample.json(#"{"resourceType":"Observation","id":"whose","status":"final"}"#))
    try await home.grant(to: hospital, types: .all, labels: .all, purposes: .all, actions: .all)
    #expect(try await home.read("Observation/whose", by: hospital) == "forbidden")
    #expect(
      await outcome {
        try await home.exchange.read("Observation", id: "whose", as: home.owner)
      } == "ok")
    #expect(try await home.grants().count == 1)
    #expect(
      await outcome {
        try await home.exchange.grant(
          GrantDraftOf.everything("_unfiled", to: hospital), as: home.owner)
      } != "ok")
  }
}
