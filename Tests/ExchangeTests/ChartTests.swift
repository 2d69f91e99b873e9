import Audit
import Consent
import Exchange
import FHIR
import Primitives
import Testing

/// A chart as pages show it: what the caller may read, counted and in the order of time.
@Suite("Charts page by page")
struct ChartTests {
  /// Forty observations on random days, some on the same, with other records about them.
  private func node(_ random: inout SeededGenerator) async throws -> (TestNode, [String: String]) {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.patient("q"))
    var dates: [String: String] = [:]
    var entries: [Sample.Entry] = []
    for number in 0..<40 {
      let day = 1 + Int.random(in: 0..<20, using: &random)
      let date = "2026-01-" + (day < 10 ? "0\(day)" : "\(day)")
      dates["o\(number)"] = date
      entries.append(
        Sample.Entry(
          method: "PUT", url: "Observation/o\(number)",
          resource: Sample.observation(
            "o\(number)", of: "p", category: number % 2 == 0 ? "laboratory" : "vital-signs",
            date: date)))
    }
    entries.append(
      Sample.Entry(
        method: "PUT", url: "Observation/other", resource: Sample.observation("other", of: "q")))
    _ = try await node.exchange.process(
      bundle: Sample.bundle("transaction", entries), as: node.owner)
    return (node, dates)
  }

  @Test func pagesAreTheChartInTheOrderOfTime() async throws {
    var random = SeededGenerator(seed: 2026)
    let (node, dates) = try await node(&random)
    for size in [1, 7, 40, 200] {
      var shown: [String] = []
      var cursor: String?
      repeat {
        let page = try await node.exchange.chart(
          of: "p", ChartQuestion(), cursor: cursor, count: size, as: node.owner)
        #expect(page.records.count <= size)
        #expect(page.counts == [.demographics: 1, .labResults: 20, .vitalSigns: 20])
        shown += page.records.map(\.id)
        cursor = page.next
      } while cursor != nil
      #expect(shown.count == 41 && Set(shown).count == 41, "seed 2026, pages of \(size)")
      #expect(shown.last == "p")
      let order = shown.dropLast().map { dates[$0] ?? "" }
      #expect(order == order.sorted(by: >), "seed 2026, pages of \(size)")
    }
  }

  @Test func kindsWordsAndDaysNarrowIt() async throws {
    var random = SeededGenerator(seed: 7)
    let (node, dates) = try await node(&random)
    try await node.store(
      Sample.json(
        """
        {"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},
         "code":{"text":"Alérgia a la penicilina","coding":[{"code":"91936005"}]}}
        """))
    func ids(_ question: ChartQuestion) async throws -> Set<String> {
      Set(
        try await node.exchange.chart(of: "p", question, count: 200, as: node.owner)
          .records.map(\.id))
    }
    #expect(try await ids(ChartQuestion(types: RecordTypeSet(.labResults))).count == 20)
    #expect(try await ids(ChartQuestion(words: "alergia PENI")) == ["c"])
    #expect(try await ids(ChartQuestion(words: "91936005")) == ["c"])
    #expect(try await ids(ChartQuestion(words: "718-7")).count == 40)
    #expect(try await ids(ChartQuestion(words: "penicilina nothing")).isEmpty)
    let range = dates.filter { $0.value >= "2026-01-05" && $0.value <= "2026-01-09" }
    #expect(
      try await ids(ChartQuestion(from: "2026-01-05", to: "2026-01-09")) == Set(range.keys))
    for (from, to) in [("2026-1-5", nil), (nil, "yesterday"), ("2026-13-01", nil)] {
      #expect(throws: PeerChartError.self) { try ChartQuestion(from: from, to: to) }
    }
  }

  @Test func whatIsNotOpenIsNotCounted() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.condition("hidden", of: "p", security: "HIV"))
    _ = try await home.exchange.grant(
      GrantDraft(
        patient: "p", grantee: .node(hospital.id),
        types: RecordTypeSet([.problems, .labResults]), labels: .ordinary,
        purposes: PurposeSet(.treatment), actions: [.read, .search], seconds: 3600),
      as: home.owner)
    let caller = try await home.peer(hospital)
    let page = try await home.exchange.chart(of: "p", ChartQuestion(), as: caller)
    #expect(page.counts == [.problems: 1, .labResults: 1])
    #expect(Set(page.records.map(\.id)) == ["problem", "lab"])
    #expect(
      await outcome {
        try await home.exchange.chart(
          of: "p", ChartQuestion(types: RecordTypeSet(.allergies)), as: caller)
      } == "forbidden")
    #expect(
      await outcome { try await home.exchange.chart(of: "none", ChartQuestion(), as: caller) }
        == "forbidden")
  }

  @Test func theLogNamesWhatWasShownAndNothingElse() async throws {
    var random = SeededGenerator(seed: 11)
    let (node, _) = try await node(&random)
    let page = try await node.exchange.chart(of: "p", ChartQuestion(), count: 5, as: node.owner)
    let entry = try #require(
      try await node.exchange.auditEvents(of: "p", before: nil, limit: 1, as: node.owner).first)
    #expect(entry.event.kind == .disclosure)
    #expect(
      Set(entry.event.entities)
        == Set(page.records.map { "\($0.type)/\($0.id)/_history/\($0.version)" }))
    #expect(entry.event.counts.values.reduce(0, +) == 5)

    let item = try await node.exchange.recordWithVersions("Patient", id: "p", as: node.owner)
    #expect(item.versions.map(\.number) == [1])
    let second = try await node.exchange.auditEvents(
      of: "p", before: nil, limit: 3, as: node.owner)
    #expect(second.first?.event.entities == ["Patient/p/_history/1"])
    #expect(second.count { $0.event.kind == .disclosure } == 2)
  }

  @Test func aCursorIsGoodForItsQuestionOnly() async throws {
    var random = SeededGenerator(seed: 3)
    let (node, _) = try await node(&random)
    let page = try await node.exchange.chart(of: "p", ChartQuestion(), count: 5, as: node.owner)
    #expect(
      await outcome {
        try await node.exchange.chart(
          of: "p", ChartQuestion(types: RecordTypeSet(.labResults)), cursor: page.next,
          as: node.owner)
      } == "invalid")
    #expect(
      await outcome {
        try await node.exchange.chart(
          of: "q", ChartQuestion(), cursor: page.next, as: node.owner)
      } == "invalid")
  }
}
