import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

@Suite struct LastObservationsTests {
  private func chart() async throws -> TestNode {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.patient("q"))
    for (number, (code, date)) in [
      ("1-1", "2026-01-01"), ("1-1", "2026-03-01"), ("2-2", "2026-02-01"), ("1-1", "2026-02-01"),
      ("2-2", "2025-02-01"),
    ].enumerated() {
      try await node.store(Sample.observation("o\(number)", of: "p", code: code, date: date))
    }
    try await node.store(Sample.observation("other", of: "q", code: "1-1", date: "2026-05-01"))
    return node
  }

  private func last(
    _ node: TestNode, _ most: Int, _ more: [(String, String)] = [], as caller: Caller? = nil
  ) async throws -> [String] {
    try await node.exchange.lastObservations(
      [("patient", "Patient/p")] + more, most: most, as: caller ?? node.owner
    ).ids
  }

  @Test func theNewestOfEachCodeComeFirst() async throws {
    let node = try await chart()
    #expect(try await last(node, 1) == ["o1", "o2"])
    #expect(try await last(node, 2) == ["o1", "o3", "o2", "o4"])
    #expect(try await last(node, 9, [("code", "2-2")]) == ["o2", "o4"])
    #expect(try await last(node, 1, [("date", "lt2026-03")]) == ["o3", "o2"])
    #expect(try await last(node, 1, [("code", "none")]) == [])
  }

  @Test func aTranslationMakesOneKindOfTwo() async throws {
    let node = try await chart()
    try await node.store(
      Sample.json(
        """
        {"resourceType":"Observation","id":"both","status":"final","code":{"coding":[
         {"system":"http://loinc.org","code":"2-2"},{"system":"http://loinc.org","code":"1-1"}]},
         "subject":{"reference":"Patient/p"},"effectiveDateTime":"2024-01-01"}
        """))
    #expect(try await last(node, 1) == ["o1"])
    #expect(try await last(node, 9) == ["o1", "o2", "o3", "o0", "o4", "both"])
  }

  @Test func onePatientAndConditionsOnly() async throws {
    let node = try await chart()
    for query in [
      [], [("code", "1-1")], [("patient", "p,q")], [("patient", "p"), ("_count", "1")],
    ] {
      #expect(
        await outcome {
          try await node.exchange.lastObservations(query, most: 1, as: node.owner)
        } == "invalid")
    }
    for most in [0, -1, 1_000_000] {
      #expect(await outcome { try await last(node, most) } == "invalid")
    }
  }

  @Test func whatIsNotGrantedIsNotTheNewest() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(
      Sample.observation("later", of: "p", category: "vital-signs", date: "2026-03-01"))
    let peer = try await home.peer(hospital)
    #expect(await outcome { try await last(home, 1, as: peer) } == "forbidden")
    try await home.grant(to: hospital, types: [.labResults])
    #expect(try await last(home, 1, as: peer) == ["lab"])
    #expect(try await last(home, 1, as: home.owner) == ["later", "vital"])
  }

  @Test func labelsInUseAreThoseOfWhatIsOpen() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.condition("secret", of: "p", security: "R"))
    let all = try await home.exchange.meta(nil, as: home.owner).parameters
    #expect(String(decoding: all, as: UTF8.self).contains(#""code":"R""#))
    try await home.grant(to: hospital, types: [.labResults])
    let open = try await home.exchange.meta(nil, as: home.peer(hospital)).parameters
    #expect(
      String(decoding: open, as: UTF8.self)
        == #"{"resourceType":"Parameters","parameter":[{"name":"return"}]}"#)
    #expect(
      await outcome { try await home.exchange.meta(nil, as: home.peer(hospital, nil)) }
        == "forbidden")
  }
}
