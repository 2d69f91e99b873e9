import Exchange
import Foundation
import Identity
import Node
import Primitives

/// A search within one chart, 20 of 2,000 observations by code and date, in a small store and in a large
/// one: what else is stored must not be felt. The large one shows as well what a full node takes of memory
/// and of the disk.
struct SearchCase {
  /// Milliseconds in the server.
  static let target = 1.0
  /// How much slower it may be in the large store.
  static let growthTarget = 1.3
  static let memoryTarget = 200.0
  private static let found = 20
  private static let turns = 6

  /// Resources of the two stores, at least.
  let small: Int
  let large: Int
  let folder: String
  let span: Double

  func run() async throws -> [Figure] {
    let few = try await fill(small)
    let many = try await fill(large)
    // In turns, so that what else the machine does strikes both.
    var samples = (few: Samples(), many: Samples())
    for _ in 0..<Self.turns {
      try await search(few, for: span / Double(Self.turns), &samples.few)
      try await search(many, for: span / Double(Self.turns), &samples.many)
    }
    let fewer = try await serve(few, inServer: samples.few.quantile())
    let more = try await serve(many, inServer: samples.many.quantile())
    return figures(fewer, beside: nil) + figures(more, beside: fewer) + [
      Figure(
        name: "times slower in the large store", value: more.inServer / fewer.inServer,
        unit: "times", target: Figure.atMost(Self.growthTarget)),
      Figure(
        name: "resident memory, \(more.size) stored", value: more.memory / 1e6, unit: "MB",
        target: Figure.atMost(Self.memoryTarget),
        note: "at its most, after searches on 32 and reads on 256 connections; "
          + "\(FigureTable.text(more.idleMemory / 1e6)) MB idle after one read"),
    ]
  }

  private func figures(_ measured: Measured, beside peer: Measured?) -> [Figure] {
    [
      Figure(
        name: "search of one chart, \(measured.size) stored", value: measured.inServer * 1e3,
        unit: "ms", target: Figure.atMost(Self.target),
        peer: peer.map { Figure.Peer(name: "\($0.size) stored", value: $0.inServer * 1e3) },
        note: "median in the server, one after the other: bearer, decision, \(Self.found) found of "
          + "2,000 by code and date, durable entry"),
      Figure(
        name: "the same over TLS, at the client", value: measured.atClient.median * 1e3,
        unit: "ms",
        peer: peer.map { Figure.Peer(name: "\($0.size) stored", value: $0.atClient.median * 1e3) },
        note: "median on one connection; on 32 "
          + "\(FigureTable.text(measured.together.rate)) searches/s, p99 "
          + "\(FigureTable.text(measured.together.slowestHundredth * 1e3)) ms, "
          + "\(FigureTable.text(measured.processor * 1e6)) µs of processor each"),
    ]
  }

  /// A store of made-up charts, open.
  private struct Filled {
    let scratch: TemporaryFolder
    let node: PeerChartNode
    let token: String
    let patients: [String]
    let resources: Int
  }

  private struct Measured {
    let size: String
    /// Median, in seconds.
    let inServer: Double
    let atClient: LoadGenerator.Outcome
    let together: LoadGenerator.Outcome
    /// Seconds for each of those.
    let processor: Double
    let memory: Double
    let idleMemory: Double
  }

  /// Closes the store and has it served by the program itself.
  private func serve(_ filled: Filled, inServer: Double) async throws -> Measured {
    let served = try await ServedNode(
      closing: filled.node, in: filled.scratch, resources: filled.resources,
      patients: filled.patients)
    let server = try served.start()
    try served.read(from: server)
    let idle = try ProcessStatus.memory("VmRSS", of: server.processID)
    let generator = LoadGenerator(folder: filled.scratch)
    // Other charts and codes each time.
    let paths = (0..<1000).map { path(filled.patients[$0 * 7919 % filled.patients.count], $0) }
    let atClient = try generator.run(
      server.address, paths: paths, token: served.token, connections: 1, span: span)
    let before = try ProcessStatus.processorSeconds(of: server.processID)
    let together = try generator.run(
      server.address, paths: paths, token: served.token, connections: 32, span: span)
    let processor = try ProcessStatus.processorSeconds(of: server.processID) - before
    _ = try generator.run(
      server.address, paths: served.records.map(\.path), token: served.token, connections: 256,
      span: span)
    let busy = try ProcessStatus.memory("VmHWM", of: server.processID)
    try server.stop()
    return Measured(
      size: served.sizeText, inServer: inServer, atClient: atClient, together: together,
      processor: processor / together.requests, memory: busy, idleMemory: idle)
  }

  private func fill(_ resources: Int) async throws -> Filled {
    let scratch = try TemporaryFolder(in: folder)
    let node = try await PeerChartNode.initialize(
      DataFolder(scratch.file("node")), name: "Benchmark", kind: .organization, protection: .file)
    let exchange = node.exchange
    var patients: [String] = []
    var stored = 0
    while stored < resources {
      let report = try await exchange.importJSON(
        MadeUpChart(number: patients.count).bytes, unresolved: .refuse, as: exchange.nodeOperator()
      ) { _ in }
      guard report.faults.isEmpty, report.patients.count == 1 else {
        throw BenchFailure("a made-up chart was refused: \(report.faults.first?.reason ?? "")")
      }
      patients += report.patients
      stored += report.stored
    }
    try await node.expectReaders()
    let token = try await exchange.issueToken(
      try ServedNode.tokenRequest, as: exchange.nodeOperator())
    return Filled(
      scratch: scratch, node: node, token: token, patients: patients, resources: stored)
  }

  /// Searches through the door, each by a bearer who is recognised first.
  private func search(_ filled: Filled, for span: Double, _ samples: inout Samples) async throws {
    let exchange = filled.node.exchange
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(span))
    var number = Int.random(in: 0..<1000)
    repeat {
      let patient = filled.patients[number * 7919 % filled.patients.count]
      let query = MadeUpChart.search(patient: patient, number)
      let start = clock.now
      let caller = try await exchange.authenticate(
        bearer: filled.token, purpose: nil, networkAddress: "127.0.0.1", requestID: "bench")
      let page = try await exchange.search(
        "Observation", query: query, strict: true, as: caller)
      samples.add((clock.now - start).seconds)
      guard page.resources.count == Self.found else {
        throw BenchFailure("a search found \(page.resources.count) instead of \(Self.found)")
      }
      number += 1
    } while clock.now < end
  }

  private func path(_ patient: String, _ number: Int) -> String {
    "/fhir/Observation?"
      + MadeUpChart.search(patient: patient, number)
      .map { "\($0)=\($1.replacingOccurrences(of: "|", with: "%7C"))" }.joined(separator: "&")
  }
}
