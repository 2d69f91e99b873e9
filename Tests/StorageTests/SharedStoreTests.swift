import Crypto
import Exchange
import Foundation
import Primitives
import Testing
import TransparencyLog

/// Two stores open on the same data, as two instances of a node have it.
@Suite("Stores that share their data")
struct SharedStoreTests {
  private static func leaf(_ number: Int) -> [UInt8] {
    Array(SHA256.hash(data: Array("leaf \(number)".utf8)))
  }

  @Test(
    "Interleaved writes leave one log: no gap, and its tiles and checkpoint fit its leaves",
    arguments: StoreEngine.allCases)
  func oneLog(_ engine: StoreEngine) async throws {
    let place = try StoreUnderTest.Place(engine)
    let key = Curve25519.Signing.PrivateKey()
    var stores: [any RecordStore] = []
    for _ in 0..<2 {
      let keeper = CheckpointKeeper()
      try keeper.arm(origin: "test/log", signingKey: key)
      stores.append(try await place.open(keeper))
    }
    let count = 700
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<count {
        let store = stores[number % 2]
        group.addTask {
          try await store.write {
            _ = try $0.appendAudit(slot: nil, sealed: [1], leafHash: Self.leaf(number))
          }
        }
      }
      try await group.waitForAll()
    }
    try await stores[0].read { snapshot throws in
      let leaves = try snapshot.leafHashes(from: 0, to: .max)
      #expect(leaves.count == count)
      #expect(Set(leaves) == Set((0..<count).map(Self.leaf)))
      #expect(
        try snapshot.auditRows(from: 0, limit: 9999).map(\.sequence) == Array(0..<Int64(count)))
      let hashes = leaves.compactMap { Hash(bytes: $0) }
      let checkpoints = try snapshot.checkpoints()
      #expect(checkpoints.count == 1)
      let note = try SignedCheckpoint(parsing: Array(checkpoints[0].note.utf8)).checkpoint
      #expect(note.size == UInt64(count))
      #expect(try note.root == Self.root(hashes[...]))
      let tiles = try [0, 256].map { try Self.root(hashes[$0..<$0 + 256]).bytes }
      #expect(try snapshot.tileRoots(level: 1, from: 0, to: 99) == tiles)
    }
    for store in stores { await store.close() }
  }

  /// RFC 6962, section 2.1, word for word.
  private static func root(_ leaves: ArraySlice<Hash>) throws -> Hash {
    guard leaves.count > 1 else { return try #require(leaves.first) }
    var split = 1
    while split * 2 < leaves.count { split *= 2 }
    let middle = leaves.startIndex + split
    return Hash.node(try root(leaves[..<middle]), try root(leaves[middle...]))
  }

  @Test(
    "A write whose guard another instance has changed is refused, at every moment",
    arguments: StoreEngine.allCases)
  func guards(_ engine: StoreEngine) async throws {
    let place = try StoreUnderTest.Place(engine)
    let (one, other) = (try await place.open(), try await place.open())
    let slot = try await one.write { try $0.insertChart(tag: [1]) }
    // Disclosures go on over both stores while the other revokes: none may come after the revocation.
    let refused = try await withThrowingTaskGroup(of: Bool.self) { group in
      for number in 0..<300 {
        let store = number.isMultiple(of: 2) ? one : other
        group.addTask {
          do {
            try await store.write { transaction in
              guard try transaction.chart(slot: slot)?.consentRevision == 0 else {
                throw PeerChartError(.forbidden, "revoked")
              }
              _ = try transaction.appendAudit(slot: slot, sealed: [0], leafHash: [0])
            }
            return false
          } catch let error as PeerChartError where error.code == .forbidden {
            return true
          }
        }
        if number == 150 {
          group.addTask {
            try await other.write { transaction in
              try transaction.bumpConsentRevision(slot: slot)
              _ = try transaction.appendAudit(slot: slot, sealed: [9], leafHash: [9])
            }
            return false
          }
        }
      }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    try await one.read { snapshot throws in
      let log = try snapshot.auditRows(from: 0, limit: 999).map { $0.sealed[0] }
      let revocation = try #require(log.firstIndex(of: 9))
      #expect(revocation == log.count - 1, "something was released after the revocation")
      #expect(log.count + refused == 301)
    }
    // And the very next request, whichever instance it comes to.
    for store in [one, other] {
      #expect(try await store.read { try $0.chart(slot: slot)?.consentRevision } == 1)
      await store.close()
    }
  }

  @Test("Of two writers of one version number one is refused", arguments: StoreEngine.allCases)
  func conflict(_ engine: StoreEngine) async throws {
    let place = try StoreUnderTest.Place(engine)
    let stores = [try await place.open(), try await place.open()]
    let outcomes = await withTaskGroup(of: PeerChartError?.self) { group in
      for number in UInt8(0)..<20 {
        group.addTask {
          do {
            try await stores[Int(number % 2)].write { transaction in
              _ = try transaction.append(
                NewVersion(
                  key: RecordKey([1]), slot: Int64(number), number: 1, storedAt: 1,
                  isDeleted: false, sealed: [number], tokens: [7]))
              _ = try transaction.appendAudit(slot: nil, sealed: [number], leafHash: [number])
            }
            return nil
          } catch { return error as? PeerChartError }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.compactMap { $0?.code } == Array(repeating: .conflict, count: 19))
    try await stores[0].read { snapshot throws in
      let stored = try #require(try snapshot.newestVersion(of: RecordKey([1])))
      #expect(try snapshot.auditRows(from: 0, limit: 9).map(\.sealed) == [stored.sealed])
      #expect(try snapshot.entryCount(token: 7, slot: nil, limit: 99) == 1)
    }
    for store in stores { await store.close() }
  }

  @Test("Nobody claims a message that somebody else has claimed", arguments: StoreEngine.allCases)
  func claims(_ engine: StoreEngine) async throws {
    let place = try StoreUnderTest.Place(engine)
    let stores = [try await place.open(), try await place.open()]
    try await stores[0].write { transaction in
      for id in UInt8(0)..<100 {
        try transaction.putOutbox(
          OutboxRow(
            id: [id], peer: [1], createdAt: 1, nextAttempt: Int64(id % 10) * 10, attempts: 0,
            sealed: [id]))
      }
    }
    let claimed = try await withThrowingTaskGroup(of: [OutboxRow].self) { group in
      for number in 0..<20 {
        group.addTask { try await stores[number % 2].claimOutbox(dueAt: 49, limit: 4, until: 500) }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    // A claim may come away with less than there is while another is under way, never with the same.
    #expect(Set(claimed.map(\.id)).count == claimed.count)
    #expect(claimed.allSatisfy { $0.id[0] % 10 < 5 && $0.nextAttempt == 500 && $0.sealed == $0.id })
    var rest = try await stores[0].claimOutbox(dueAt: 49, limit: 99, until: 500)
    #expect(rest.count + claimed.count == 50)
    rest = try await stores[1].claimOutbox(dueAt: 499, limit: 99, until: 600)
    #expect(rest.count == 50 && rest.allSatisfy { $0.id[0] % 10 >= 5 })
    #expect(try await stores[1].claimOutbox(dueAt: 500, limit: 99, until: 700).count == 50)
    for store in stores { await store.close() }
  }

  @Test("A read sees one moment, whatever is written meanwhile", arguments: StoreEngine.allCases)
  func snapshots(_ engine: StoreEngine) async throws {
    let place = try StoreUnderTest.Place(engine)
    let (one, other) = (try await place.open(), try await place.open())
    try await one.write { transaction in
      try transaction.putItem(.peer, key: [0], sealed: [100])
      try transaction.putItem(.peer, key: [1], sealed: [100])
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<40 {
        group.addTask {
          try await one.write { transaction in
            let left = try #require(try transaction.item(.peer, key: [0]))[0]
            let right = try #require(try transaction.item(.peer, key: [1]))[0]
            try transaction.putItem(.peer, key: [0], sealed: [left - 1])
            try transaction.putItem(.peer, key: [1], sealed: [right + 1])
          }
        }
        group.addTask {
          try await other.read { snapshot throws in
            let left = try #require(try snapshot.item(.peer, key: [0]))[0]
            let all = try snapshot.items(.peer).map { Int($0.sealed[0]) }
            #expect(all.reduce(0, +) == 200 && all[0] == Int(left))
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await other.read { try $0.item(.peer, key: [0]) } == [60])
    await one.close()
    await other.close()
  }
}
