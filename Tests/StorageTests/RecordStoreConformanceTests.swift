import Exchange
import Foundation
import Primitives
import Testing

@Suite("Storage conformance")
struct RecordStoreConformanceTests {
  static func version(
    _ key: UInt8, _ number: Int64, slot: Int64 = 1, deleted: Bool = false, tokens: [UInt64] = []
  ) -> NewVersion {
    NewVersion(
      key: RecordKey([UInt8](repeating: key, count: 16)), slot: slot, number: number,
      storedAt: 1000 + number, isDeleted: deleted,
      sealed: [key, UInt8(truncatingIfNeeded: number)], tokens: tokens)
  }

  static func key(_ value: UInt8) -> RecordKey { RecordKey([UInt8](repeating: value, count: 16)) }

  @Test(
    "Versions are appended, found by key and number, and never replaced",
    arguments: StoreEngine.allCases)
  func versions(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    try await test.store.write { transaction in
      for number in Int64(1)...3 { _ = try transaction.append(Self.version(7, number)) }
    }
    await #expect(throws: PeerChartError.self) {
      try await test.store.write { _ = try $0.append(Self.version(7, 2)) }
    }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.newestVersion(of: Self.key(7))?.number == 3)
      #expect(try snapshot.version(of: Self.key(7), number: 2)?.sealed == [7, 2])
      #expect(try snapshot.version(of: Self.key(7), number: 9) == nil)
      #expect(
        try snapshot.history(of: Self.key(7), before: .max, limit: 9).map(\.number) == [3, 2, 1])
      #expect(try snapshot.history(of: Self.key(7), before: 3, limit: 1).map(\.number) == [2])
      let row = try #require(try snapshot.newestVersion(of: Self.key(7)))
      #expect(try snapshot.version(row: row.row) == row)
      #expect(try snapshot.newestVersion(of: Self.key(8)) == nil)
    }
  }

  @Test(
    "A chart's records are its newest versions without the deleted", arguments: StoreEngine.allCases
  )
  func records(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    try await test.store.write { transaction in
      _ = try transaction.append(Self.version(1, 1))
      _ = try transaction.append(Self.version(2, 1))
      _ = try transaction.append(Self.version(1, 2))
      _ = try transaction.append(Self.version(3, 1))
      _ = try transaction.append(Self.version(3, 2, deleted: true))
      _ = try transaction.append(Self.version(4, 1, slot: 2))
    }
    try await test.store.read { snapshot throws in
      let all = try snapshot.records(slot: 1, after: -1, limit: 10)
      #expect(all.map(\.key) == [Self.key(2), Self.key(1)])
      let first = try #require(all.first)
      #expect(
        try snapshot.records(slot: 1, after: first.row, limit: 10).map(\.key) == [Self.key(1)])
    }
  }

  @Test("Index entries come in order, by chart or over all charts", arguments: StoreEngine.allCases)
  func entries(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let large = UInt64.max - 3
    let rows = try await test.store.write { transaction in
      [
        try transaction.append(Self.version(1, 1, slot: 2, tokens: [large, 5])),
        try transaction.append(Self.version(2, 1, slot: 1, tokens: [large, large])),
        try transaction.append(Self.version(3, 1, slot: 1, tokens: [large])),
      ]
    }
    try await test.store.read { snapshot throws in
      let all = try snapshot.entries(token: large, slot: nil, after: nil, limit: 10)
      #expect(all.map(\.row) == [rows[1], rows[2], rows[0]])
      #expect(try snapshot.entries(token: large, slot: nil, after: all[0], limit: 1) == [all[1]])
      #expect(
        try snapshot.entries(token: large, slot: 2, after: nil, limit: 9).map(\.row) == [rows[0]])
      #expect(try snapshot.entryCount(token: large, slot: nil, limit: 2) == 2)
      #expect(try snapshot.entryCount(token: large, slot: 1, limit: 9) == 2)
      #expect(try snapshot.entryCount(token: 77, slot: nil, limit: 9) == 0)
    }
    try await test.store.write { try $0.removeEntries(slot: 2, row: rows[0], tokens: [large]) }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.entries(token: large, slot: 2, after: nil, limit: 9).isEmpty)
      #expect(try snapshot.entryCount(token: 5, slot: nil, limit: 9) == 1)
    }
  }

  @Test("Of a chart's rows, those that carry one of some tokens", arguments: StoreEngine.allCases)
  func sievedRows(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let large = UInt64.max - 3
    let rows = try await test.store.write { transaction in
      [
        try transaction.append(Self.version(1, 1, slot: 2, tokens: [large])),
        try transaction.append(Self.version(2, 1, slot: 1, tokens: [large])),
        try transaction.append(Self.version(3, 1, slot: 1, tokens: [5, 6])),
        try transaction.append(Self.version(4, 1, slot: 1, tokens: [7])),
        try transaction.append(Self.version(5, 1, slot: 1, tokens: [6])),
      ]
    }
    let own = Array(rows.dropFirst())
    try await test.store.read { snapshot throws in
      func sieve(_ rows: [Int64], _ tokens: [UInt64], limit: Int = 100) throws -> [Int64]? {
        try snapshot.rows(rows, carrying: tokens, slot: 1, limit: limit)
      }
      #expect(try sieve(own, [large, 6]) == [own[0], own[1], own[3]])
      #expect(try sieve([own[1], own[2]], [6, large]) == [own[1]])
      #expect(try sieve(own, [5, 6, 7, 99]) == [own[1], own[2], own[3]])
      #expect(try sieve(own, [99]) == [])
      #expect(try sieve([], [6]) == [])
      // A row of another chart carries nothing in this one.
      #expect(try sieve([rows[0]], [large]) == [])
      let few = try sieve(own, [large, 6], limit: 1)
      #expect(few == nil || few == [own[0], own[1], own[3]])
    }
  }

  @Test("Charts and their keys", arguments: StoreEngine.allCases)
  func charts(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let slots = try await test.store.write { transaction in
      let slots = [try transaction.insertChart(tag: [1]), try transaction.insertChart(tag: [2])]
      try transaction.setChartKey(slot: slots[1], generation: 4, wrapped: [9, 9])
      try transaction.insertDataKey(DataKeyRow(slot: slots[1], generation: 1, wrapped: [8]))
      try transaction.bumpConsentRevision(slot: slots[1])
      return slots
    }
    #expect(slots == [0, 1])
    try await test.store.read { snapshot throws in
      let chart = try #require(try snapshot.chart(tag: [2]))
      #expect(chart == (try snapshot.chart(slot: 1)))
      #expect((chart.keyGeneration, chart.consentRevision) == (4, 1))
      #expect(chart.wrappedKey == [9, 9])
      #expect(try snapshot.dataKeys(slot: 1).map(\.wrapped) == [[8]])
      #expect(try snapshot.charts(after: -1, limit: 9).map(\.slot) == [0, 1])
    }
    try await test.store.write { transaction in
      try transaction.setChartKey(slot: 1, generation: 5, wrapped: nil)
      try transaction.deleteDataKeys(slot: 1)
    }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.chart(slot: 1)?.wrappedKey == nil)
      #expect(try snapshot.dataKeys(slot: 1).isEmpty)
    }
    await #expect(throws: PeerChartError.self) {
      try await test.store.write { _ = try $0.insertChart(tag: [2]) }
    }
  }

  @Test("Items, counters, messages", arguments: StoreEngine.allCases)
  func smallThings(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let received = try await test.store.write { transaction in
      try transaction.putItem(.peer, key: [2], sealed: [1])
      try transaction.putItem(.peer, key: [1], sealed: [])
      try transaction.putItem(.peer, key: [2], sealed: [3])
      try transaction.putItem(.token, key: [2], sealed: [4])
      for id in UInt8(1)...2 {
        try transaction.putOutbox(
          OutboxRow(
            id: [id], peer: [5], createdAt: 1, nextAttempt: Int64(id) * 100, attempts: 0,
            sealed: [id]))
      }
      _ = try transaction.incrementCounter([1])
      return [
        try transaction.receive(messageID: [9], at: 1),
        try transaction.receive(messageID: [9], at: 2),
      ]
    }
    #expect(received == [true, false])
    #expect(try await test.store.write { try $0.incrementCounter([1]) } == 2)
    try await test.store.read { snapshot throws in
      #expect(try snapshot.items(.peer).map(\.key) == [[1], [2]])
      #expect(try snapshot.item(.peer, key: [2]) == [3])
      #expect(try snapshot.item(.peer, key: [1]) == [])
      #expect(try snapshot.item(.notice, key: [2]) == nil)
      #expect((try snapshot.counter([1]), try snapshot.counter([2])) == (2, 0))
      #expect(try snapshot.outbox(dueAt: 150, limit: 9).map(\.id) == [[1]])
      #expect(try snapshot.hasReceived([9]))
    }
    try await test.store.write { transaction in
      try transaction.deleteItem(.peer, key: [2])
      try transaction.deleteOutbox(id: [1])
    }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.items(.peer).count == 1)
      #expect(try snapshot.outboxRows().map(\.id) == [[2]])
    }
  }

  @Test("A write sees what it has changed so far", arguments: StoreEngine.allCases)
  func ownChanges(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    try await test.store.write { transaction in
      let first = try transaction.append(Self.version(1, 1, tokens: [3, 4]))
      #expect(try transaction.newestVersion(of: Self.key(1))?.row == first)
      let second = try transaction.append(Self.version(1, 2, slot: 2, tokens: [3]))
      #expect(try transaction.version(of: Self.key(1), number: 1)?.slot == 1)
      #expect(try transaction.newestVersion(of: Self.key(1))?.row == second)
      #expect(try transaction.version(row: first)?.number == 1)
      try transaction.removeEntries(slot: 1, row: first, tokens: [3, 4])
      #expect(
        try transaction.entries(token: 3, slot: nil, after: nil, limit: 9).map(\.row) == [second])
      #expect(try transaction.records(slot: 2, after: -1, limit: 9).map(\.row) == [second])
      #expect(try transaction.records(slot: 1, after: -1, limit: 9).isEmpty)
      for number in UInt8(0)..<3 {
        #expect(
          try transaction.appendAudit(slot: Int64(number % 2), sealed: [number], leafHash: [number])
            == Int64(number))
      }
      #expect(try transaction.auditSize() == 3)
      #expect(try transaction.auditRows(from: 1, limit: 9).map(\.sealed) == [[1], [2]])
      #expect(
        try transaction.auditRows(slot: 0, before: .max, limit: 9).map(\.sealed) == [[2], [0]])
      #expect(try transaction.leafHashes(from: 0, to: 2) == [[0], [1]])
      try transaction.putItem(.notice, key: [1], sealed: [5])
      #expect(try transaction.item(.notice, key: [1]) == [5])
    }
    try await test.store.write { transaction in
      _ = try transaction.appendAudit(slot: 0, sealed: [3], leafHash: [3])
      #expect(
        try transaction.auditRows(slot: 0, before: .max, limit: 2).map(\.sealed) == [[3], [2]])
      #expect(try transaction.auditRows(slot: 0, before: 3, limit: 9).map(\.sealed) == [[2], [0]])
      #expect(try transaction.leafHashes(from: 2, to: 9) == [[2], [3]])
      #expect(try transaction.history(of: Self.key(1), before: 9, limit: 9).map(\.slot) == [2, 1])
    }
  }

  @Test(
    "An error that a body swallows undoes the write all the same", arguments: StoreEngine.allCases)
  func swallowedErrors(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    try await test.store.write { _ = try $0.append(Self.version(1, 1)) }
    await #expect(throws: PeerChartError.self) {
      try await test.store.write { transaction in
        try transaction.putItem(.notice, key: [1], sealed: [1])
        _ = try? transaction.append(Self.version(1, 1))
        _ = try? transaction.newestVersion(of: Self.key(1))
        try? transaction.putItem(.notice, key: [2], sealed: [1])
      }
    }
    await #expect(throws: PeerChartError.self) {
      try await test.store.write { transaction in
        _ = try transaction.insertChart(tag: [7])
        _ = try? transaction.insertChart(tag: [7])
      }
    }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.items(.notice).isEmpty)
      #expect(try snapshot.charts(after: -1, limit: 9).isEmpty)
    }
  }

  @Test("Rows of a chart grow with time", arguments: StoreEngine.allCases)
  func rowOrder(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let other = try await test.place.open()
    var last: Int64 = 0
    for number in UInt8(0)..<20 {
      let store = number.isMultiple(of: 2) ? test.store : other
      let row = try await store.write { transaction in
        // One that comes to nothing leaves no row that could come again later.
        _ = try transaction.append(Self.version(200, Int64(number) + 1, slot: 2))
        return try transaction.append(Self.version(number, 1))
      }
      #expect(row > last)
      last = row
      _ = try? await store.write { transaction in
        _ = try transaction.append(Self.version(100 + number, 1))
        throw PeerChartError(.invalid, "no")
      }
    }
    #expect(
      try await other.read { try $0.records(slot: 1, after: -1, limit: 99) }.map(\.key)
        == (UInt8(0)..<20).map(Self.key))
    await other.close()
  }

  @Test(
    "The history of everything goes by the order of storing, whatever the chart",
    arguments: StoreEngine.allCases)
  func wholeHistory(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    for number in UInt8(0)..<12 {
      try await test.store.write {
        _ = try $0.append(Self.version(number, 1, slot: Int64(12 - number) % 5))
      }
    }
    try await test.store.read { snapshot throws in
      var pages: [[VersionRow]] = []
      while pages.last?.isEmpty != true {
        let before = pages.last?.last?.row ?? .max
        pages.append(try snapshot.versions(before: before, limit: 5))
      }
      #expect(pages.map(\.count) == [5, 5, 2, 0])
      #expect(pages.joined().map(\.key) == (UInt8(0)..<12).reversed().map(Self.key))
    }
  }

  @Test("Bytes of every length and value come back", arguments: StoreEngine.allCases)
  func bytes(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let bodies: [[UInt8]] = [
      [], [0], Array(0...255), [UInt8](repeating: 0xA7, count: 3_000),
      (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) },
    ]
    let rows = try await test.store.write { transaction in
      try bodies.enumerated().map { index, body in
        try transaction.append(
          NewVersion(
            key: Self.key(UInt8(index)), slot: 1, number: .max, storedAt: -1, isDeleted: true,
            sealed: body, tokens: [0, .max, UInt64(index)]))
      }
    }
    try await test.store.read { snapshot throws in
      for (row, body) in zip(rows, bodies) {
        let found = try #require(try snapshot.version(row: row))
        #expect(try found.sealed == body)
        #expect(found.isDeleted && found.storedAt == -1)
      }
      #expect(try snapshot.entryCount(token: .max, slot: 1, limit: 99) == bodies.count)
    }
  }

  @Test(
    "The newest checkpoint replaces the one before, and pinned ones stay",
    arguments: StoreEngine.allCases)
  func checkpoints(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    for (size, pinned) in [(1, false), (2, true), (3, false), (5, false), (5, true), (5, false)] {
      try await test.store.write {
        try $0.putCheckpoint(CheckpointRow(size: Int64(size), note: "n\(size)", pinned: pinned))
      }
    }
    try await test.store.write {
      try $0.putCheckpoint(CheckpointRow(size: 9, note: "n9", pinned: false))
    }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.checkpoints().map(\.size) == [2, 5, 9])
      #expect(try snapshot.checkpoints().map(\.pinned) == [true, true, false])
      #expect(try snapshot.newestCheckpoint()?.note == "n9")
    }
  }

  @Test("Many large writes at once, each whole", arguments: StoreEngine.allCases)
  func manyAtOnce(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in UInt8(0)..<8 {
        group.addTask {
          try await test.store.write { transaction in
            for number in Int64(1)...300 {
              _ = try transaction.append(
                Self.version(writer, number, slot: Int64(writer), tokens: [UInt64(writer), 99]))
            }
          }
        }
      }
      try await group.waitForAll()
    }
    try await test.store.read { snapshot throws in
      for writer in UInt8(0)..<8 {
        #expect(try snapshot.newestVersion(of: Self.key(writer))?.number == 300)
        #expect(try snapshot.entryCount(token: UInt64(writer), slot: nil, limit: 999) == 300)
      }
      #expect(try snapshot.entryCount(token: 99, slot: nil, limit: 9999) == 2400)
      var position: IndexEntryPosition?
      var seen: [IndexEntryPosition] = []
      while true {
        let page = try snapshot.entries(token: 99, slot: nil, after: position, limit: 301)
        guard let last = page.last else { break }
        seen += page
        position = last
      }
      #expect(seen.count == 2400 && seen == seen.sorted() && Set(seen).count == 2400)
    }
  }
}
