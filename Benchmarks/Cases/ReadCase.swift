import Exchange
import Foundation
import Node
import Primitives

/// Reads and searches through the door, in one process: decision, decryption, and a durable audit
/// entry before the answer.
struct ReadCase {
  static let concurrency = 256

  let node: PeerChartNode
  let patients: [String]
  let span: Double

  func run() async throws -> [Figure] {
    let exchange = node.exchange
    let caller = exchange.nodeOperator()
    let records = try await addresses(exchange, caller)
    guard !records.isEmpty else { throw BenchFailure("there is nothing to read") }
    try await node.expectReaders()
    let (alone, _) = try await load(1) { number in
      let record = records[number % records.count]
      _ = try await exchange.read(record.type, id: record.id, as: caller)
    }
    let (many, cost) = try await load(Self.concurrency) { number in
      let record = records[number % records.count]
      _ = try await exchange.read(record.type, id: record.id, as: caller)
    }
    var figures = [
      Figure(
        name: "read by id, \(Self.concurrency) at once", value: many, unit: "reads/s",
        note: "in process, each with its decision and a durable audit entry; "
          + "\(FigureTable.text(cost.processor / (many * cost.wall) * 1e6)) µs of processor each"),
      Figure(name: "read by id, one after the other", value: alone, unit: "reads/s"),
    ]
    for (name, type, query) in searches {
      figures.append(try await search(name, type, query, exchange, caller))
    }
    return figures
  }

  private var searches: [(String, String, [(String, String)])] {
    let patient = patients[patients.count / 2]
    return [
      (
        "search, a patient's vital signs", "Observation",
        [("patient", patient), ("category", "vital-signs"), ("_count", "20")]
      ),
      (
        "search, one code in all charts", "Observation",
        [("code", "http://loinc.org|8302-2"), ("_count", "20")]
      ),
      ("search, patients by name", "Patient", [("name", "an"), ("_count", "20")]),
    ]
  }

  private func search(
    _ name: String, _ type: String, _ query: [(String, String)], _ exchange: Exchange,
    _ caller: Caller
  ) async throws -> Figure {
    var samples = Samples()
    var found = 0
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(span))
    repeat {
      let start = clock.now
      found = try await exchange.search(type, query: query, strict: true, as: caller)
        .resources.count
      samples.add((clock.now - start).seconds)
    } while clock.now < end
    return Figure(
      name: name, value: samples.quantile() * 1e3, unit: "ms", note: "median; \(found) found")
  }

  private func addresses(
    _ exchange: Exchange, _ caller: Caller
  ) async throws -> [(type: String, id: String)] {
    var found: [(type: String, id: String)] = []
    for patient in patients.prefix(20) {
      let page = try await exchange.search(
        "Observation", query: [("patient", patient), ("_count", "50")], strict: true, as: caller)
      found += page.resources.map { ($0.type, $0.id) }
    }
    return found
  }

  /// Calls `body` from `concurrency` tasks until the time is up; calls a second.
  private func load(
    _ concurrency: Int, _ body: @escaping @Sendable (Int) async throws -> Void
  ) async throws -> (rate: Double, cost: Cost) {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(span))
    let (count, cost) = try await Cost.of {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for task in 0..<concurrency {
          group.addTask {
            var count = 0
            while clock.now < end {
              try await body(task * 7919 + count)
              count += 1
            }
            return count
          }
        }
        return try await group.reduce(0, +)
      }
    }
    return (Double(count) / cost.wall, cost)
  }
}
