import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

@Suite struct SearchTests {
  private func chart(_ count: Int) async throws -> TestNode {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.patient("q", family: "Birchbark"))
    for number in 0..<count {
      try await node.store(
        Sample.observation(
          "o\(number)", of: number.isMultiple(of: 5) ? "q" : "p", value: "\(number)"))
      node.clock.advance(seconds: 1)
    }
    return node
  }

  @Test func pagesTogetherAreTheWholeOnce() async throws {
    let node = try await chart(25)
    // A new version must not make it come twice, a deleted one not at all.
    try await node.store(Sample.observation("o3", of: "p", value: "33"))
    _ = try await node.exchange.delete("Observation", id: "o4", expecting: .any, as: node.owner)
    for query in [[], [("patient", "p")], [("subject", "Patient/p"), ("code", "718-7")]] {
      let all = try await node.exchange.searchAll(
        "Observation", query + [("_count", "7")], as: node.owner)
      let expected = query.isEmpty ? 24 : 19
      #expect(all.count == expected && Set(all.map(\.id)).count == expected)
      let page = try await node.exchange.search(
        "Observation", query: query + [("_count", "7"), ("_total", "accurate")], strict: true,
        as: node.owner)
      #expect(page.total == expected && page.resources.count == 7)
    }
    let whole = try await node.exchange.search(
      "Observation", query: [("_count", "100")], strict: true, as: node.owner)
    #expect(whole.total == 24 && whole.next == nil)
  }

  @Test func aCountOfZeroAsksForTheTotal() async throws {
    let node = try await chart(5)
    let page = try await node.exchange.search(
      "Observation", query: [("_count", "0")], strict: true, as: node.owner)
    #expect(page.resources.isEmpty && page.total == 5 && page.next == nil)
  }

  @Test func resultsComeInTheOrderAskedFor() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    for (number, date) in ["2026-03-01", "2026-01-01", "2026-02-01", "2026-01-01"].enumerated() {
      try await node.store(
        Sample.observation("o\(number)", of: "p", code: "1-\(number % 2)", date: date))
    }
    func ids(_ sort: String, count: Int) async throws -> [String] {
      try await node.exchange.searchAll(
        "Observation", [("_sort", sort), ("_count", "\(count)"), ("_total", "accurate")],
        as: node.owner
      ).map(\.id)
    }
    for count in [1, 2, 3, 10] {
      #expect(try await ids("date", count: count) == ["o1", "o3", "o2", "o0"])
      #expect(try await ids("-date", count: count) == ["o0", "o2", "o1", "o3"])
      #expect(try await ids("code,-date", count: count) == ["o0", "o2", "o1", "o3"])
    }
    #expect(await outcome { try await ids("nonsense", count: 1) } == "invalid")
  }

  @Test func linksAreFollowedBothWays() async throws {
    let node = try await TestNode()
    try await node.store(
      Sample.patient("p"), Sample.patient("q", family: "Birchbark"),
      Sample.observation("a", of: "p"), Sample.observation("b", of: "q"),
      Sample.condition("c", of: "q"))
    func ids(_ type: String, _ name: String, _ value: String) async throws -> [String] {
      try await node.exchange.searchAll(type, [(name, value)], as: node.owner).map(\.id)
    }
    #expect(try await ids("Observation", "subject:Patient.family", "birch") == ["b"])
    #expect(try await ids("Observation", "patient.identifier", "MRN-p") == ["a"])
    #expect(try await ids("Patient", "_has:Condition:patient:_id", "c") == ["q"])
    #expect(try await ids("Patient", "_has:Observation:patient:code", "718-7") == ["p", "q"])
    #expect(
      try await ids("Observation", "patient._has:Condition:patient:_id", "c") == ["b"])
    #expect(try await ids("Patient", "_has:Condition:patient:_id", "none") == [])
    let page = try await node.exchange.search(
      "Observation", query: [("_include", "Observation:patient"), ("_id", "a,b")], strict: true,
      as: node.owner)
    #expect(page.ids == ["a", "b"] && page.included.map(\.id) == ["p", "q"] && page.total == 2)
    let back = try await node.exchange.search(
      "Patient",
      query: [
        ("_id", "q"), ("_revinclude", "Observation:patient"), ("_revinclude", "Condition:patient"),
      ], strict: true, as: node.owner)
    #expect(back.ids == ["q"] && back.included.map(\.id) == ["b", "c"])
    let around = try await node.exchange.search(
      "Condition",
      query: [
        ("_include", "Condition:patient"), ("_revinclude:iterate", "Observation:patient"),
        ("_include:iterate", "Observation:patient"),
      ], strict: true, as: node.owner)
    #expect(around.included.map(\.id) == ["q", "b"])
  }

  @Test func whatIsNotForTheCallerLinksNothing() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.vitalSigns, .demographics])
    let peer = try await home.peer(hospital)
    func page(_ type: String, _ query: [(String, String)]) async throws -> ResourcePage {
      try await home.exchange.search(type, query: query, strict: true, as: peer)
    }
    // The lab result and the allergy are there, and tell nothing through the patient.
    #expect(try await page("Patient", [("_has:Observation:patient:code", "718-7")]).total == 0)
    #expect(try await page("Patient", [("_has:Observation:patient:code", "8867-4")]).total == 1)
    #expect(
      try await page("Patient", [("_has:AllergyIntolerance:patient:_id", "allergy")]).total == 0)
    let drawn = try await page(
      "Patient",
      [("_revinclude", "Observation:patient"), ("_revinclude", "AllergyIntolerance:patient")])
    #expect(drawn.included.map(\.id) == ["vital"])
    #expect(
      try await page("Observation", [("patient._has:Condition:patient:_id", "problem")]).total == 0)
  }

  @Test func partsOfResourcesAndOfTheNode() async throws {
    let node = try await TestNode()
    try await node.store(
      Sample.patient("p"), Sample.patient("q"), Sample.observation("a", of: "p"),
      Sample.condition("c", of: "p"), Sample.condition("d", of: "q"))
    let part = try await node.exchange.search(
      "Observation", query: [("_elements", "code")], strict: true, as: node.owner)
    let text = try #require(part.resources.first?.text)
    #expect(text.contains("718-7") && text.contains("SUBSETTED") && text.contains("\"status\""))
    #expect(!text.contains("14.10") && !text.contains("effectiveDateTime"))
    let membership = try #require(CompartmentMembership(.patient, id: "p"))
    func all(_ type: String?, _ query: [(String, String)]) async throws -> [String] {
      try await node.exchange.search(
        SearchPlace(type: type, compartment: membership), query: query, strict: true,
        as: node.owner
      ).ids
    }
    #expect(try await all("Condition", []) == ["c"])
    #expect(try await all(nil, [("_type", "Condition,Observation,Patient")]) == ["c", "a", "p"])
    let counted = try await node.exchange.search(
      SearchPlace(type: nil), query: [("_type", "Condition,Patient"), ("_summary", "count")],
      strict: true, as: node.owner)
    #expect(counted.total == 4 && counted.resources.isEmpty)
    var pages: [String] = []
    var cursor: [(String, String)] = []
    repeat {
      let page = try await node.exchange.search(
        SearchPlace(type: nil), query: [("_type", "Condition,Patient"), ("_count", "1")] + cursor,
        strict: true, as: node.owner)
      pages += page.ids
      cursor = page.next.map { [("_cursor", $0)] } ?? []
    } while !cursor.isEmpty
    #expect(pages == ["c", "d", "p", "q"])
  }

  @Test func aCursorIsOfOneCallerAndOneSearch() async throws {
    let node = try await chart(5)
    let page = try await node.exchange.search(
      "Observation", query: [("_count", "2")], strict: true, as: node.owner)
    let cursor = try #require(page.next)
    let another = try await node.bearer(.system, purpose: .treatment)
    func go(
      _ type: String, _ cursor: String, _ caller: Caller, _ query: [(String, String)] = []
    ) async -> String {
      await outcome {
        try await node.exchange.search(
          type, query: [("_cursor", cursor)] + query, strict: true, as: caller)
      }
    }
    #expect(await go("Observation", cursor, node.owner, [("_count", "50")]) == "ok")
    #expect(await go("Observation", cursor, another) == "invalid")
    #expect(await go("Patient", cursor, node.owner) == "invalid")
    #expect(await go("Observation", cursor, node.owner, [("code", "718-7")]) == "invalid")
    #expect(await go("Observation", String(cursor.dropLast()), node.owner) == "invalid")
    #expect(await go("Observation", "", node.owner) == "invalid")
    let flipped = (cursor.hasPrefix("A") ? "B" : "A") + cursor.dropFirst()
    #expect(await go("Observation", flipped, node.owner) == "invalid")
  }

  @Test(arguments: [
    ("Patient", "name", "samplewood", ["p"]), ("Patient", "name", "rowan", ["p", "q"]),
    ("Patient", "birthdate", "1984", ["p", "q"]), ("Patient", "birthdate", "gt1990", []),
    ("Patient", "identifier", "urn:example:mrn|MRN-q", ["q"]), ("Patient", "_id", "p", ["p"]),
    ("Patient", "_lastUpdated", "ge2026-03-01", ["p", "q"]),
    ("Patient", "_lastUpdated", "lt2026-03-01", []),
    ("Observation", "patient", "q", ["v"]), ("Observation", "subject", "Patient/p", ["l"]),
    ("Observation", "patient", "nobody", []),
    ("Observation", "category", "laboratory", ["l"]),
    ("Observation", "code", "http://loinc.org|8867-4", ["v"]),
    ("Observation", "date", "2026-02", ["l"]), ("Observation", "date", "2026-01-15", ["v"]),
    ("Observation", "date", "ge2026-01-15", ["l", "v"]),
  ])
  func eachParameterFindsWhatItNames(
    type: String, name: String, value: String, expected: [String]
  ) async throws {
    let node = try await TestNode()
    try await node.store(
      Sample.patient("p"), Sample.patient("q", family: "Birchbark"),
      Sample.observation("l", of: "p"),
      Sample.observation(
        "v", of: "q", category: "vital-signs", code: "8867-4", date: "2026-01-15"))
    let found = try await node.exchange.searchAll(type, [(name, value)], as: node.owner)
    #expect(found.map(\.id).sorted() == expected)
  }

  @Test func anUnknownParameterIsAnErrorOnlyWhenStrict() async throws {
    let node = try await chart(1)
    let error = await failure {
      try await node.exchange.search(
        "Observation", query: [("shoe-size", "9")], strict: true, as: node.owner)
    }
    #expect(error?.code == .invalid && error?.place == "shoe-size")
    let page = try await node.exchange.search(
      "Observation", query: [("shoe-size", "9")], strict: false, as: node.owner)
    #expect(page.total == 1)
  }

  /// What a caller may not read is in no page, total or cursor.
  @Test func aPeerSeesAndCountsOnlyWhatItMayRead() async throws {
    let (home, hospital) = (try await TestNode(), try await TestNode(.organization))
    try await pair(home, with: hospital)
    try await home.store(Sample.patient("p"), Sample.patient("q"))
    for number in 0..<6 {
      try await home.store(
        Sample.observation("l\(number)", of: "p"),
        Sample.observation("v\(number)", of: "p", category: "vital-signs"),
        Sample.observation("x\(number)", of: "q"))
    }
    try await home.grant(to: hospital, types: [.labResults])
    let peer = try await home.peer(hospital)
    for query in [[("patient", "p")], [], [("patient", "p,q")]] {
      let page = try await home.exchange.search(
        "Observation", query: query + [("_total", "accurate"), ("_count", "4")], strict: true,
        as: peer)
      #expect(page.total == 6 && page.ids == ["l0", "l1", "l2", "l3"])
      let all = try await home.exchange.searchAll(
        "Observation", query + [("_count", "5")], as: peer)
      #expect(all.map(\.id) == (0..<6).map { "l\($0)" })
    }
    #expect(
      await outcome {
        try await home.exchange.search(
          "Observation", query: [("patient", "q")], strict: true, as: peer)
      } == "forbidden")
  }
}
