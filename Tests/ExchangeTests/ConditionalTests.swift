import Audit
import Consent
import Exchange
import FHIR
import Primitives
import Testing

@Suite struct ConditionalTests {
  private static let byCode = "patient=p&code=718-7"

  @Test func aConditionalCreateGivesWhatIsThere() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    func create(_ condition: String) async throws -> StoredResource {
      try await node.exchange.create(
        "Observation", Sample.observation(of: "p"), ifNoneExist: condition, as: node.owner)
    }
    let first = try await create(Self.byCode)
    #expect(first.effect == .created)
    let second = try await create(Self.byCode)
    #expect(second.effect == .unchanged && second.resource.id == first.resource.id)
    // What is given back is a disclosure like any other.
    let entry = try #require(
      try await node.exchange.auditEvents(of: "p", before: nil, limit: 1, as: node.owner).first)
    #expect(entry.event.entities == ["Observation/\(first.resource.id)/_history/1"])
    _ = try await node.exchange.create("Observation", Sample.observation(of: "p"), as: node.owner)
    #expect(await outcome { try await create(Self.byCode) } == "multiple-matches")
    for query in ["", "nonsense=1", "code"] {
      #expect(await outcome { try await create(query) } == "invalid", "\(query)")
    }
  }

  @Test func ofManyAtTheSameTimeOneCreates() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    for condition in [Self.byCode, "identifier=urn:example|1"] {
      let ids = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<16 {
          group.addTask {
            let body = Sample.observation(
              of: "p", extra: #""identifier":[{"system":"urn:example","value":"1"}],"#)
            return try await node.exchange.create(
              "Observation", body, ifNoneExist: condition, as: node.owner
            ).resource.id
          }
        }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
    }
  }

  @Test func aChartThatIsMadeMeanwhileCounts() async throws {
    let node = try await TestNode()
    let ids = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await node.exchange.create(
            "Observation", Sample.observation(of: "new"), ifNoneExist: "patient=new",
            as: node.owner
          ).resource.id
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(ids.count == 1)
  }

  @Test func aConditionalUpdateFindsCreatesOrRefuses() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    func update(_ condition: String, id: String? = nil, value: String) async throws
      -> StoredResource
    {
      try await node.exchange.update(
        "Observation", where: condition, Sample.observation(id, of: "p", value: value),
        expecting: .any, as: node.owner)
    }
    let made = try await update(Self.byCode, value: "1")
    #expect(made.effect == .created && made.resource.version == 1)
    let changed = try await update(Self.byCode, value: "2")
    #expect(changed.effect == .updated && changed.resource.id == made.resource.id)
    #expect(
      await outcome { try await update(Self.byCode, id: "another", value: "3") } == "invalid")
    let own = try await update("patient=p&code=4548-4", id: "own", value: "4")
    #expect(own.effect == .created && own.resource.id == "own")
    #expect(
      await outcome { try await update(Self.byCode, value: "5") } == "multiple-matches")
  }

  @Test func aConditionalDeleteTakesOneOrNothing() async throws {
    let node = try await TestNode()
    try await node.store(
      Sample.patient("p"), Sample.observation("a", of: "p"),
      Sample.observation("b", of: "p", code: "4548-4"))
    let exchange = node.exchange
    #expect(
      await outcome { try await exchange.delete("Observation", where: "patient=p", as: node.owner) }
        == "multiple-matches")
    let gone = try await exchange.delete("Observation", where: Self.byCode, as: node.owner)
    #expect(gone?.resource.id == "a")
    #expect(try await exchange.delete("Observation", where: Self.byCode, as: node.owner) == nil)
    #expect(
      await outcome { try await exchange.delete("Nothing", where: "a=b", as: node.owner) }
        == "not-found")
  }

  @Test func entriesReferToWhatTheirConditionsFind() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let bundle = Sample.json(
      """
      {"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001",
         "resource":{"resourceType":"Patient","name":[{"family":"New"}]},
         "request":{"method":"POST","url":"Patient",
           "ifNoneExist":"identifier=urn:example:mrn|MRN-p"}},
        {"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000002",
         "resource":{"resourceType":"Patient","name":[{"family":"Second"}],
           "identifier":[{"system":"urn:example:mrn","value":"2"}]},
         "request":{"method":"PUT","url":"Patient?identifier=urn:example:mrn|2"}},
        {"resource":{"resourceType":"Observation","status":"final","code":{"text":"one"},
           "subject":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000001"}},
         "request":{"method":"POST","url":"/Observation"}},
        {"resource":{"resourceType":"Observation","status":"final","code":{"text":"two"},
           "subject":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000002"}},
         "request":{"method":"POST","url":"Observation"}}]}
      """)
    func process() async throws -> [StoredResource] {
      try await node.exchange.process(bundle: bundle, as: node.owner).outcomes.compactMap {
        if case .stored(let stored) = $0 { stored } else { nil }
      }
    }
    let first = try await process()
    #expect(first.map(\.effect) == [.unchanged, .created, .created, .created])
    #expect(first[0].resource.id == "p" && first[2].resource.text.contains("\"Patient/p\""))
    let id = first[1].resource.id
    #expect(first[3].resource.text.contains("\"Patient/\(id)\""))
    let second = try await process()
    #expect(second[1].effect == .updated && second[1].resource.id == id)
    #expect(second[3].resource.text.contains("\"Patient/\(id)\""))
  }

  @Test func whoMayNotReadLearnsNothingFromConditions() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: [.vitalSigns])
    try await home.grant(
      to: hospital, types: RecordTypeSet([.labResults]), actions: [.write])
    let peer = try await home.peer(hospital)
    // "lab" is there, and may be written but not searched: nothing tells it from what is not there.
    for id in ["lab", "nothing"] {
      let made = try await home.exchange.create(
        "Observation", Sample.observation(of: "p"), ifNoneExist: "_id=\(id)", as: peer)
      #expect(made.effect == .created)
    }
    for expected in [VersionCondition.any, .absent, .version(1), .version(7)] {
      #expect(
        await outcome {
          try await home.exchange.update(
            "MedicationRequest", id: "drug", Sample.medication("drug", of: "p"),
            expecting: expected, as: peer)
        } == "forbidden")
    }
  }

  @Test func aWriteMayInsistOnBeingTheFirst() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    func put() async -> String {
      await outcome {
        try await node.exchange.update(
          "Observation", id: "o", Sample.observation("o", of: "p"), expecting: .absent,
          as: node.owner)
      }
    }
    #expect(await put() == "ok")
    #expect(await put() == "precondition-failed")
    _ = try await node.exchange.delete("Observation", id: "o", expecting: .any, as: node.owner)
    #expect(await put() == "ok")
  }
}
