import Exchange
import Foundation
import Identity
import Primitives
import SearchOracle
import Testing

/// What a caller may not read changes no answer: the same searches before and after forbidden records
/// come in give the same bytes.
@Suite(.serialized, .enabled(if: SearchFiles.isThere, "\(SearchFiles.absence)"))
struct SearchInferenceTests {
  /// All that a search says, page by page: cursors and times apart, which are new each time.
  private func transcript(
    _ query: OracleQuery, _ count: Int, _ scene: SearchScene, _ situation: RandomAccess.Situation
  ) async throws -> [String] {
    var lines: [String] = []
    var cursor: String?
    repeat {
      let pairs = query.pairs.map { ($0.name, $0.value) } + [("_count", "\(count)")]
      do {
        let page = try await scene.node.exchange.search(
          SearchPlace(query), query: pairs + (cursor.map { [("_cursor", $0)] } ?? []),
          strict: true, as: situation.searcher)
        lines.append(page.total.map { "total \($0)" } ?? "no total")
        lines += page.resources.map { String(decoding: $0.json, as: UTF8.self) }
        lines += page.included.map { "drawn " + String(decoding: $0.json, as: UTF8.self) }
        cursor = page.next
        lines.append(cursor == nil ? "end" : "next")
      } catch let error as PeerChartError {
        lines.append("\(error.code.rawValue) \(error.reason) \(error.place ?? "")")
        cursor = nil
      }
    } while cursor != nil && lines.count < 2000
    return lines
  }

  @Test(arguments: TestEngine.allCases)
  func forbiddenRecordsChangeNoAnswer(engine: TestEngine) async throws {
    var random = OracleRandom(
      seed: OracleRandom.printedSeed(for: "SearchInferenceTests.forbiddenRecords \(engine)"))
    let rounds = SearchFiles.isFull ? 12 : engine == .sqlite ? 3 : 1
    for round in 0..<rounds {
      let node = try await TestNode(
        round.isMultiple(of: 2) ? .household : .organization, engine: engine)
      let scene = SearchScene(node, try SearchFiles.oracle())
      let material = SearchMaterial.madeUp(60, &random)
      // Some of it comes later, patients not: they are what grants are about.
      let early = material.enumerated().filter { number, json in
        OracleRecord(json).type == "Patient" || number.isMultiple(of: 2)
      }.map(\.element)
      try await scene.load(early)
      let access = try await RandomAccess(scene)
      for _ in 0..<3 { try await access.change(&random) }
      try await scene.refresh()
      let (situation, before) = try await somebodyWhoSeesSome(scene, access, &random)
      let late = try await forbidden(material, scene, situation.reader)
      #expect(!late.isEmpty)
      // Questions near what is there then as near what is there now.
      let maker = QueryMaker(
        OracleWorld(scene.records + late.map { OracleRecord($0) }, scene.oracle))
      let queries = (0..<(SearchFiles.isFull ? 400 : 120)).map { _ in
        (maker.query(&random), random.pick([1, 3, 20]))
      }
      var earlier: [[String]] = []
      for (query, count) in queries {
        earlier.append(try await transcript(query, count, scene, situation))
      }
      for json in late { try await node.store(json) }
      var differences = 0
      for (index, (query, count)) in queries.enumerated() {
        let later = try await transcript(query, count, scene, situation)
        if later != earlier[index] {
          differences += 1
          if differences <= 3 {
            Issue.record(
              "\(situation.name): \(query.description.prefix(400)), \(count) a page: \(earlier[index].count) lines, then \(later.count)"
            )
          }
        }
      }
      #expect(differences == 0)
      #expect(try await scene.readable(by: situation.reader) == before)
    }
  }

  /// Somebody who sees something and not everything, and what that is.
  private func somebodyWhoSeesSome(
    _ scene: SearchScene, _ access: RandomAccess, _ random: inout OracleRandom
  ) async throws -> (RandomAccess.Situation, Set<String>) {
    for _ in 0..<10 {
      for _ in 0..<20 {
        let situation = try await access.situation(&random)
        let readable = try await scene.readable(by: situation.reader)
        if readable.count > 10, readable.count * 10 < scene.records.count * 9 {
          return (situation, readable)
        }
      }
      // Some grants leave nobody in between.
      try await access.change(&random)
      try await scene.refresh()
    }
    throw PeerChartError(.conflict, "nobody sees some of the records")
  }

  /// What of the material is not there yet, and would not be readable if it were. Found out on the node
  /// itself, from which it is deleted again.
  private func forbidden(
    _ material: [[UInt8]], _ scene: SearchScene, _ reader: Caller
  ) async throws -> [[UInt8]] {
    var late: [[UInt8]] = []
    for json in material {
      let record = OracleRecord(json)
      guard scene.bytes[record.address] == nil else { continue }
      try await scene.node.store(json)
      let exchange = scene.node.exchange
      if await outcome({ try await exchange.read(record.type, id: record.id, as: reader) }) != "ok"
      {
        late.append(json)
      }
      _ = try await exchange.delete(
        record.type, id: record.id, expecting: .any, as: scene.node.owner)
    }
    return late
  }
}
