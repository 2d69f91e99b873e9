import Foundation
import SearchOracle
import Testing

/// Searches of the running program as a client sees them: links, totals, order, modes, subsets. (The
/// engine itself is put to many more in Tests/ExchangeTests.)
@Suite(
  .serialized, .enabled(if: Program.isThere, "\(Program.absence)"),
  .enabled(if: Corpus.isThere, "\(Corpus.absence)"))
struct SearchFlowTests {
  @Test(arguments: FlowEngine.allCases)
  func pagesAsAClientSeesThem(engine: FlowEngine) async throws {
    var random = OracleRandom(
      seed: OracleRandom.printedSeed(for: "SearchFlowTests.pagesAsAClientSeesThem \(engine)"))
    let node = try await FlowNode("organization", database: engine.cluster())
    let patient = try #require(Corpus.patients().first)
    try await node.must("import", "--unresolved", "keep", patient)
    let lines = SearchMaterial.madeUp(25, copies: 3, &random).joined(separator: [0x0A])
    let taken = try await node.run([
      "import", "--unresolved", "keep", try node.home.write("made-up.ndjson", lines),
    ])
    #expect(taken.status == 0, "\(taken.output)\(taken.errors)")
    try await node.serve()
    let oracle = try SearchOracle(
      definitions: URL(fileURLWithPath: try #require(Corpus.definitions)))
    let all = Curl(
      node: node, token: try await node.token("--role", "system"), options: ["--compressed"])
    let records = try await listing(all, oracle)
    #expect(try await node.exported().count == records.count)
    let patients = records.filter { $0.type == "Patient" }.map(\.id)
    let treats = patients.prefix(2).flatMap { ["--treats", $0] }
    let token = try await node.run(
      ["token", "--scope", "system/*.rs", "--role", "clinician"] + treats)
    let bearer: String = try #require(token.lines.first)
    let clinician = Curl(node: node, token: bearer)
    let open = try await readable(clinician, records)
    #expect(open.count > 20 && open.count < records.count)
    let maker = QueryMaker(OracleWorld(records, oracle))
    for (curl, visible) in [
      (all, records), (clinician, records.filter { open.contains($0.address) }),
    ] {
      var client = SearchClient(
        curl: curl, world: OracleWorld(visible, oracle), mayBeRefused: visible.count < records.count
      )
      for _ in 0..<(Program.isFull ? 1500 : 30) {
        try await client.check(maker.query(&random), &random)
      }
      print(
        "over HTTP on \(engine): \(client.searches) searches, \(client.pages) pages, "
          + "\(client.withMatches) with matches, \(client.differences) differences")
      #expect(client.differences == 0)
      #expect(client.withMatches > 0 && client.pages > 0)
    }
  }

  /// Everything there is, in the order of a listing, page by page.
  private func listing(_ curl: Curl, _ oracle: SearchOracle) async throws -> [OracleRecord] {
    var records: [OracleRecord] = []
    var next: String? = "/fhir/?_count=400"
    while let path = next {
      let answer = try await curl("GET", path)
      #expect(answer.status == 200, "\(answer.body.prefix(300))")
      let bundle = OracleJSON(Array(answer.body.utf8))
      records += (bundle["entry"]?.each ?? []).compactMap {
        $0["resource"].map { OracleRecord($0) }
      }
      next = SearchClient.link("next", bundle)
    }
    return records
  }

  /// What a caller can read, asked one by one in batches.
  private func readable(_ curl: Curl, _ records: [OracleRecord]) async throws -> Set<String> {
    var found: Set<String> = []
    var rest = records[...]
    while !rest.isEmpty {
      let some = Array(rest.prefix(200))
      rest = rest.dropFirst(some.count)
      let entries = some.map { #"{"request":{"method":"GET","url":"\#($0.address)"}}"# }
      let answer = try await curl(
        "POST", "/fhir",
        #"{"resourceType":"Bundle","type":"batch","entry":[\#(entries.joined(separator: ","))]}"#)
      let replies = OracleJSON(Array(answer.body.utf8))["entry"]?.each ?? []
      try #require(replies.count == some.count, "\(answer.body.prefix(300))")
      for (record, reply) in zip(some, replies)
      where reply["response"]?["status"]?.text?.hasPrefix("200") == true {
        found.insert(record.address)
      }
    }
    return found
  }
}
