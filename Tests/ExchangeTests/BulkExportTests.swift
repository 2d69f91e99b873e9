import Audit
import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

@Suite struct BulkExportTests {
  private static let types = [
    "AllergyIntolerance", "Condition", "MedicationRequest", "Observation", "Patient",
    "Practitioner",
  ]

  /// Three patients, one of them with most of the records.
  private func node() async throws -> TestNode {
    let node = try await TestNode(.organization)
    try await node.store(Sample.practitioner("dr", npi: "1234567893"))
    for patient in ["p", "q", "r"] {
      try await node.store(
        Sample.patient(patient), Sample.medication("m-\(patient)", of: patient),
        Sample.allergy("a-\(patient)", of: patient), Sample.condition("c-\(patient)", of: patient))
    }
    for number in 0..<11 {
      try await node.store(Sample.observation("o\(number)", of: number < 9 ? "q" : "p"))
    }
    try await node.reopenForBulk()
    return node
  }

  private func union(_ files: [ReadFile]) throws -> [String: [UInt8]] {
    var all: [String: [UInt8]] = [:]
    for file in files {
      #expect(file.lines.count == file.count && file.resources.count == file.count)
      for (line, resource) in zip(file.lines, file.resources) {
        #expect(resource.type == file.type)
        #expect(all.updateValue(line, forKey: "\(resource.type)/\(resource.id ?? "")") == nil)
      }
    }
    return all
  }

  @Test func theFilesTogetherAreWhatSearchingFinds() async throws {
    let node = try await node()
    let app = try await node.bearer(.system)
    let (job, manifest) = try await node.export(as: app)
    #expect(manifest.output.allSatisfy { $0.count > 0 && $0.count <= 3 })
    #expect(manifest.output.count > Self.types.count && manifest.deleted.isEmpty)
    let all = try union(await node.read(job, manifest.output, as: app))
    #expect(try await node.found(Self.types, as: app).mapValues(oneLine) == all)
    #expect(try await node.exchange.verifyAudit { _ in }.findings.isEmpty)
  }

  @Test func whatBelongsToPatientsOrAGroupOnly() async throws {
    let node = try await node()
    let app = try await node.bearer(.system)
    try await node.store(
      Sample.json(
        #"""
        {"resourceType":"Group","id":"g","type":"person","actual":true,"member":[
          {"entity":{"reference":"Patient/p"}},{"entity":{"reference":"Patient/r"}},
          {"entity":{"reference":"Patient/q"},"inactive":true}]}
        """#))
    let (job, manifest) = try await node.export(.patients, as: app)
    let all = try union(await node.read(job, manifest.output, as: app))
    #expect(!all.keys.contains { $0.hasPrefix("Practitioner/") } && all.count == 24)
    let (group, members) = try await node.export(.group("g"), as: app)
    let some = try union(await node.read(group, members.output, as: app))
    #expect(
      Set(some.keys) == [
        "Patient/p", "MedicationRequest/m-p", "AllergyIntolerance/a-p", "Condition/c-p",
        "Observation/o9", "Observation/o10", "Patient/r", "MedicationRequest/m-r",
        "AllergyIntolerance/a-r", "Condition/c-r", "Group/g",
      ])
    let (one, named) = try await node.export(
      .group("g"), [("patient", "Patient/r"), ("_type", "Patient,Condition")], as: app)
    let few = try union(await node.read(one, named.output, as: app))
    #expect(Set(few.keys) == ["Patient/r", "Condition/c-r"])
    for patient in ["Patient/q", "Patient/nobody"] {
      let refused = await failure {
        try await node.export(.group("g"), [("patient", patient)], as: app)
      }
      #expect(refused?.code == .invalid && refused?.place == "patient")
    }
    #expect(await outcome { try await node.export(.group("h"), as: app) } == "not-found")
  }

  @Test func underAConsentOnlyWhatItOpensAppearsAndCounts() async throws {
    let (home, hospital) = try await pairOfNodes()
    try await home.store(Sample.patient("other"), Sample.observation("hidden", of: "other"))
    let grant = try await home.grant(
      to: hospital, types: RecordTypeSet([.labResults, .allergies]),
      actions: [.read, .search, .export])
    let caller = try await home.peer(hospital)
    let (job, manifest) = try await home.export(as: caller)
    #expect(manifest.output.map(\.type) == ["AllergyIntolerance", "Observation"])
    #expect(manifest.output.map(\.count) == [1, 1])
    let files = try await home.read(job, manifest.output, as: caller)
    #expect(files.map(\.ids) == [["allergy"], ["lab"]])
    let before = try await home.log().count
    // Revoked between planning and reading: gone, at once, and the log says so.
    _ = try await home.exchange.revoke(grant.id, as: home.owner)
    let gone = try await home.read(job, manifest.output, as: caller)
    #expect(gone.flatMap(\.lines).isEmpty)
    let events = try await home.log().dropFirst(before).map(\.event)
    #expect(
      events.count {
        $0.kind == .decisionDeny && $0.counts == ["planned": 1, "given": 0]
      } == 2)
    #expect(!events.contains { $0.kind == .disclosure })
    let (_, nothing) = try await home.export(as: caller)
    #expect(nothing.output.isEmpty)
  }

  @Test func everyFileOfEveryPatientIsInTheLogBeforeItIsRead() async throws {
    let node = try await node()
    let app = try await node.bearer(.system)
    let (job, manifest) = try await node.export(.patients, as: app)
    let before = try await node.log().count
    for file in manifest.output {
      let read = try await node.read(job, [file], as: app)[0]
      let name = "\(job)/\(file.name ?? "")"
      let events = try await node.log().dropFirst(before).map(\.event)
        .filter { $0.detail["query"] == name }
      #expect(events.allSatisfy { $0.kind == .disclosure && $0.detail["action"] == "export" })
      let logged = events.flatMap(\.entities).map { String($0.prefix { $0 != "_" }.dropLast()) }
      #expect(Set(logged) == Set(read.ids.map { "\(file.type)/\($0)" }))
      let counts = events.flatMap { $0.counts.values }
      #expect(counts.reduce(0, +) == read.count)
    }
  }

  @Test func onlyItsOwnerLearnsOfAJob() async throws {
    let node = try await node()
    let app = try await node.bearer(.system)
    let other = try await node.bearer(.system)
    let (job, manifest) = try await node.export(as: app)
    let name = try #require(manifest.output.first?.name)
    #expect(await outcome { try await node.exchange.bulkStatus(job, as: other) } == "not-found")
    #expect(
      await outcome { try await node.exchange.bulkFile(job, name, as: other) } == "not-found")
    #expect(await outcome { try await node.exchange.cancelBulk(job, as: other) } == "not-found")
    #expect(
      await outcome { try await node.exchange.bulkFile(job, "Patient.99.ndjson", as: app) }
        == "not-found")
    var open = try await node.exchange.bulkFile(job, name, as: app)
    try await node.exchange.cancelBulk(job, as: app)
    #expect(await outcome { try await open.next() } == "not-found")
    #expect(await outcome { try await node.exchange.bulkStatus(job, as: app) } == "not-found")
    #expect(try await node.exchange.verifyAudit { _ in }.findings.isEmpty)
  }

  @Test func aJobEndsWithItsTimeAndItsOwner() async throws {
    let node = try await node()
    let app = try await node.bearer(.system, lifetime: 7 * 86_400)
    let (job, _) = try await node.export(as: app)
    node.clock.advance(seconds: 86_400)
    #expect(await outcome { try await node.exchange.bulkStatus(job, as: app) } == "not-found")
    let next = try await node.beginExport(as: app)
    let tokens = try await node.exchange.tokens(as: node.owner)
    try await node.exchange.revokeToken(try #require(tokens.first?.id), as: node.owner)
    _ = try await node.exchange.workOnBulkJobs(as: "worker")
    #expect(try await node.exchange.bulkJobs(as: node.owner).isEmpty)
    #expect(await outcome { try await node.exchange.bulkStatus(next, as: app) } == "not-found")
  }

  @Test func whatHasChangedSinceAndWhatWasDeleted() async throws {
    let node = try await node()
    let app = try await node.bearer(.system)
    node.clock.advance(seconds: 10)
    let since = node.clock.now().description
    node.clock.advance(seconds: 10)
    try await node.store(Sample.observation("o1", of: "q", value: "2.50"))
    for id in ["o2", "o3", "o4", "o5"] {
      _ = try await node.exchange.delete("Observation", id: id, expecting: .any, as: node.owner)
    }
    _ = try await node.exchange.delete("Condition", id: "c-p", expecting: .any, as: node.owner)
    try await node.store(Sample.observation("o5", of: "q", value: "5.50"))
    node.clock.advance(seconds: 10)
    let (job, manifest) = try await node.export(
      .system, [("_since", since), ("_type", "Observation")], as: app)
    let files = try await node.read(job, manifest.output, as: app)
    #expect(Set(files.flatMap(\.ids)) == ["o1", "o5"])
    #expect(manifest.deleted.map(\.count) == [3] && manifest.deleted.first?.type == "Bundle")
    let deleted = try await node.read(job, manifest.deleted, as: app)
    let bundle = try #require(deleted.first?.resources.first)
    #expect(bundle.root["type"]?.string == "transaction")
    let requests = Array(try #require(bundle.root["entry"]).elements).map { entry in
      "\(entry["request"]?["method"]?.string ?? "") \(entry["request"]?["url"]?.string ?? "")"
    }
    #expect(
      Set(requests)
        == ["o2", "o3", "o4"].reduce(into: []) { $0.insert("DELETE Observation/\($1)") })
  }

  @Test func filtersAndElements() async throws {
    let node = try await node()
    let app = try await node.bearer(.system)
    try await node.store(
      Sample.observation("v", of: "p", category: "vital-signs", code: "8867-4", date: "2025-05-05"))
    let (job, manifest) = try await node.export(
      .system,
      [
        ("_type", "Observation,Condition"),
        ("_typeFilter", "Observation?code=8867-4,Observation?patient=p&code=718-7,1-1"),
        ("_elements", "Observation.status,code"),
      ], as: app)
    let files = try await node.read(job, manifest.output, as: app)
    let found = files.flatMap(\.resources)
    #expect(Set(found.compactMap(\.id)) == ["v", "o9", "o10", "c-p", "c-q", "c-r"])
    #expect(found.allSatisfy { $0.root["effectiveDateTime"] == nil && $0.root["code"] != nil })
    #expect(found.allSatisfy { ($0.root["status"] != nil) == ($0.type == "Observation") })
    #expect(found.allSatisfy { String(decoding: $0.bytes, as: UTF8.self).contains("SUBSETTED") })
  }

  @Test func badRequestsAreRefusedWithTheirPlace() async throws {
    let node = try await node()
    let app = try await node.bearer(.system)
    let bad: [(BulkExportRequest.Level, String, String, String)] = [
      (.system, "_type", "Patience", "_type"), (.system, "_type", "", "_type"),
      (.patients, "_type", "Practitioner", "_type"),
      (.system, "_since", "2026-02-30T00:00:00Z", "_since"),
      (.system, "_since", "yesterday", "_since"),
      (.system, "_outputFormat", "application/vnd.apache.parquet", "_outputFormat"),
      (.system, "_typeFilter", "Observation", "_typeFilter"),
      (.system, "_typeFilter", "Observation?nonsense=1", "_typeFilter, nonsense"),
      (.system, "_typeFilter", "Observation?_include=Observation:subject", "_typeFilter"),
      (.system, "_typeFilter", "Observation?_count=5", "_typeFilter"),
      (.system, "_elements", "Patient.name.family", "_elements"),
      (.system, "patient", "Patient/p", "patient"), (.patients, "patient", "p", "patient"),
      (.system, "includeAssociatedData", "LatestProvenanceResources", "includeAssociatedData"),
      (.system, "_until", "2026-01-01T00:00:00Z", "query"),
      (
        .system, "_typeFilter",
        Array(repeating: "Patient?active=true", count: 65).joined(separator: ","), "_typeFilter"
      ),
    ]
    for (level, name, value, place) in bad {
      let error = await failure { try await node.export(level, [(name, value)], as: app) }
      #expect(
        error?.place?.hasPrefix(place) == true, "\(name)=\(value.prefix(40)): \(error as Any)")
    }
    let reader = try await node.bearer(.system, scope: "system/Patient.rs")
    #expect(
      await outcome { try await node.export(.system, [("_type", "Observation")], as: reader) }
        == "forbidden")
    let (_, manifest) = try await node.export(as: reader)
    #expect(Set(manifest.output.map(\.type)) == ["Patient"])
    // So many at a time and no more.
    for _ in 0..<8 { _ = try await node.beginExport(as: app) }
    #expect(await outcome { try await node.beginExport(as: app) } == "too-many-requests")
  }
}
