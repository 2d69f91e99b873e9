import Consent
import Exchange
import FHIR
import Identity
import Node
import Primitives
import Testing

@Suite struct RecordTests {
  @Test func aRecordComesBackToTheByteWithWhatTheNodeAssigns() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let sent = Sample.observation(
      of: "p", value: "1.10", extra: #""extension":[{"valueDecimal":-0.0E+1,"url":"urn:x"}],"#)
    let stored = try await node.exchange.create("Observation", sent, as: node.owner)
    #expect(stored.effect == .created)
    let read = try await node.exchange.read(
      "Observation", id: stored.resource.id, as: node.owner)
    #expect(read.json == stored.resource.json)
    #expect(read.version == 1 && read.lastUpdated == node.clock.now())
    #expect(read.text.contains(#""value":1.10,"unit""#))
    #expect(read.text.contains(#"[{"valueDecimal":-0.0E+1,"url":"urn:x"}]"#))
    let original = try Resource(parsing: sent).withIdentity(
      id: read.id, versionId: "1", lastUpdated: node.clock.now())
    #expect(read.json == original)
  }

  @Test func versionsStayAndDeletionIsTheLastOfThem() async throws {
    let node = try await TestNode()
    let (exchange, owner) = (node.exchange, node.owner)
    try await node.store(Sample.patient("p"))
    let first = try await exchange.update(
      "Observation", id: "o", Sample.observation("o", of: "p", value: "1"), expecting: .any,
      as: owner)
    #expect(first.effect == .created)
    node.clock.advance(seconds: 60)
    let second = try await exchange.update(
      "Observation", id: "o", Sample.observation("o", of: "p", value: "2"), expecting: .version(1),
      as: owner)
    #expect(second.effect == .updated && second.resource.version == 2)
    #expect(
      await outcome {
        try await exchange.update(
          "Observation", id: "o", Sample.observation("o", of: "p"), expecting: .version(1),
          as: owner)
      } == "precondition-failed")
    #expect(
      await outcome {
        try await exchange.delete("Observation", id: "o", expecting: .version(1), as: owner)
      }
        == "precondition-failed")
    let deleted = try await exchange.delete(
      "Observation", id: "o", expecting: .version(2), as: owner)
    #expect(deleted?.effect == .deleted && deleted?.resource.version == 3)
    #expect(
      try await exchange.delete("Observation", id: "o", expecting: .any, as: owner) == nil)
    #expect(await outcome { try await exchange.read("Observation", id: "o", as: owner) } == "gone")
    #expect(
      await outcome { try await exchange.read("Observation", id: "o", version: 3, as: owner) }
        == "gone")
    let old = try await exchange.read("Observation", id: "o", version: 1, as: owner)
    #expect(old.json == first.resource.json)
    #expect(
      await outcome { try await exchange.read("Observation", id: "o", version: 9, as: owner) }
        == "not-found")
    let again = try await exchange.update(
      "Observation", id: "o", Sample.observation("o", of: "p", value: "4"), expecting: .version(3),
      as: owner)
    #expect(again.effect == .created && again.resource.version == 4)
    let history = try await exchange.history(
      "Observation", id: "o", cursor: nil, count: 3, as: owner)
    #expect(history.resources.map(\.version) == [4, 3, 2])
    #expect(history.resources.map(\.isDeleted) == [false, true, false])
    let rest = try await exchange.history(
      "Observation", id: "o", cursor: history.next, count: 3, as: owner)
    #expect(rest.resources.map(\.version) == [1] && rest.next == nil)
  }

  @Test func whatIsWrongWithARequestIsSaidWithItsPlace() async throws {
    let node = try await TestNode()
    let (exchange, owner) = (node.exchange, node.owner)
    try await node.store(Sample.patient("p"))
    let cases: [(String, String?, () async throws -> Any)] = [
      ("not-found", nil, { try await exchange.read("Observation", id: "none", as: owner) }),
      ("not-found", nil, { try await exchange.read("Nonsense", id: "a", as: owner) }),
      ("not-found", nil, { try await exchange.read("Patient", id: "../p", as: owner) }),
      ("not-found", nil, { try await exchange.create("Nonsense", Sample.patient("x"), as: owner) }),
      (
        "invalid", "resourceType",
        { try await exchange.create("Observation", Sample.patient("x"), as: owner) }
      ),
      (
        "invalid", "Patient.id",
        {
          try await exchange.update(
            "Patient", id: "q", Sample.patient("x"), expecting: .any, as: owner)
        }
      ),
      ("malformed", "$, byte 1", { try await exchange.create("Patient", [0x7B], as: owner) }),
      (
        "precondition-failed", nil,
        {
          try await exchange.update(
            "Patient", id: "new", Sample.patient("new"), expecting: .version(1), as: owner)
        }
      ),
      (
        "invalid", "_count",
        { try await exchange.history("Patient", id: "p", cursor: nil, count: -1, as: owner) }
      ),
      (
        "invalid", "_cursor",
        { try await exchange.history("Patient", id: "p", cursor: "x", count: nil, as: owner) }
      ),
    ]
    for (index, (code, place, body)) in cases.enumerated() {
      let error = await failure(body)
      #expect(
        error?.code.rawValue == code && error?.place == place, "case \(index): \(error as Any)")
    }
  }

  /// What import and transactions refuse, a create and an update refuse as well, at the same place.
  @Test func aReferenceThatLeadsNowhereIsRefused() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.practitioner("doctor", npi: "111"))
    func observation(_ reference: String) -> [UInt8] {
      Sample.json(
        """
        {"resourceType":"Observation","id":"o","subject":{"reference":"Patient/p"},
         "performer":[{"display":"x"},{"reference":"\(reference)"}]}
        """)
    }
    let (exchange, owner) = (node.exchange, node.owner)
    for reference in [
      "urn:uuid:99999999-9999-4999-8999-999999999999", "urn:oid:1.2.3",
      "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|222", "a b",
    ] {
      let errors = [
        await failure {
          try await exchange.create("Observation", observation(reference), as: owner)
        },
        await failure {
          try await exchange.update(
            "Observation", id: "o", observation(reference), expecting: .any, as: owner)
        },
      ]
      for error in errors {
        #expect(error?.code == .invalid, "\(reference): \(error as Any)")
        #expect(error?.place == "Observation.performer[1].reference", "\(reference)")
        #expect(error?.reason.contains("999") == false && error?.reason.contains("222") == false)
      }
    }
    #expect(try await exchange.searchAll("Observation", [], as: owner).isEmpty)
    // What leads somewhere is taken: to a record, to a contained one, to a server elsewhere.
    for reference in ["Practitioner/doctor", "#inner", "https://example.org/fhir/Practitioner/1"] {
      let stored = try await exchange.create("Observation", observation(reference), as: owner)
      #expect(stored.resource.text.contains("\"reference\":\"\(reference)\""), "\(reference)")
    }
    let conditional = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|111"
    let stored = try await exchange.create("Observation", observation(conditional), as: owner)
    #expect(stored.resource.text.contains(#""reference":"Practitioner/doctor""#))
    // Whether something matches is a search, and takes the scope of one.
    let writer = try await node.bearer(
      .system, purpose: .operations, scope: "system/Observation.cu")
    for reference in [conditional, "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|222"] {
      #expect(
        await outcome {
          try await exchange.create("Observation", observation(reference), as: writer)
        } == "forbidden")
    }
  }

  @Test func aBodyBeyondTheLimitIsRefused() async throws {
    let node = try await TestNode()
    var limits = ExchangeLimits()
    limits.bodyBytes = 400
    try await node.reopen(limits: limits)
    #expect(
      await outcome {
        try await node.exchange.create("Patient", Sample.patient("p"), as: node.owner)
      } == "ok")
    let large = Sample.patient("p", family: String(repeating: "a", count: 400))
    for body in [large, Sample.bundle("batch", [.init(url: "Patient", resource: large)])] {
      #expect(
        await outcome {
          try await node.exchange.create("Patient", body, as: node.owner)
        } == "too-large")
      #expect(
        await outcome {
          try await node.exchange.process(bundle: body, as: node.owner)
        } == "too-large")
      #expect(
        await outcome {
          try await node.exchange.importJSON(
            body, unresolved: .refuse, as: node.owner, progress: { _ in })
        } == "too-large")
    }
  }

  @Test func toAPeerAbsentDeletedAndForbiddenLookTheSame() async throws {
    let (home, hospital) = (try await TestNode(), try await TestNode(.organization))
    try await pair(home, with: hospital)
    try await home.store(
      Sample.patient("p"), Sample.observation("there", of: "p"), Sample.observation("gone", of: "p")
    )
    _ = try await home.exchange.delete("Observation", id: "gone", expecting: .any, as: home.owner)
    let peer = try await home.peer(hospital)
    var errors: [PeerChartError?] = []
    for id in ["there", "gone", "absent"] {
      errors.append(await failure { try await home.exchange.read("Observation", id: id, as: peer) })
      errors.append(
        await failure {
          try await home.exchange.history("Observation", id: id, cursor: nil, count: nil, as: peer)
        })
      errors.append(
        await failure {
          try await home.exchange.delete("Observation", id: id, expecting: .any, as: peer)
        })
    }
    #expect(errors.first??.code == .forbidden)
    #expect(Set(errors.map { "\($0 as Any)" }).count == 1)
  }

  @Test func ofTwoWritersOfOneVersionOneIsRefused() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"), Sample.observation("o", of: "p"))
    let outcomes = await withTaskGroup(of: String.self) { group in
      for number in 0..<8 {
        group.addTask {
          await outcome {
            try await node.exchange.update(
              "Observation", id: "o", Sample.observation("o", of: "p", value: "\(number)"),
              expecting: .version(1), as: node.owner)
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 == "ok" }.count == 1)
    #expect(outcomes.filter { $0 == "precondition-failed" }.count == 7)
  }

  /// One program serves while another imports: both write the same record.
  @Test func writersOfTwoProgramsLeaveUnbrokenVersions() async throws {
    let node = try await TestNode()
    try await node.store(Sample.patient("p"))
    let other = try await node.beside()
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<12 {
        let exchange = number.isMultiple(of: 2) ? node.exchange : other.exchange
        group.addTask {
          let result = await outcome {
            try await exchange.update(
              "Observation", id: "o", Sample.observation("o", of: "p", value: "\(number)"),
              expecting: .any, as: exchange.nodeOperator())
          }
          #expect(result == "ok")
        }
      }
    }
    let history = try await other.exchange.history(
      "Observation", id: "o", cursor: nil, count: nil, as: other.exchange.nodeOperator())
    #expect(history.resources.map(\.version) == (1...12).reversed())
    #expect(try await other.exchange.verifyAudit { _ in }.verified)
    await other.close()
  }
}
