import Audit
import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Testing

/// A file is walked anew when it is read, while the records go on changing: it gives what there was at the
/// time of the export, each record in one file, once.
@Suite struct BulkViewTests {
  private struct World {
    var values: [String: Int] = [:]
    var owner: [String: String] = [:]
  }

  @Test(arguments: 0..<6) func filesStandStillWhileRecordsChange(round: Int) async throws {
    var random = SeededGenerator()
    print("bulk view: seed \(random.seed)")
    let node = try await TestNode(.organization)
    let patients = ["p", "q", "r"]
    for patient in patients { try await node.store(Sample.patient(patient)) }
    var world = World()
    func put(_ id: String, new: Bool = false) async throws {
      let patient = world.owner[id] ?? patients.randomElement(using: &random) ?? "p"
      world.owner[id] = patient
      world.values[id] = Int.random(in: 0...999, using: &random)
      try await node.store(
        Sample.observation(id, of: patient, value: "\(world.values[id] ?? 0)"))
    }
    func remove(_ id: String) async throws {
      guard world.values.removeValue(forKey: id) != nil else { return }
      _ = try await node.exchange.delete("Observation", id: id, expecting: .any, as: node.owner)
    }
    func change(_ count: Int, of range: Range<Int>) async throws {
      for _ in 0..<count {
        let id = "o\(Int.random(in: range, using: &random))"
        if Int.random(in: 0..<4, using: &random) == 0 {
          try await remove(id)
        } else {
          try await put(id)
        }
        node.clock.advance(seconds: 1)
      }
    }
    try await change(60, of: 0..<30)
    try await node.reopenForBulk(file: Int.random(in: 1...5, using: &random), step: 3)
    let app = try await node.bearer(.system, lifetime: 100_000)
    let job = try await node.beginExport(.system, [("_type", "Observation")], as: app)
    let then = world
    node.clock.advance(seconds: 1)
    // Some change before it is planned, some between planning and reading, some while it is read.
    try await change(Int.random(in: 0...15, using: &random), of: 0..<40)
    _ = try await node.exchange.workOnBulkJobs(as: "worker")
    let planned = then.values.filter { world.values[$0.key] != nil }
    let manifest = try await node.manifest(job, as: app)
    #expect(manifest.output.reduce(0) { $0 + $1.count } == planned.count)
    try await change(Int.random(in: 0...15, using: &random), of: 0..<40)
    var ids: [String] = []
    for file in manifest.output {
      for read in try await node.read(job, [file], as: app) {
        for resource in read.resources {
          let id = resource.id ?? ""
          ids.append(id)
          let value = resource.root["valueQuantity"]?["value"]?.numberLiteral
          #expect(value == then.values[id].map(String.init), "\(id), seed \(random.seed)")
        }
      }
    }
    // What was deleted and came back under the same id is there again; what was deleted is not given.
    let expected = then.values.keys.filter { world.values[$0] != nil }
    #expect(ids.sorted() == expected.sorted(), "seed \(random.seed)")
  }

  @Test func anotherWorkerGoesOnWhereOneWasStopped() async throws {
    let node = try await TestNode(.organization)
    try await node.store(Sample.patient("p"))
    for start in stride(from: 0, to: 300, by: 100) {
      try await node.store(
        Sample.bundle(
          "transaction",
          (start..<start + 100).map {
            Sample.Entry(
              method: "PUT", url: "Observation/o\($0)",
              resource: Sample.observation("o\($0)", of: "p"))
          }))
    }
    try await node.reopenForBulk(file: 40, step: 2)
    let app = try await node.bearer(.system)
    let job = try await node.beginExport(.system, [("_type", "Observation,Patient")], as: app)
    let exchange = node.exchange
    let one = Task { try await exchange.workOnBulkJobs(as: "one") }
    var seen = 0
    while seen == 0 {
      guard case .working(let resources) = try await exchange.bulkStatus(job, as: app) else {
        break
      }
      seen = resources
      await Task.yield()
    }
    one.cancel()
    _ = await one.result
    guard case .working(let resources) = try await exchange.bulkStatus(job, as: app) else {
      Issue.record("the first worker was not stopped in the middle")
      return
    }
    #expect(resources > 0 && resources < 301)
    // The one that was stopped holds it for a while.
    let wait = try await exchange.workOnBulkJobs(as: "other")
    #expect(wait ?? 0 > 0)
    node.clock.advance(seconds: 6)
    _ = try await exchange.workOnBulkJobs(as: "other")
    let manifest = try await node.manifest(job, as: app)
    #expect(manifest.output.reduce(0) { $0 + $1.count } == 301)
    let files = try await node.read(job, manifest.output, as: app)
    #expect(Set(files.flatMap(\.ids)).count == 301)
    #expect(files.allSatisfy { $0.lines.count == $0.count && $0.count <= 40 })
    #expect(try await exchange.verifyAudit { _ in }.findings.isEmpty)
  }
}
