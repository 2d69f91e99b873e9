import Exchange
import Primitives
import Testing

/// What following changes rests on, on every engine.
@Suite("Change feed conformance")
struct ChangeFeedConformanceTests {
  @Test("Changes are followed in the order of the commits", arguments: StoreEngine.allCases)
  func changesInOrder(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    // Charts are numbered against the order of storing: a row's own number says nothing about it.
    for number in UInt8(1)...6 {
      try await test.store.write {
        _ = try $0.append(RecordStoreConformanceTests.version(number, 1, slot: 9 - Int64(number)))
        _ = try $0.append(
          RecordStoreConformanceTests.version(number, 2, slot: 9 - Int64(number), deleted: true))
      }
    }
    try await test.store.read { snapshot throws in
      var seen: [VersionRow] = []
      while true {
        let page = try snapshot.versions(after: seen.last?.row ?? 0, limit: 5)
        guard !page.isEmpty else { break }
        seen += page
      }
      #expect(try seen.map { try $0.sealed } == (UInt8(1)...6).flatMap { [[$0, 1], [$0, 2]] })
      #expect(seen.reversed() == (try snapshot.versions(before: .max, limit: 20)))
    }
  }

  @Test("Whoever follows changes misses none that others store", arguments: StoreEngine.allCases)
  func changesWhileOthersWrite(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let others = [test.store, try await test.place.open()]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for writer in UInt8(0)..<4 {
        let store = others[Int(writer) % 2]
        group.addTask {
          for number in Int64(1)...25 {
            try await store.write {
              _ = try $0.append(
                RecordStoreConformanceTests.version(writer, number, slot: Int64(writer)))
            }
          }
        }
      }
      group.addTask {
        var seen: [UInt8: [Int64]] = [:]
        var last: Int64 = 0
        while seen.values.reduce(0, { $0 + $1.count }) < 100 {
          let page = try await test.store.read { [last] in
            try $0.versions(after: last, limit: 7)
          }
          for row in page { seen[row.key.bytes[0], default: []].append(row.number) }
          last = page.last?.row ?? last
          await Task.yield()
        }
        for writer in UInt8(0)..<4 { #expect(seen[writer] == Array(1...25)) }
      }
      try await group.waitForAll()
    }
    await others[1].close()
  }

  @Test("Items by the beginning of their keys", arguments: StoreEngine.allCases)
  func itemsByPrefix(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let keys: [[UInt8]] = [
      [1], [2], [2, 0], [2, 7], [2, 255], [2, 255, 1], [3], [255], [255, 255],
    ]
    try await test.store.write { transaction in
      for key in keys.shuffled() { try transaction.putItem(.notice, key: key, sealed: key) }
      try transaction.putItem(.peer, key: [2, 8], sealed: [])
    }
    try await test.store.read { snapshot throws in
      func found(_ prefix: [UInt8], after key: [UInt8]? = nil, limit: Int = 99) throws -> [[UInt8]]
      {
        try snapshot.items(.notice, prefix: prefix, after: key, limit: limit).map(\.key)
      }
      #expect(try found([2]) == [[2], [2, 0], [2, 7], [2, 255], [2, 255, 1]])
      #expect(try found([2], after: [2, 7]) == [[2, 255], [2, 255, 1]])
      #expect(try found([2], after: [2], limit: 2) == [[2, 0], [2, 7]])
      #expect(try found([2], after: [1]) == found([2]))
      #expect(try found([2], after: [3]).isEmpty)
      #expect(try found([255]) == [[255], [255, 255]])
      #expect(try found([]) == keys)
      #expect(try found([9]).isEmpty)
    }
  }
}
