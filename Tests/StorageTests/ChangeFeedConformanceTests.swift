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

  private static func version(_ key: Int64, at time: Int64) -> NewVersion {
    NewVersion(
      key: RecordKey(withUnsafeBytes(of: key.bigEndian) { [UInt8]($0) }), slot: key & 7, number: 1,
      storedAt: time, isDeleted: false, sealed: [1], tokens: [])
  }

  private static func stores(
    _ time: Int64, as key: Int64, in store: any RecordStore, settling settled: Int64? = nil
  ) async throws -> Bool {
    do {
      try await store.write { transaction in
        if let settled { try transaction.settle(settled) }
        _ = try transaction.append(version(key, at: time))
      }
      return true
    } catch let error as PeerChartError where error.code == .conflict {
      return false
    }
  }

  @Test(
    "Once a time is settled nothing comes for it any more, from whichever store",
    arguments: StoreEngine.allCases)
  func settledTimes(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let other = try await test.place.open()
    #expect(try await test.store.write { try $0.settledTime() } == nil)
    #expect(try await Self.stores(-5, as: 1, in: other))
    try await test.store.write { try $0.settle(100) }
    try await other.write { try $0.settle(50) }
    #expect(try await other.write { try $0.settledTime() } == 100)
    #expect(try await !Self.stores(100, as: 2, in: other))
    #expect(try await Self.stores(101, as: 3, in: other))
    // What a write settles holds for itself, and not at all when it comes to nothing.
    #expect(try await !Self.stores(150, as: 4, in: other, settling: 150))
    _ = try? await test.store.write { transaction in
      try transaction.settle(900)
      #expect(try transaction.settledTime() == 900)
      throw PeerChartError(.invalid, "no")
    }
    #expect(try await Self.stores(102, as: 5, in: test.store))
    #expect(try await Self.stores(171, as: 6, in: other, settling: 170))
    await #expect(throws: PeerChartError.self) {
      try await test.store.write { _ = try? $0.append(Self.version(7, at: 170)) }
    }
    await other.close()
  }

  @Test(
    "Whoever settles a time sees all that there will ever be of it", arguments: StoreEngine.allCases
  )
  func settlingWhileOthersWrite(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let stores = [test.store, try await test.place.open()]
    func counts(through time: Int64) async throws -> Int {
      try await stores[0].read { snapshot in
        try snapshot.versions(after: 0, limit: 9999).count { $0.storedAt <= time }
      }
    }
    var seen: [Int64: Int] = [:]
    for round in Int64(0)..<12 {
      let middle = round * 20 + 10
      try await withThrowingTaskGroup(of: Void.self) { group in
        for time in round * 20..<round * 20 + 20 {
          group.addTask { _ = try await Self.stores(time, as: time, in: stores[Int(time % 2)]) }
        }
        try await stores[1].write { try $0.settle(middle) }
        seen[middle] = try await counts(through: middle)
        try await group.waitForAll()
      }
    }
    for (time, count) in seen { #expect(try await counts(through: time) == count) }
    await stores[1].close()
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
