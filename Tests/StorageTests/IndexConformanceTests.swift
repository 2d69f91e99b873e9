import Exchange
import Foundation
import Primitives
import Storage
import Testing

/// The blind index, held against a plain list of what it should hold.
@Suite("Index conformance")
struct IndexConformanceTests {
  /// What the index should hold: for each token where it stands.
  private struct Model {
    var places: [UInt64: Set<IndexEntryPosition>] = [:]
    var stored: [(position: IndexEntryPosition, tokens: [UInt64])] = []

    mutating func add(_ position: IndexEntryPosition, _ tokens: [UInt64]) {
      for token in tokens { places[token, default: []].insert(position) }
      stored.append((position, tokens))
    }

    mutating func remove(_ position: IndexEntryPosition, _ tokens: [UInt64]) {
      for token in tokens { places[token]?.remove(position) }
    }

    func expected(_ token: UInt64, _ slot: Int64?) -> [IndexEntryPosition] {
      (places[token] ?? []).filter { slot == nil || $0.slot == slot }.sorted()
    }
  }

  /// One write: versions with their tokens, and entries that go.
  private struct Plan: Sendable {
    var versions: [NewVersion] = []
    var removals: [(position: IndexEntryPosition, tokens: [UInt64])] = []
    var comesToNothing = false
    /// A token that is looked for in the middle of the write.
    var look: UInt64?
  }

  private static let charts: Int64 = 40
  private static let ends: [UInt64] = [0, 1, .max, 1 << 63, (1 << 63) - 1, (1 << 63) + 1]

  /// A few tokens that many records bear, some that several do, and some of their own.
  static func tokens(_ random: inout SeededGenerator) -> [UInt64] {
    var tokens = [7, 8, UInt64.max - 7].filter { _ in Bool.random(using: &random) }
    tokens += (0..<Int.random(in: 0...4, using: &random)).map { _ in
      UInt64.random(in: 0..<300, using: &random) &* 0x9E37_79B9_7F4A_7C15
    }
    tokens += (0..<Int.random(in: 0...6, using: &random)).map { _ in random.next() }
    if Int.random(in: 0..<20, using: &random) == 0 { tokens += ends }
    if let again = tokens.first { tokens.append(again) }
    return tokens.shuffled(using: &random)
  }

  private static func plan(
    _ key: inout UInt64, _ model: Model, _ random: inout SeededGenerator
  ) -> Plan {
    var plan = Plan()
    for _ in 0..<Int.random(in: 0...25, using: &random) {
      key += 1
      let name = withUnsafeBytes(of: key.bigEndian) { [UInt8]($0) }
      plan.versions.append(
        NewVersion(
          key: RecordKey(name), slot: Int64.random(in: 0..<charts, using: &random), number: 1,
          storedAt: 1, isDeleted: false, sealed: name, tokens: tokens(&random)))
    }
    for _ in 0..<Int.random(in: 0...8, using: &random) {
      guard let old = model.stored.randomElement(using: &random) else { break }
      let some = old.tokens.filter { _ in Int.random(in: 0..<3, using: &random) > 0 }
      plan.removals.append((old.position, some))
    }
    plan.comesToNothing = Int.random(in: 0..<5, using: &random) == 0
    plan.look = Bool.random(using: &random) ? 7 : nil
    return plan
  }

  private static func carryOut(_ plan: Plan, _ store: any RecordStore) async throws -> [Int64]? {
    do {
      return try await store.write { transaction in
        let before = try plan.look.map {
          try transaction.entryCount(token: $0, slot: nil, limit: .max)
        }
        for (position, tokens) in plan.removals {
          try transaction.removeEntries(slot: position.slot, row: position.row, tokens: tokens)
        }
        let rows = try plan.versions.map { try transaction.append($0) }
        if let look = plan.look, let before {
          let bearers = zip(rows, plan.versions).filter { $0.1.tokens.contains(look) }.map(\.0)
          let found = try transaction.entries(token: look, slot: nil, after: nil, limit: .max)
          #expect(Set(found.map(\.row)).isSuperset(of: bearers))
          #expect(found.count <= before + bearers.count)
        }
        if plan.comesToNothing { throw PeerChartError(.invalid, "no") }
        return rows
      }
    } catch let error as PeerChartError where error.code == .invalid {
      return nil
    }
  }

  @Test(
    "The index answers as a plain list would, whatever was written, removed and undone",
    arguments: StoreEngine.allCases)
  func answers(_ engine: StoreEngine) async throws {
    var random = SeededGenerator()
    print("index: seed \(random.seed)")
    let test = try await StoreUnderTest(engine)
    let stores = [test.store, try await test.place.open()]
    var model = Model()
    var key: UInt64 = 0
    for round in 0..<40 {
      // Several at once, some of which share a commit; no two remove the same.
      var plans: [Plan] = []
      var touched: Set<IndexEntryPosition> = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        var plan = Self.plan(&key, model, &random)
        plan.removals = plan.removals.filter { touched.insert($0.position).inserted }
        plans.append(plan)
      }
      let outcomes = try await withThrowingTaskGroup(of: (Int, [Int64]?).self) { group in
        for (number, plan) in plans.enumerated() {
          let store = stores[(round + number / 4) % 2]
          group.addTask { (number, try await Self.carryOut(plan, store)) }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      for (number, plan) in plans.enumerated() {
        guard let rows = outcomes[number] else { continue }
        for (position, tokens) in plan.removals { model.remove(position, tokens) }
        for (row, version) in zip(rows, plan.versions) {
          model.add(IndexEntryPosition(slot: version.slot, row: row), version.tokens)
        }
      }
      if round % 8 == 7 { try await Self.compare(stores[round % 2], model, &random) }
    }
    // In the end everything goes, and what is left of the index is still good for something.
    let (all, last) = (model.stored, model)
    try await test.store.write { transaction in
      for (position, tokens) in all {
        try transaction.removeEntries(slot: position.slot, row: position.row, tokens: tokens)
      }
    }
    try await test.store.read { snapshot throws in
      for token in last.places.keys {
        #expect(try snapshot.entryCount(token: token, slot: nil, limit: 9) == 0)
      }
    }
    try await test.store.write {
      _ = try $0.append(
        NewVersion(
          key: RecordKey([9]), slot: 3, number: 1, storedAt: 1, isDeleted: false, sealed: [1],
          tokens: [5]))
    }
    #expect(
      try await stores[1].read { try $0.entryCount(token: 5, slot: 3, limit: 9) } == 1)
    await stores[1].close()
  }

  private static func compare(
    _ store: any RecordStore, _ model: Model, _ random: inout SeededGenerator
  ) async throws {
    var tokens = Set(ends + [7, 8, .max - 7, 12345])
    for _ in 0..<60 {
      if let token = model.places.keys.randomElement(using: &random) { tokens.insert(token) }
    }
    for token in tokens.sorted() {
      let slots = [nil, Int64.random(in: 0..<charts, using: &random), charts + 1]
      for slot in slots {
        let limit = Int.random(in: 1...400, using: &random)
        let expected = model.expected(token, slot)
        let start = expected.randomElement(using: &random)
        let chart = Int64.random(in: -1...charts, using: &random)
        try await store.read { snapshot throws in
          #expect(try walk(snapshot, token, slot, nil, limit) == expected)
          let behind = expected.filter { place in start.map { $0 < place } ?? true }
          #expect(try walk(snapshot, token, slot, start, limit) == behind)
          // Places where nothing stands: the end and the beginning of a chart.
          for row in [Int64.max, -1] {
            let place = IndexEntryPosition(slot: chart, row: row)
            let rest = expected.filter { row < 0 ? $0.slot >= chart : $0.slot > chart }
            #expect(try walk(snapshot, token, slot, place, limit) == rest)
          }
          let count = expected.count
          #expect(try snapshot.entryCount(token: token, slot: slot, limit: count + 1) == count)
          #expect(try snapshot.entryCount(token: token, slot: slot, limit: 2) == min(count, 2))
        }
      }
    }
  }

  private static func walk(
    _ snapshot: any StoreSnapshot, _ token: UInt64, _ slot: Int64?, _ start: IndexEntryPosition?,
    _ limit: Int
  ) throws -> [IndexEntryPosition] {
    var found: [IndexEntryPosition] = []
    var last = start
    while true {
      let page = try snapshot.entries(token: token, slot: slot, after: last, limit: limit)
      #expect(page.count <= limit)
      found += page
      guard let end = page.last else { return found }
      last = end
    }
  }

  @Test(
    "Several rows are read in one look, in the order asked for", arguments: StoreEngine.allCases)
  func severalRows(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let rows = try await test.store.write { transaction in
      let rows = try (UInt8(0)..<9).map { number in
        try transaction.append(
          NewVersion(
            key: RecordStoreConformanceTests.key(number), slot: Int64(number % 4), number: 1,
            storedAt: 5,
            isDeleted: number == 3,
            sealed: [UInt8](repeating: number, count: number == 5 ? 3_000_000 : Int(number)),
            tokens: []))
      }
      #expect(try transaction.versions(rows: [rows[8], rows[1]]).map(\.row) == [rows[8], rows[1]])
      return rows
    }
    try await test.store.read { snapshot throws in
      let asked = [rows[5], rows[0], 1 << 60, rows[3], rows[8]]
      let found = try snapshot.versions(rows: asked)
      #expect(found.map(\.row) == asked.filter { $0 != 1 << 60 })
      #expect(found == (try asked.compactMap { try snapshot.version(row: $0) }))
      #expect(try found.map { try $0.sealed.count } == [3_000_000, 0, 3, 8])
      #expect(try snapshot.versions(rows: []).isEmpty)
      #expect(try snapshot.versions(rows: [rows[2]]).map(\.slot) == [2])
    }
  }
}
