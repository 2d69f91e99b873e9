import Audit
import Consent
import Exchange
import FHIR
import Primitives
import Testing

@Suite struct BundleTests {
  @Test func aTransactionResolvesItsOwnReferences() async throws {
    let node = try await TestNode()
    let bundle = Sample.bundle(
      "transaction",
      [
        .init(
          url: "Observation", resource: Sample.observation(of: "old"),
          fullUrl: "urn:uuid:11111111-1111-4111-8111-111111111111"),
        .init(
          url: "Condition",
          resource: Sample.json(
            """
            {"resourceType":"Condition","subject":{"reference":"urn:uuid:22222222-2222-4222-8222-222222222222"},
             "evidence":[{"detail":[{"reference":"urn:uuid:11111111-1111-4111-8111-111111111111"}]}]}
            """)),
        .init(
          url: "Patient", resource: Sample.patient("old"),
          fullUrl: "urn:uuid:22222222-2222-4222-8222-222222222222"),
      ])
    let (kind, outcomes) = try await node.exchange.process(bundle: bundle, as: node.owner)
    #expect(kind == .transaction)
    let stored = outcomes.map { outcome -> ReleasedResource? in
      if case .stored(let stored) = outcome { stored.resource } else { nil }
    }
    let (observation, condition, patient) = (
      try #require(stored[0]), try #require(stored[1]), try #require(stored[2])
    )
    #expect(patient.id != "old")
    #expect(observation.text.contains("\"Patient/\(patient.id)\""))
    #expect(condition.text.contains("\"Patient/\(patient.id)\""))
    #expect(condition.text.contains("\"Observation/\(observation.id)\""))
    let found = try await node.exchange.searchAll(
      "Condition", [("patient", patient.id)], as: node.owner)
    #expect(found.map(\.json) == [condition.json])
  }

  /// One bad entry among good ones, each kind of bad: nothing is stored, and the place is named.
  @Test(arguments: [
    (Sample.Entry(url: "Observation", resource: Sample.patient("x")), "invalid", "request.url"),
    (
      Sample.Entry(
        url: "Observation",
        resource: Sample.json(
          #"{"resourceType":"Observation","subject":{"reference":"urn:uuid:99999999-9999-4999-8999-999999999999"}}"#
        )), "invalid", "resource.subject.reference"
    ),
    (
      Sample.Entry(
        url: "Encounter",
        resource: Sample.json(
          #"{"resourceType":"Encounter","serviceProvider":{"reference":"Organization?identifier=urn:x|1"}}"#
        )), "invalid", "resource.serviceProvider.reference"
    ),
    (
      Sample.Entry(
        method: "PUT", url: "Patient/kept", resource: Sample.patient("kept"),
        request: #","ifMatch":"W/\"7\"""#), "precondition-failed", ""
    ),
    (Sample.Entry(method: "PUT", url: "Patient/a", resource: Sample.patient("a")), "invalid", ""),
    (Sample.Entry(method: "DELETE", url: "Patient?nonsense=x"), "invalid", "request.url"),
    (Sample.Entry(method: "POST", url: "Patient"), "invalid", "resource"),
    (Sample.Entry(method: "GET", url: "Nonsense/1"), "invalid", "request"),
  ])
  func aTransactionIsAllOrNothing(bad: Sample.Entry, code: String, place: String) async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("kept"))
    let before = try await node.log().count
    let bundle = Sample.bundle(
      "transaction",
      [
        .init(method: "PUT", url: "Patient/a", resource: Sample.patient("a")), bad,
        .init(url: "Patient", resource: Sample.patient("b")),
      ])
    let error = await failure { try await node.exchange.process(bundle: bundle, as: node.owner) }
    #expect(error?.code.rawValue == code)
    // Which of two that clash is named is not promised.
    let named = place.isEmpty ? "Bundle.entry[" : "Bundle.entry[1].\(place)"
    #expect(error?.place?.hasPrefix(named) == true, "\(error as Any)")
    let patients = try await node.exchange.searchAll("Patient", [], as: node.owner)
    #expect(patients.map(\.id) == ["kept"])
    let report = try await node.exchange.importJSON(
      bundle, unresolved: .refuse, as: node.owner, progress: { _ in })
    #expect(report.stored == 0 && report.faults.contains { $0.code.rawValue == code })
    #expect(try await node.exchange.searchAll("Patient", [], as: node.owner).count == 1)
    #expect(try await node.log().filter { $0.event.kind == .write }.count == 1, "\(before)")
  }

  @Test func aConditionalReferenceMeansTheOneMatch() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.practitioner("doctor", npi: "111"))
    func encounter(_ npi: String) -> [UInt8] {
      Sample.bundle(
        "transaction",
        [
          .init(
            url: "Encounter",
            resource: Sample.json(
              """
              {"resourceType":"Encounter","subject":{"reference":"Patient/p"},"participant":[{"individual":
               {"display":"Dr Sample","reference":"Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|\(npi)"}}]}
              """))
        ])
    }
    func run(_ npi: String, _ unresolved: UnresolvedReferences = .refuse) async throws
      -> ImportReport
    {
      try await node.exchange.importJSON(
        encounter(npi), unresolved: unresolved, as: node.owner, progress: { _ in })
    }
    #expect(try await run("111").created == 1)
    let found = try await node.exchange.searchAll("Encounter", [], as: node.owner)
    #expect(found.first?.text.contains(#""reference":"Practitioner/doctor""#) == true)

    let refused = try await run("222")
    let fault = try #require(refused.faults.first)
    #expect(refused.created == 0)
    #expect(fault.place == "Bundle.entry[0].resource.participant[0].individual.reference")
    #expect(fault.reason.contains("--unresolved keep") && fault.reason.contains("import"))
    #expect(!fault.reason.contains("222"))

    #expect(try await run("222", .keep).created == 1)
    let kept = try await node.exchange.searchAll("Encounter", [], as: node.owner).last
    #expect(
      kept?.text.contains(
        #"{"display":"Dr Sample","type":"Practitioner","identifier":{"system":"http://hl7.org/fhir/sid/us-npi","value":"222"}}"#
      ) == true, "\(kept?.text ?? "")")

    try await node.store(Sample.practitioner("twin", npi: "111"))
    #expect(try await run("111").faults.first?.code == .multipleMatches)
  }

  @Test func aBatchTakesWhatIsGoodAndAnswersInOrder() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let (kind, outcomes) = try await node.exchange.process(
      bundle: Sample.bundle(
        "batch",
        [
          .init(method: "GET", url: "Observation?patient=p"),
          .init(method: "GET", url: "Observation/o"),
          .init(url: "Observation", resource: Sample.patient("x")),
          .init(method: "DELETE", url: "Observation/o"),
          .init(method: "DELETE", url: "Observation/never"),
          .init(url: "Patient", resource: Sample.patient("x"), request: #","ifNoneExist":"_id=p""#),
          .init(method: "GET", url: "Observation/o"),
        ]), as: node.owner)
    #expect(kind == .batch)
    let words = outcomes.map { outcome -> String in
      switch outcome {
      case .searched(let page): "searched \(page.resources.count)"
      case .read(let resource): "read \(resource.id)"
      case .refused(let error): error.code.rawValue
      case .stored(let stored): "\(stored.effect) \(stored.resource.id)"
      case .listed(let page): "listed \(page.resources.count)"
      case .absent: "absent"
      }
    }
    #expect(
      words == ["searched 1", "read o", "invalid", "deleted o", "absent", "unchanged p", "gone"])
  }

  @Test func aTransactionReadsAfterItHasWritten() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let (_, outcomes) = try await node.exchange.process(
      bundle: Sample.bundle(
        "transaction",
        [
          .init(method: "GET", url: "Observation?patient=p"),
          .init(method: "PUT", url: "Observation/o", resource: Sample.observation("o", of: "p")),
        ]), as: node.owner)
    guard case .searched(let page) = outcomes[0] else {
      Issue.record("expected a page")
      return
    }
    #expect(page.ids == ["o"])
  }

  @Test func onlyTransactionsAndBatchesAreProcessed() async throws {
    let node = try await TestNode()
    for type in ["collection", "document", "message", "searchset", "history", "nonsense"] {
      let error = await failure {
        try await node.exchange.process(bundle: Sample.bundle(type, []), as: node.owner)
      }
      #expect(error?.code == .invalid && error?.place == "Bundle.type")
    }
    #expect(
      await outcome {
        try await node.exchange.process(bundle: Sample.patient("p"), as: node.owner)
      } == "invalid")
  }

  @Test func aTokenLimitsWhatABundleMayDo() async throws {
    let node = try await TestNode()
    let reader = try await node.bearer(.system, scope: "system/*.rs")
    for type in ["transaction", "batch"] {
      let result = try? await node.exchange.process(
        bundle: Sample.bundle(type, [.init(url: "Patient", resource: Sample.patient("x"))]),
        as: reader)
      for case .stored in result?.outcomes ?? [] { Issue.record("stored without the scope") }
    }
    #expect(try await node.exchange.searchAll("Patient", [], as: node.owner).isEmpty)
  }
}
