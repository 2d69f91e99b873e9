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

  /// Resources of the two stores, at least.
  let small: Int
  let large: Int
  let folder: String
  let span: Double

  func run() async throws -> [Figure] {
    let (few, _) = try await measure(small)
    let (many, memory) = try await measure(large)
    var figures: [Figure] = []
    for (measured, peer) in [(few, nil), (many, few)] {
      figures += [
        Figure(
          name: "search of one chart, \(measured.size) stored", value: measured.inServer * 1e3,
          unit: "ms", target: Figure.atMost(Self.target),
          peer: peer.map { Figure.Peer(name: "\($0.size) stored", value: $0.inServer * 1e3) },
          note:
            "median in the server, one after the other: bearer, decision, \(Self.found) found of "
            + "2,000 by code and date, durable entry"),
        Figure(
          name: "the same over TLS, at the client", value: measured.atClient.median * 1e3,
          unit: "ms",
          peer: peer.map {
            Figure.Peer(name: "\($0.size) stored", value: $0.atClient.median * 1e3)
          },
          note: "median on one connection; on 32 "
            + "\(FigureTable.text(measured.together.rate)) searches/s, p99 "
            + "\(FigureTable.text(measured.together.slowestHundredth * 1e3)) ms"),
      ]
    }
    figures.append(
      Figure(
        name: "times slower in the large store", value: many.inServer / few.inServer, unit: "times",
        target: Figure.atMost(Self.growthTarget)))
    return figures + memory
  }

  private struct Measured {
    let size: String
    /// Median, in seconds.
    let inServer: Double
    let atClient: LoadGenerator.Outcome
    let together: LoadGenerator.Outcome
  }

  private func measure(_ resources: Int) async throws -> (Measured, [Figure]) {
    let scratch = try TemporaryFolder(in: folder)
    let (node, patients, stored) = try await fill(resources, scratch)
    let inServer = try await inServer(node.exchange, patients)
    let served = try await ServedNode(
      closing: node, in: scratch, resources: stored, patients: patients)
    let server = try served.start()
    try served.read(from: server)
    let idle = try ProcessStatus.memory("VmRSS", of: server.processID)
    let generator = LoadGenerator(folder: scratch)
    // As many searches as there are charts and codes to ask for, up to 1,000, in no order.
    let paths = (0..<1000).map { number in
      path(patients[number * 7919 % patients.count], number)
    }
    let atClient = try generator.run(
      server.address, paths: paths, token: served.token, connections: 1, span: span)
    let together = try generator.run(
      server.address, paths: paths, token: served.token, connections: 32, span: span)
    _ = try generator.run(
      server.address, paths: served.records.map(\.path), token: served.token, connections: 256,
      span: span)
    let busy = try ProcessStatus.memory("VmHWM", of: server.processID)
    try server.stop()
    return (
      Measured(size: served.sizeText, inServer: inServer, atClient: atClient, together: together),
      [
        Figure(
          name: "resident memory, \(served.sizeText) stored", value: busy / 1e6, unit: "MB",
          target: Figure.atMost(Self.memoryTarget),
          note: "at its most, after searches on 32 and reads on 256 connections; "
            + "\(FigureTable.text(idle / 1e6)) MB idle after one read")
      ]
    )
  }

  private func fill(
    _ resources: Int, _ scratch: TemporaryFolder
  ) async throws -> (node: PeerChartNode, patients: [String], stored: Int) {
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
    return (node, patients, stored)
  }

  /// The median of searches through the door, each by a bearer who is recognised first.
  private func inServer(_ exchange: Exchange, _ patients: [String]) async throws -> Double {
    let token = try await exchange.issueToken(
      try ServedNode.tokenRequest, as: exchange.nodeOperator())
    var samples = Samples()
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(span))
    var number = 0
    repeat {
      let start = clock.now
      let caller = try await exchange.authenticate(
        bearer: token, purpose: nil, networkAddress: "127.0.0.1", requestID: "bench")
      try await search(exchange, patients, number, caller)
      samples.add((clock.now - start).seconds)
      number += 1
    } while clock.now < end
    return samples.quantile()
  }

  private func search(
    _ exchange: Exchange, _ patients: [String], _ number: Int, _ caller: Caller
  ) async throws {
    let patient = patients[number * 7919 % patients.count]
    let page = try await exchange.search(
      "Observation", query: MadeUpChart.search(patient: patient, number), strict: true, as: caller)
    guard page.resources.count == Self.found else {
      throw BenchFailure("a search found \(page.resources.count) instead of \(Self.found)")
    }
  }

  private func path(_ patient: String, _ number: Int) -> String {
    "/fhir/Observation?"
      + MadeUpChart.search(patient: patient, number)
      .map { "\($0)=\($1.replacingOccurrences(of: "|", with: "%7C"))" }.joined(separator: "&")
  }
}
