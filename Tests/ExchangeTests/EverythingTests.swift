import Audit
import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

@Suite struct EverythingTests {
  /// All pages; what they were about first, then what came with them.
  private func everything(
    _ node: TestNode, of patient: String = "p", _ request: EverythingRequest = EverythingRequest(),
    count: Int? = 2, as caller: Caller
  ) async throws -> (records: [String], shared: Set<String>) {
    var records: [String] = []
    var shared: Set<String> = []
    var cursor: String?
    repeat {
      let page = try await node.exchange.everything(
        of: patient, request, cursor: cursor, count: count, query: [], as: caller)
      #expect(page.resources.count <= count ?? .max && page.total == nil)
      records += page.resources.map { "\($0.type)/\($0.id)" }
      shared.formUnion(page.included.map { "\($0.type)/\($0.id)" })
      cursor = page.next
    } while cursor != nil
    return (records, shared)
  }

  private func appointment(_ patients: String...) -> [UInt8] {
    let participants = patients.map {
      #"{"actor":{"reference":"Patient/\#($0)"},"status":"accepted"}"#
    }
    return Sample.json(
      """
      {"resourceType":"Appointment","id":"visit","status":"booked",
       "participant":[\(participants.joined(separator: ","))]}
      """)
  }

  private func family() async throws -> TestNode {
    let node = try await TestNode()
    try await node.store(
      Sample.json(#"{"resourceType":"Organization","id":"clinic"}"#),
      Sample.json(
        """
        {"resourceType":"PractitionerRole","id":"role","organization":{"reference":
         "Organization/clinic"},"practitioner":{"reference":"Practitioner/doctor"}}
        """),
      Sample.practitioner("doctor", npi: "1234567893"),
      Sample.practitioner("stranger", npi: "1234567893"),
      Sample.patient("p"), Sample.patient("q"), Sample.allergy("allergy", of: "p"),
      Sample.observation("own", of: "q"),
      Sample.observation(
        "lab", of: "p", date: "2026-02-01",
        extra: #""performer":[{"reference":"PractitionerRole/role"}],"#),
      Sample.observation("old", of: "p", date: "2019-06-01"), appointment("q", "p"))
    return node
  }

  @Test(arguments: [1, 2, 3, 50])
  func itIsTheChartAndWhatOtherChartsSayOfThePatient(count: Int) async throws {
    let node = try await family()
    // A newer version of the Patient does not move it to the end, nor brings it twice.
    try await node.store(Sample.patient("p", family: "Birchbark"))
    let all = try await everything(node, count: count, as: node.owner)
    #expect(
      all.records == [
        "Patient/p", "AllergyIntolerance/allergy", "Observation/lab", "Observation/old",
        "Appointment/visit",
      ])
    #expect(
      all.shared == ["PractitionerRole/role", "Practitioner/doctor", "Organization/clinic"])
    let other = try await everything(node, of: "q", count: count, as: node.owner)
    #expect(other.records == ["Patient/q", "Observation/own", "Appointment/visit"])
    #expect(other.shared.isEmpty)
  }

  @Test func itIsNarrowedByPeriodTypeAndTime() async throws {
    let node = try await family()
    func records(_ request: EverythingRequest) async throws -> [String] {
      try await everything(node, request, as: node.owner).records
    }
    #expect(
      try await records(EverythingRequest(period: CarePeriod(start: "2020", end: nil)))
        == ["Patient/p", "AllergyIntolerance/allergy", "Observation/lab", "Appointment/visit"])
    #expect(
      try await records(
        EverythingRequest(
          period: CarePeriod(start: "2019-06-01", end: "2019-06-01"), types: ["Observation"]))
        == ["Observation/old"])
    let typed = try await everything(
      node, EverythingRequest(types: ["Observation", "Organization"]), as: node.owner)
    #expect(typed.records == ["Observation/lab", "Observation/old"] && typed.shared.isEmpty)
    node.clock.advance(seconds: 60)
    let later = node.clock.now()
    try await node.store(Sample.observation("old", of: "p", value: "2", date: "2019-06-01"))
    #expect(try await records(EverythingRequest(since: later)) == ["Observation/old"])
    #expect(throws: PeerChartError.self) { try CarePeriod(start: "yesterday", end: nil) }
  }

  @Test func onlyWhatIsGrantedIsThere() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.patient("q"), appointment("q", "p"))
    let peer = try await home.peer(hospital)
    let refused = await failure { try await everything(home, as: peer) }
    let absent = await failure { try await everything(home, of: "nobody", as: peer) }
    #expect(refused?.code == .forbidden && refused?.reason == absent?.reason)
    try await home.grant(to: hospital, types: [.labResults, .encounters])
    #expect(try await everything(home, as: peer).records == ["Observation/lab"])
    #expect(try await everything(home, count: 1, as: peer).records == ["Observation/lab"])
    let entries = try await home.log().suffix(2)
    #expect(entries.contains { $0.event.kind == .disclosure })
    try await home.grant(to: hospital, of: "q", types: RecordTypeSet([.encounters]))
    #expect(
      try await everything(home, as: peer).records == ["Observation/lab", "Appointment/visit"])
  }

  @Test func aCursorIsOfOneRequest() async throws {
    let node = try await family()
    let page = try await node.exchange.everything(
      of: "p", EverythingRequest(), cursor: nil, count: 1, query: [], as: node.owner)
    let cursor = try #require(page.next)
    for (patient, query) in [("q", []), ("p", [("_type", "Observation")])] {
      #expect(
        await outcome {
          try await node.exchange.everything(
            of: patient, EverythingRequest(), cursor: cursor, count: 1, query: query,
            as: node.owner)
        } == "invalid")
    }
    #expect(
      await outcome { try await everything(node, of: "nobody", as: node.owner) } == "not-found")
  }
}
