import Audit
import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

@Suite struct BulkImportTests {
  private static let base = "https://files.example/"

  private func request(_ files: [(String, String)]) throws -> BulkImportRequest {
    let input = files.map { #"{"type":"\#($0.0)","url":"\#($0.1)"}"# }.joined(separator: ",")
    return try BulkImportRequest(
      parsing: Sample.json(
        #"{"inputFormat":"application/fhir+ndjson","inputSource":"https://x","storageDetail":"#
          + #"{"type":"https"},"input":[\#(input)]}"#))
  }

  private func begin(
    _ node: TestNode, _ source: MemorySource, _ files: [(String, String)], as caller: Caller
  ) async throws -> String {
    node.exchange.allowImport(from: source)
    return try await node.exchange.beginImport(
      try request(files), url: "https://node.example/fhir/$import", as: caller)
  }

  private func lines(_ resources: [[UInt8]]) -> [UInt8] {
    Array(resources.map(oneLine).joined(separator: [0x0A]))
  }

  @Test func anExportImportedElsewhereIsTheSame() async throws {
    let (home, _) = try await pairOfNodes()
    let owner = try await home.bearer(.system)
    let (job, manifest) = try await home.export(as: owner)
    var files: [String: MemorySource.File] = [:]
    for file in manifest.output {
      let lines = try await home.read(job, [file], as: owner)[0].lines
      files[Self.base + (file.name ?? "")] = MemorySource.File(
        bytes: Array(lines.joined(separator: [0x0A])))
    }
    let other = try await TestNode(.organization)
    let app = try await other.bearer(.system)
    let source = MemorySource(files)
    let input = manifest.output.map { ($0.type, Self.base + ($0.name ?? "")) }
    let importing = try await begin(other, source, input, as: app)
    _ = try await other.exchange.workOnBulkJobs(as: "worker")
    let result = try await other.manifest(importing, as: app)
    #expect(result.isImport && result.errors.isEmpty)
    #expect(result.output.map(\.count) == manifest.output.map(\.count))
    #expect(result.output.map(\.inputURL) == input.map(\.1))
    let types = manifest.output.map(\.type)
    let before = try await home.found(types, as: owner)
    let after = try await other.found(types, as: app)
    #expect(before.keys.sorted() == after.keys.sorted() && !before.isEmpty)
    for (address, json) in before {
      // Only what a node assigns may differ.
      func content(_ json: [UInt8]) throws -> [UInt8] {
        let resource = try Resource(parsing: json)
        return resource.withIdentity(
          id: resource.id ?? "", versionId: "1", lastUpdated: Instant(millisecondsSinceEpoch: 0))
      }
      let imported = try #require(after[address])
      let (sent, kept) = (try content(oneLine(json)), try content(imported))
      #expect(sent == kept)
    }
    #expect(try await other.exchange.verifyAudit { _ in }.findings.isEmpty)
  }

  @Test func aFileThatBreaksOffGoesOnWhereItWas() async throws {
    let node = try await TestNode(.organization)
    let app = try await node.bearer(.system, lifetime: 100_000)
    let patients = (0..<1300).map { Sample.patient("p\($0)") }
    let bytes = lines(patients)
    let url = Self.base + "patients"
    let source = MemorySource([
      url: MemorySource.File(bytes: bytes, breaks: 2, breaksAt: bytes.count * 2 / 3)
    ])
    let job = try await begin(node, source, [("Patient", url)], as: app)
    let wait = try await node.exchange.workOnBulkJobs(as: "one")
    #expect(wait ?? 0 > 0)
    guard case .working(let stored) = try await node.exchange.bulkStatus(job, as: app) else {
      Issue.record("the import did not wait")
      return
    }
    #expect(stored == 500)
    // Another worker, as after a crash, whenever it may.
    for _ in 0..<3 {
      node.clock.advance(seconds: 60)
      _ = try await node.exchange.workOnBulkJobs(as: "other")
    }
    let manifest = try await node.manifest(job, as: app)
    #expect(manifest.output.map(\.count) == [1300] && manifest.errors.isEmpty)
    #expect(source.asked.count == 3)
    for id in ["p0", "p499", "p500", "p1299"] {
      #expect(try await node.exchange.read("Patient", id: id, as: app).version == 1)
    }
  }

  @Test func whatIsWrongIsToldWithItsPlaceAndNothingElse() async throws {
    let node = try await TestNode(.organization)
    let app = try await node.bearer(.system)
    let secret = "Birchbark"
    let mixed = lines([
      Sample.patient("a"),
      Sample.json(#"{"resourceType":"Patient","name":[{"family":"\#(secret)"}"#),
      Sample.observation("o", of: "a"), Sample.json("garbage \(secret)"),
      Sample.json(
        #"{"resourceType":"Patient","id":"b","generalPractitioner":[{"reference":"a b"}]}"#),
      Sample.patient("c"),
    ])
    let source = MemorySource([
      Self.base + "mixed": MemorySource.File(bytes: mixed),
      Self.base + "noise": MemorySource.File(bytes: (0..<5000).map { UInt8($0 * 7 & 0xFF) }),
      Self.base + "gone": MemorySource.File(bytes: [], isAbsent: true),
      Self.base + "empty": MemorySource.File(bytes: []),
    ])
    let job = try await begin(
      node, source, ["mixed", "noise", "gone", "empty"].map { ("Patient", Self.base + $0) }, as: app
    )
    _ = try await node.exchange.workOnBulkJobs(as: "worker")
    let manifest = try await node.manifest(job, as: app)
    #expect(manifest.output.map(\.count) == [2, 0, 0, 0])
    #expect(manifest.errors.map(\.inputURL) == ["mixed", "noise", "gone"].map { Self.base + $0 })
    let outcomes = try await node.read(job, manifest.errors, as: app)
    #expect(outcomes[0].lines.count == 4 && outcomes.allSatisfy { $0.lines.count == $0.count })
    let text = outcomes.flatMap(\.lines).map { String(decoding: $0, as: UTF8.self) }
    #expect(outcomes.flatMap(\.resources).allSatisfy { $0.type == "OperationOutcome" })
    for line in [2, 3, 4, 5] { #expect(text.contains { $0.contains("line \(line)") }) }
    #expect(!text.joined().contains(secret))
  }

  @Test func onlyNamedServersAreAsked() async throws {
    let node = try await TestNode(.organization)
    let app = try await node.bearer(.system)
    let request = try request(
      (0..<100).map { ("Patient", "https://10.0.0.\($0)/latest/meta-data") })
    func begin() async throws -> String {
      try await node.exchange.beginImport(request, url: "u", as: app)
    }
    #expect(await outcome { try await begin() } == "forbidden")
    let source = MemorySource([:])
    node.exchange.allowImport(from: source)
    #expect(await outcome { try await begin() } == "forbidden")
    _ = try await node.exchange.workOnBulkJobs(as: "worker")
    #expect(source.asked.isEmpty)
    let denied = try await node.log().map(\.event).filter { $0.kind == .decisionDeny }
    #expect(denied.count == 2)
    let reader = try await node.bearer(.system, scope: "system/*.rs")
    #expect(
      await outcome {
        try await node.exchange.beginImport(
          try self.request([("Patient", Self.base + "x")]), url: "u", as: reader)
      } == "forbidden")
  }

  @Test func whoMayNotWriteARecordIsRefusedThatLineOnly() async throws {
    let node = try await TestNode(.organization)
    try await node.store(Sample.patient("mine"), Sample.patient("theirs"))
    let clinician = try await node.bearer(.clinician, treats: ["mine"])
    let url = Self.base + "o"
    let source = MemorySource([
      url: MemorySource.File(
        bytes: lines([
          Sample.observation("a", of: "mine"), Sample.observation("b", of: "theirs"),
          Sample.observation("c", of: "mine"),
        ]))
    ])
    let job = try await begin(node, source, [("Observation", url)], as: clinician)
    _ = try await node.exchange.workOnBulkJobs(as: "worker")
    let manifest = try await node.manifest(job, as: clinician)
    #expect(manifest.output.map(\.count) == [2] && manifest.errors.map(\.count) == [1])
    #expect(
      await outcome { try await node.exchange.read("Observation", id: "b", as: node.owner) }
        == "not-found")
    #expect(
      try await node.log().map(\.event).contains {
        $0.kind == .decisionDeny && $0.detail["job"] == job && $0.counts == ["records": 1]
      })
  }

  @Test(arguments: [
    "{", "[]", #"{"resourceType":"Patient"}"#, #"{"resourceType":"Parameters"}"#,
    #"{"inputFormat":"text/csv","input":[{"type":"Patient","url":"https://files.example/a"}]}"#,
    #"{"inputFormat":"ndjson","input":[]}"#, #"{"inputFormat":"ndjson","input":"x"}"#,
    #"{"inputFormat":"ndjson","input":[{"type":"Patience","url":"https://files.example/a"}]}"#,
    #"{"inputFormat":"ndjson","input":[{"type":"Patient"}]}"#,
    #"{"inputFormat":"ndjson","input":[{"type":"Patient","url":"a b"}]}"#,
    #"{"inputFormat":"ndjson","other":1,"input":[{"type":"Patient","url":"https://files.example/a"}]}"#,
    #"{"inputFormat":"ndjson","input":[{"type":"Patient","url":"u"},{"type":"Patient","url":"u"}]}"#,
  ])
  func badBodiesAreRefused(text: String) {
    #expect(throws: PeerChartError.self) { () throws in
      _ = try BulkImportRequest(parsing: Sample.json(text))
    }
  }

  @Test func aBodyOfTooManyFilesIsRefused() {
    #expect(throws: PeerChartError.self) { () throws in
      _ = try request((0...1000).map { ("Patient", "\(Self.base)\($0)") })
    }
  }

  @Test func theFormsOfABodyAreReadAlike() throws {
    let parameters = #"""
      {"resourceType":"Parameters","parameter":[
        {"name":"inputFormat","valueCode":"application/fhir+ndjson"},
        {"name":"inputSource","valueUri":"https://x"},
        {"name":"storageDetail","part":[{"name":"type","valueCode":"https"}]},
        {"name":"input","part":[{"name":"type","valueCode":"Patient"},
          {"name":"url","valueUri":"https://files.example/a"}]}]}
      """#
    _ = try BulkImportRequest(parsing: Sample.json(parameters))
    _ = try request([("Patient", "https://files.example/a")])
  }
}
