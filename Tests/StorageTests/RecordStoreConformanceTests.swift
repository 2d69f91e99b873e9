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
      storedAt: 1000 + number, isDeleted: deleted, sealed: [key, UInt8(number)], tokens: tokens)
  }

  static func key(_ value: UInt8) -> RecordKey { RecordKey([UInt8](repeating: value, count: 16)) }

  @Test(
    "Versions are appended, found by key and number, and never replaced",
    arguments: StoreEngine.allCases)
  func versions(_ engine: StoreEngine) async throws {
    let test = try StoreUnderTest(engine)
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
    let test = try StoreUnderTest(engine)
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
    let test = try StoreUnderTest(engine)
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

  @Test("Charts and their keys", arguments: StoreEngine.allCases)
  func charts(_ engine: StoreEngine) async throws {
    let test = try StoreUnderTest(engine)
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
    let test = try StoreUnderTest(engine)
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
}
