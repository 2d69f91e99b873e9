import Audit
import Consent
import Crypto
import Exchange
import FHIR
import Identity
import Primitives
import Testing

/// Consents that come in signed by somebody: which of them open anything.
@Suite struct DelegationTests {
  /// A household, a hospital with a delegable grant, and a clinic that gets its share of it.
  private struct Three {
    let home: TestNode
    let hospital: TestNode
    let clinic: TestNode
    let parent: GrantSummary

    init(
      isDelegable: Bool = true, types: RecordTypeSet = RecordTypeSet([.labResults, .medications])
    )
      async throws
    {
      (home, hospital) = try await pairOfNodes()
      clinic = try await TestNode(.organization, name: "Clinic", clock: home.clock)
      try await pair(clinic, with: home)
      parent = try await home.grant(to: hospital, types: types, isDelegable: isDelegable)
    }

    /// A Consent for the clinic, signed by `signer`, as bytes with an id.
    func consent(
      signedBy signer: TestNode, id: String = "delegated", delegator: TestNode?,
      types: RecordTypeSet = .all, maximumUses: Int? = nil
    ) throws -> [UInt8] {
      let key = try signer.random.keys(of: signer.id).signing
      let start = home.clock.now()
      let grant = Grant(
        id: GrantID(id), patient: "p", issued: start,
        grantorKey: GrantSigner.keyID(of: key.publicKey),
        delegation: delegator.map {
          Grant.Delegation(parent: GrantID(parent.id), delegator: .node($0.id))
        },
        content: .permission(
          Permission(
            grantee: .node(clinic.id), types: types, purposes: .treatment,
            actions: [.read, .search],
            period: TimeWindow(start: start, end: start.adding(seconds: 3600))), except: []),
        maximumUses: maximumUses)
      return try Resource(parsing: GrantSigner.sign(grant, with: key))
        .withIdentity(id: id, versionId: "1", lastUpdated: start)
    }

    func clinicReads(_ address: String = "Observation/lab") async throws -> String {
      try await home.read(address, by: clinic)
    }
  }

  @Test func aDelegatedGrantOpensWhatItsParentOpens() async throws {
    let nodes = try await Three()
    #expect(try await nodes.clinicReads() == "forbidden")
    try await nodes.home.store(nodes.consent(signedBy: nodes.hospital, delegator: nodes.hospital))
    #expect(try await nodes.clinicReads() == "ok")
    #expect(try await nodes.clinicReads("MedicationRequest/drug") == "ok")
    // It says all types; its parent does not.
    #expect(try await nodes.clinicReads("AllergyIntolerance/allergy") == "forbidden")
    let disclosure = try await nodes.home.log().last { $0.event.kind == .disclosure }
    #expect(disclosure?.event.consents.sorted() == [nodes.parent.id, "delegated"].sorted())
    try await nodes.home.exchange.revoke(nodes.parent.id, as: nodes.home.owner)
    #expect(try await nodes.clinicReads() == "forbidden")
  }

  @Test func whatAParentMayNotPassOnIsNotPassedOn() async throws {
    let nodes = try await Three(isDelegable: false)
    try await nodes.home.store(nodes.consent(signedBy: nodes.hospital, delegator: nodes.hospital))
    #expect(try await nodes.clinicReads() == "forbidden")
  }

  @Test func theDelegatorMustHaveSignedAndBeTheParentsGrantee() async throws {
    let nodes = try await Three()
    try await nodes.home.store(
      // The clinic delegates to itself, in its own name and in the hospital's.
      nodes.consent(signedBy: nodes.clinic, id: "own", delegator: nodes.clinic),
      nodes.consent(signedBy: nodes.clinic, id: "forged", delegator: nodes.hospital))
    #expect(try await nodes.clinicReads() == "forbidden")
  }

  /// A paired node's key makes no grant of the patient, and no denial either.
  @Test func aConsentSignedByAPeerIsNotThePatients() async throws {
    let nodes = try await Three()
    try await nodes.home.store(
      nodes.consent(signedBy: nodes.clinic, id: "a", delegator: nil),
      nodes.consent(signedBy: nodes.hospital, id: "b", delegator: nil))
    #expect(try await nodes.clinicReads() == "forbidden")
    #expect(try await nodes.home.grants().map(\.id) == [nodes.parent.id])
  }

  @Test func anAlteredOrMisplacedConsentOpensNothing() async throws {
    let nodes = try await Three(types: .all)
    let good = String(
      decoding: try nodes.consent(signedBy: nodes.hospital, delegator: nodes.hospital),
      as: UTF8.self)
    // Another end, another patient: the signature covers both.
    let longer = good.replacing("T10:00:00.000Z", with: "T23:00:00.000Z")
    #expect(longer != good)
    let other = good.replacing("Patient/p", with: "Patient/q")
    try await nodes.home.store(
      Sample.patient("q"), Sample.observation("of-q", of: "q"), Array(longer.utf8))
    #expect(try await nodes.clinicReads() == "forbidden")
    try await nodes.home.store(Array(other.utf8))
    #expect(try await nodes.clinicReads("Observation/of-q") == "forbidden")
    try await nodes.home.store(Array(good.utf8))
    #expect(try await nodes.clinicReads() == "ok")
  }

  @Test func usesOfADelegatedGrantAreCountedOnEveryLink() async throws {
    let nodes = try await Three()
    try await nodes.home.store(
      nodes.consent(signedBy: nodes.hospital, delegator: nodes.hospital, maximumUses: 2))
    var outcomes: [String] = []
    for _ in 0..<3 { outcomes.append(try await nodes.clinicReads()) }
    #expect(outcomes == ["ok", "ok", "forbidden"])
    #expect(try await nodes.home.read("Observation/lab", by: nodes.hospital) == "ok")
  }

  /// Revocation is for good: the signed Consent of before, which its grantee has in hand, does not
  /// bring the grant back under whatever id it comes in.
  @Test(arguments: [nil, "another-id"])
  func aRevokedConsentDoesNotComeBack(id: String?) async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: .all)
    let signed = try await home.exchange.read("Consent", id: grant.id, as: home.owner)
    try await home.exchange.revoke(grant.id, as: home.owner)
    let again = try Resource(parsing: signed.json).withIdentity(
      id: id ?? grant.id, versionId: "1", lastUpdated: home.clock.now())
    _ = try await home.exchange.importJSON(
      again, unresolved: .refuse, as: home.owner, progress: { _ in })
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")
    _ = try? await home.exchange.delete("Consent", id: grant.id, expecting: .any, as: home.owner)
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")
  }

  /// What the patient has signed is not for others to change: that would end a denial or a grant.
  @Test func onlyThePatientsSideTouchesSignedConsents() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: .all, actions: .all)
    let denial = try await home.deny(hospital, types: RecordTypeSet(.labResults))
    let peer = try await home.peer(hospital)
    let junk = Sample.json(
      """
      {"resourceType":"Consent","id":"\(denial.id)","status":"inactive",
       "patient":{"reference":"Patient/p"}}
      """)
    #expect(
      await outcome {
        try await home.exchange.update("Consent", id: denial.id, junk, expecting: .any, as: peer)
      } == "forbidden")
    #expect(
      await outcome {
        try await home.exchange.delete("Consent", id: denial.id, expecting: .any, as: peer)
      } == "forbidden")
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")

    // The same in an organization, whose clinicians write Consents of their own.
    let clinic = try await TestNode(.organization, name: "Clinic", clock: home.clock)
    try await pair(clinic, with: hospital)
    try await hospital.store(Sample.patient("p"), Sample.observation("lab", of: "p"))
    try await hospital.grant(to: clinic, types: .all)
    let restriction = try await hospital.deny(clinic)
    let clinician = try await hospital.bearer(.clinician, treats: ["p"])
    for id in [restriction.id, try #require(try await hospital.grants().first?.id)] {
      #expect(
        await outcome {
          try await hospital.exchange.delete("Consent", id: id, expecting: .any, as: clinician)
        } == "forbidden")
    }
    #expect(try await hospital.read("Observation/lab", by: clinic) == "forbidden")
    #expect(
      await outcome {
        try await hospital.exchange.create(
          "Consent",
          Sample.json(
            #"{"resourceType":"Consent","status":"active","patient":{"reference":"Patient/p"}}"#),
          as: clinician)
      } == "ok")
  }
}
