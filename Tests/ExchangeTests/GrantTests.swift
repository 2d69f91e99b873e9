import Audit
import Consent
import Exchange
import FHIR
import Identity
import Node
import Primitives
import Testing

/// Every dimension of consent through the door, as a paired node meets it.
@Suite struct GrantTests {
  @Test func aHouseholdOpensToNobodyWithoutAGrant() async throws {
    let (home, hospital) = try await pairOfNodes()
    for address in ["Patient/p", "Observation/lab", "MedicationRequest/drug", "Condition/problem"] {
      #expect(try await home.read(address, by: hospital) == "forbidden")
    }
    let peer = try await home.peer(hospital)
    for type in ["Patient", "Observation", "Practitioner"] {
      let page = try? await home.exchange.search(type, query: [], strict: true, as: peer)
      #expect(page?.resources.isEmpty ?? true)
    }
    #expect(
      await outcome {
        try await home.exchange.search(
          "Observation", query: [("patient", "p")], strict: true, as: peer)
      } == "forbidden")
  }

  @Test func typesPurposesActionsPatientsAndGranteesMustAllFit() async throws {
    let (home, hospital) = try await pairOfNodes()
    let clinic = try await TestNode(.organization, name: "Clinic", clock: home.clock)
    try await pair(clinic, with: home)
    try await home.store(Sample.patient("q"), Sample.observation("other", of: "q"))
    let grant = try await home.grant(
      to: hospital, types: RecordTypeSet([.labResults, .medications]))

    let reads: [(String, PurposeOfUse?, TestNode, String)] = [
      ("Observation/lab", .treatment, hospital, "ok"),
      ("MedicationRequest/drug", .treatment, hospital, "ok"),
      ("Observation/vital", .treatment, hospital, "forbidden"),
      ("AllergyIntolerance/allergy", .treatment, hospital, "forbidden"),
      ("Patient/p", .treatment, hospital, "forbidden"),
      ("Consent/\(grant.id)", .treatment, hospital, "forbidden"),
      ("Observation/lab", .payment, hospital, "forbidden"),
      ("Observation/lab", .research, hospital, "forbidden"),
      ("Observation/lab", .systemAdministration, hospital, "forbidden"),
      ("Observation/lab", nil, hospital, "forbidden"),
      ("Observation/lab", .treatment, clinic, "forbidden"),
      ("Observation/other", .treatment, hospital, "forbidden"),
    ]
    for (address, purpose, node, expected) in reads {
      #expect(
        try await home.read(address, by: node, purpose) == expected, "\(address) \(purpose as Any)")
    }
    let peer = try await home.peer(hospital)
    let page = try await home.exchange.search(
      "Observation", query: [("patient", "p")], strict: true, as: peer)
    #expect(page.ids == ["lab"])
    #expect(
      await outcome {
        try await home.exchange.history("Observation", id: "lab", cursor: nil, count: nil, as: peer)
      } == "ok")
    let writes: [() async throws -> Any?] = [
      { try await home.exchange.create("Observation", Sample.observation(of: "p"), as: peer) },
      {
        try await home.exchange.update(
          "Observation", id: "lab", Sample.observation("lab", of: "p"), expecting: .any, as: peer)
      },
      { try await home.exchange.delete("Observation", id: "lab", expecting: .any, as: peer) },
      {
        try await home.exchange.process(
          bundle: Sample.bundle(
            "transaction", [.init(url: "Observation", resource: Sample.observation(of: "p"))]),
          as: peer)
      },
    ]
    for write in writes { #expect(await outcome(write) == "forbidden") }
    var exported = 0
    _ = try? await home.exchange.export(.patient("p"), as: peer) { exported += $0.count }
    #expect(exported == 0)
  }

  @Test func searchingAndReadingAreGrantedEachForItself() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: RecordTypeSet(.labResults), actions: .search)
    let peer = try await home.peer(hospital)
    func search(_ type: String) async -> String {
      await outcome {
        try await home.exchange.search(type, query: [("patient", "p")], strict: true, as: peer)
      }
    }
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")
    #expect(await search("Observation") == "ok")
    try await home.grant(to: hospital, types: RecordTypeSet(.medications), actions: .read)
    #expect(try await home.read("MedicationRequest/drug", by: hospital) == "ok")
    #expect(await search("MedicationRequest") == "forbidden")
  }

  @Test func aGrantToWriteReachesItsTypesAndPatientOnly() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.patient("q"), Sample.allergy("of-q", of: "q"))
    try await home.grant(to: hospital, types: RecordTypeSet(.labResults), actions: [.write])
    let peer = try await home.peer(hospital)
    func put(_ type: String, _ id: String, _ body: [UInt8]) async -> String {
      await outcome {
        try await home.exchange.update(type, id: id, body, expecting: .any, as: peer)
      }
    }
    #expect(await put("Observation", "new", Sample.observation("new", of: "p")) == "ok")
    #expect(await put("Observation", "new", Sample.observation("new", of: "p", value: "2")) == "ok")
    // Neither out of the granted types and patient nor into them from elsewhere.
    #expect(await put("Observation", "vital", Sample.observation("vital", of: "p")) == "forbidden")
    #expect(
      await put("Observation", "new", Sample.observation("new", of: "p", category: "vital-signs"))
        == "forbidden")
    #expect(await put("Observation", "new", Sample.observation("new", of: "q")) == "forbidden")
    #expect(
      await put("Observation", "free", Sample.observation("free", of: "nobody")) == "forbidden")
    #expect(await put("AllergyIntolerance", "of-q", Sample.allergy("of-q", of: "p")) == "forbidden")
    #expect(
      await put("Observation", "none", Sample.json(#"{"resourceType":"Observation","id":"none"}"#))
        == "forbidden")
    // Writing is not reading: the answer to a conditional create must not show what is there.
    let body = Sample.bundle(
      "transaction",
      [
        .init(
          url: "Observation", resource: Sample.observation(of: "p"),
          request: #","ifNoneExist":"_id=lab""#)
      ])
    let result = try? await home.exchange.process(bundle: body, as: peer)
    if case .stored(let stored)? = result?.outcomes.first {
      #expect(stored.resource.id != "lab")
    }
  }

  @Test func timeIsBoundedAtBothEnds() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.grant(to: hospital, types: .all, seconds: 100)
    #expect(try await home.read("Observation/lab", by: hospital) == "ok")
    home.clock.advance(seconds: 99)
    #expect(try await home.read("Observation/lab", by: hospital) == "ok")
    home.clock.advance(seconds: 1)
    let error = await failure {
      try await home.exchange.read("Observation", id: "lab", as: home.peer(hospital))
    }
    #expect(error?.code == .forbidden && error?.reason.contains("expired") == true)
    home.clock.advance(seconds: -101)
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")
  }

  @Test func aLimitedGrantIsGoodForExactlySoManyRequests() async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: [.labResults], uses: 5)
    let peer = try await home.peer(hospital)
    let outcomes = await withTaskGroup(of: String.self) { group in
      for number in 0..<16 {
        group.addTask {
          await outcome {
            if number.isMultiple(of: 2) {
              _ = try await home.exchange.read("Observation", id: "lab", as: peer)
            } else {
              _ = try await home.exchange.search(
                "Observation", query: [("patient", "p")], strict: true, as: peer)
            }
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 == "ok" }.count == 5)
    #expect(outcomes.filter { $0 == "forbidden" }.count == 11)
    let log = try await home.log().map(\.event)
    #expect(log.filter { $0.kind == .disclosure && $0.consents == [grant.id] }.count == 5)
    #expect(log.filter { $0.reasons.contains("uses-exhausted") }.count == 11)
    #expect(try await home.grants().first?.uses == 5)
    // A second program on the folder counts the same uses.
    let other = try await home.beside()
    let caller = try await other.exchange.authenticate(
      peerCertificate: hospital.certificate(), purpose: "TREAT", networkAddress: nil, requestID: "r"
    )
    #expect(
      await outcome { try await other.exchange.read("Observation", id: "lab", as: caller) }
        == "forbidden")
    await other.close()
  }

  @Test func aDenialWinsOverEveryGrant() async throws {
    let (home, hospital) = try await pairOfNodes()
    let clinic = try await TestNode(.organization, name: "Clinic", clock: home.clock)
    try await pair(clinic, with: home)
    for node in [hospital, clinic] { try await home.grant(to: node, types: .all, purposes: .all) }
    let denial = try await home.deny(
      hospital, types: RecordTypeSet(.labResults), purposes: .treatment)
    #expect(denial.kind == "denial")
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")
    #expect(try await home.read("Observation/lab", by: hospital, .payment) == "ok")
    #expect(try await home.read("Observation/vital", by: hospital) == "ok")
    #expect(try await home.read("Observation/lab", by: clinic) == "ok")
    // A grant that comes later does not outweigh it either.
    try await home.grant(to: hospital, types: RecordTypeSet(.labResults))
    #expect(try await home.read("Observation/lab", by: hospital) == "forbidden")
    try await home.exchange.revoke(denial.id, as: home.owner)
    #expect(try await home.read("Observation/lab", by: hospital) == "ok")
  }

  /// One code of each sensitive kind: withheld from a grant that does not name the label, given under
  /// one that does.
  @Test(arguments: [
    ("substance-use", "7200002"), ("mental-health", "370143000"), ("hiv", "86406008"),
    ("reproductive", "72892002"), ("genetic", "405824009"),
  ])
  func labelledRecordsNeedAGrantThatNamesTheLabel(label: String, code: String) async throws {
    let (home, hospital) = try await pairOfNodes()
    let sensitivity = try #require(SensitivityLabel(rawValue: label))
    try await home.store(
      Sample.condition("byCode", of: "p", code: code),
      Sample.condition("bySecurity", of: "p", security: sensitivity.securityCode))
    try await home.grant(to: hospital, types: .all)
    let peer = try await home.peer(hospital)
    func found() async throws -> [String] {
      let page = try await home.exchange.search(
        "Condition", query: [("patient", "p"), ("_total", "accurate")], strict: true, as: peer)
      #expect(page.total == page.resources.count)
      return page.ids
    }
    for id in ["byCode", "bySecurity"] {
      #expect(try await home.read("Condition/\(id)", by: hospital) == "forbidden")
    }
    #expect(try await found() == ["problem"])
    // Another label does not open it.
    let other: LabelSet = label == "hiv" ? .genetic : .hiv
    try await home.grant(to: hospital, types: .all, labels: [.ordinary, other])
    #expect(try await found() == ["problem"])
    try await home.grant(
      to: hospital, types: RecordTypeSet(.problems), labels: LabelSet(sensitivity))
    #expect(try await found() == ["problem", "byCode", "bySecurity"])
    #expect(try await home.read("Condition/byCode", by: hospital) == "ok")
    try await home.deny(hospital, labels: LabelSet(sensitivity))
    #expect(try await found() == ["problem"])
  }

  /// On an open connection the very next request is refused.
  @Test func afterARevokeTheNextRequestIsRefused() async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: .all)
    let peer = try await home.peer(hospital)
    func read() async -> String {
      await outcome { try await home.exchange.read("Observation", id: "lab", as: peer) }
    }
    #expect(await read() == "ok")
    // Revoked by another program on the same folder: no cache window there either.
    let other = try await home.beside()
    try await other.exchange.revoke(grant.id, as: other.exchange.nodeOperator())
    await other.close()
    #expect(await read() == "forbidden")
    #expect(
      await outcome { try await home.exchange.revoke(grant.id, as: home.owner) } == "conflict")
    #expect(
      await outcome { try await home.exchange.revoke("nothing", as: home.owner) } == "not-found")
    #expect(try await home.grants().map(\.status) == ["revoked"])
    let events = try await home.log().map(\.event)
    #expect(events.last { $0.kind == .decisionDeny }?.reasons.contains("revoked") == true)
  }

  /// However revocations and reads interleave, a read that began after the revoke had returned fails.
  @Test func noReadSlipsPastARevoke() async throws {
    let (home, hospital) = try await pairOfNodes()
    let peer = try await home.peer(hospital)
    for _ in 0..<5 {
      let grant = try await home.grant(to: hospital, types: .all)
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for _ in 0..<4 {
              _ = await outcome { try await home.exchange.read("Observation", id: "lab", as: peer) }
            }
          }
        }
        group.addTask {
          _ = await outcome { try await home.exchange.revoke(grant.id, as: home.owner) }
        }
      }
      #expect(
        await outcome { try await home.exchange.read("Observation", id: "lab", as: peer) }
          == "forbidden")
      // In the log no disclosure under the grant stands behind its revocation.
      let events = try await home.log()
      let end = try #require(
        events.first { $0.event.kind == .revoke && $0.event.consents.contains(grant.id) })
      #expect(
        !events.contains {
          $0.sequence > end.sequence && $0.event.kind == .disclosure
            && $0.event.consents.contains(grant.id)
        })
    }
  }

  @Test func grantsAreMadeByThePatientsSideOnly() async throws {
    let (home, hospital) = try await pairOfNodes()
    let draft = GrantDraftOf.everything("p", to: hospital)
    let peer = try await home.peer(hospital)
    let clinician = try await home.bearer(.clinician, treats: ["p"])
    for caller in [peer, clinician] {
      #expect(await outcome { try await home.exchange.grant(draft, as: caller) } == "forbidden")
      #expect(await outcome { try await home.exchange.revoke("x", as: caller) } == "forbidden")
      #expect(await outcome { try await home.exchange.grants(of: nil, as: caller) } == "forbidden")
      #expect(
        await outcome {
          try await home.exchange.auditEvents(of: "p", before: nil, limit: 9, as: caller)
        } == "forbidden")
      #expect(
        await outcome { try await home.exchange.destroyChart(of: "p", as: caller) } == "forbidden")
    }
    #expect(
      await outcome {
        try await home.exchange.grant(
          GrantDraftOf.everything("nobody", to: hospital), as: home.owner)
      } == "not-found")
  }
}
