import Exchange
import Foundation
import Primitives
import Storage
import Synchronization
import TestSupport
import Testing

/// Large bodies beside the rows.
@Suite("Blobs")
struct BlobTests {
  private typealias Rows = RecordStoreConformanceTests

  @Test(.enabled(if: ObjectServer.shared != nil, "\(ObjectServer.absence)"))
  func theBucketIsTested() {
    #expect(StoreEngine.withBlobs.contains { $0.bodies == .inBucket })
  }

  static func body(_ seed: UInt8, _ count: Int = 100_000) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ Int(seed)) &* 2_654_435_761 >> 9) }
  }

  static func version(
    _ key: UInt8, _ sealed: [UInt8], number: Int64 = 1, slot: Int64 = 1
  ) -> NewVersion {
    NewVersion(
      key: Rows.key(key), slot: slot, number: number, storedAt: 1, isDeleted: false,
      sealed: sealed, tokens: [1])
  }

  private func parts(_ engine: StoreEngine) async throws -> (StoreUnderTest, TestBlobs) {
    let test = try await StoreUnderTest(engine)
    return (test, try #require(test.place.blobs))
  }

  /// What a read of a record's newest version gives.
  private func outcome(_ store: any RecordStore, _ key: UInt8) async -> String {
    do {
      let bytes = try await store.read { try $0.newestVersion(of: Rows.key(key))?.sealed }
      return bytes.map { "\($0.count)" } ?? "none"
    } catch {
      return (error as? PeerChartError)?.code.rawValue ?? "\(error)"
    }
  }

  @Test("Large versions and items lie apart and come back", arguments: StoreEngine.withBlobs)
  func roundTrip(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    let (one, two, item) = (Self.body(1), Self.body(2), Self.body(3))
    try await test.store.write { transaction in
      _ = try transaction.append(Self.version(1, one))
      _ = try transaction.append(Self.version(1, two, number: 2))
      try transaction.putItem(.document, key: [7], sealed: item)
      // What was put is there for the rest of the write, if the write reads it.
      #expect(try transaction.version(of: Rows.key(1), number: 2)?.number == 2)
    }
    let other = try await test.place.open()
    for store in [test.store, other] {
      try await store.read { snapshot throws in
        let history = try snapshot.history(of: Rows.key(1), before: .max, limit: 9)
        #expect(try history.map { try $0.sealed } == [two, one])
        let records = try snapshot.records(slot: 1, after: -1, limit: 9)
        #expect(try records.map { try $0.sealed } == [two])
        #expect(try snapshot.item(.document, key: [7]) == item)
        #expect(try snapshot.items(.document).map(\.sealed) == [item])
        #expect(try snapshot.itemKeys(.document) == [[7]])
      }
    }
    let names = Set([one, two, item].map { BlobReference(of: $0).hash })
    #expect(try Set(blobs.contents().map(\.hash)) == names)
    #expect(try blobs.contents().allSatisfy { $0.length == 100_000 && $0.age < 3600 })
    // Each body went over once, before the transaction that names it.
    #expect(blobs.calls.filter { $0.kind == .put(replacing: false) }.count == 3)
    #expect(!blobs.calls.contains { $0.kind == .put(replacing: true) })
    #expect(try await test.store.checkBodies() == other.checkBodies())
    #expect(try await test.store.checkBodies().count == 3)
    await other.close()
  }

  @Test("A row is looked at without its body", arguments: StoreEngine.withBlobs)
  func laziness(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    try await test.store.write { _ = try $0.append(Self.version(1, Self.body(1))) }
    blobs.onCall { _, _, _ in throw PeerChartError(.storage, "not asked for") }
    try await test.store.read { snapshot throws in
      let row = try #require(try snapshot.newestVersion(of: Rows.key(1)))
      #expect(try snapshot.version(row: row.row) == row)
      #expect(throws: PeerChartError.self) { try row.sealed }
    }
    #expect(await outcome(test.store, 1) == "storage")
    blobs.onCall(nil)
    #expect(await outcome(test.store, 1) == "100000")
  }

  @Test(
    "A body that cannot be put is not stored, nor is its write", arguments: StoreEngine.withBlobs)
  func failingPut(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    blobs.onCall { _, _, _ in throw PeerChartError(.storage, "the place is gone") }
    await #expect(throws: PeerChartError(.storage, "the place is gone")) {
      try await test.store.write { transaction in
        try transaction.putItem(.notice, key: [1], sealed: [])
        _ = try transaction.append(Self.version(1, Self.body(1)))
      }
    }
    blobs.onCall(nil)
    try await test.store.read { snapshot throws in
      #expect(try snapshot.itemKeys(.notice).isEmpty)
      #expect(try snapshot.newestVersion(of: Rows.key(1)) == nil)
    }
    #expect(try blobs.contents().isEmpty)
  }

  @Test("Nobody waits while a body is put in place", arguments: StoreEngine.withBlobs)
  func othersGoOn(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    let gate = DispatchSemaphore(value: 0)
    let (arrivals, arrived) = AsyncStream<Void>.makeStream()
    blobs.onCall { call, _, _ in
      guard call.kind == .put(replacing: false) else { return }
      arrived.yield()
      gate.wait()
    }
    let large = Task {
      try await test.store.write { _ = try $0.append(Self.version(1, Self.body(1))) }
    }
    for await _ in arrivals { break }
    // It holds no lock: a write that is made meanwhile returns.
    try await test.store.write { try $0.putItem(.notice, key: [1], sealed: []) }
    #expect(try await test.store.read { try $0.newestVersion(of: Rows.key(1)) } == nil)
    gate.signal()
    try await large.value
    #expect(await outcome(test.store, 1) == "100000")
  }

  @Test(
    "A body that is other the second time is stored as it then is", arguments: StoreEngine.withBlobs
  )
  func changingBody(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    let runs = Mutex<UInt8>(0)
    try await test.store.write { transaction in
      let run = runs.withLock { runs in
        runs += 1
        return runs
      }
      _ = try transaction.append(Self.version(1, Self.body(run)))
    }
    let last = runs.withLock { $0 }
    #expect(last == 2)
    let stored = try await test.store.read { try $0.newestVersion(of: Rows.key(1))?.sealed }
    #expect(stored == Self.body(last))
    #expect(blobs.calls.filter { $0.kind == .put(replacing: true) }.count == 1)
  }

  @Test(
    "Bodies sealed in the transaction are put once, before it commits",
    arguments: StoreEngine.withBlobs)
  func sealedHere(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    let bodies = (UInt8(0)..<20).map { Self.body($0, 3000) }
    @Sendable func store(_ transaction: any StoreTransaction, _ number: Int64) throws {
      for (key, body) in bodies.enumerated() {
        _ = try transaction.append(
          NewVersion(
            key: Rows.key(UInt8(key)), slot: 1, number: number, storedAt: 1, isDeleted: false,
            sealed: body, tokens: [], isSealedHere: true))
        let own = try transaction.newestVersion(of: Rows.key(UInt8(key)))
        #expect(try own?.sealed == body)
      }
    }
    // What comes to nothing before its end leaves nothing behind.
    _ = try? await test.store.write { transaction in
      try store(transaction, 1)
      throw PeerChartError(.invalid, "no")
    }
    #expect(try blobs.contents().isEmpty)
    try await test.store.write { try store($0, 1) }
    #expect(blobs.calls.count == 20)
    #expect(try blobs.contents().count == 20)
    blobs.onCall { call, _, _ in
      if call.hash == BlobReference(of: bodies[7]).hash { throw PeerChartError(.storage, "full") }
    }
    await #expect(throws: PeerChartError(.storage, "full")) {
      try await test.store.write { try store($0, 2) }
    }
    blobs.onCall(nil)
    #expect(try await test.store.read { try $0.newestVersion(of: Rows.key(3))?.number } == 1)
    #expect(try await test.store.checkBodies().missing == 0)
  }

  @Test(
    "Tampered, cut off, taken away: an error, never other bytes", arguments: StoreEngine.withBlobs)
  func tampering(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    let body = Self.body(1)
    let reference = BlobReference(of: body)
    try await test.store.write { transaction in
      _ = try transaction.append(Self.version(1, body))
      try transaction.putItem(.document, key: [7], sealed: Self.body(2))
    }
    var changed = body
    changed[50_000] ^= 1
    for (bytes, isMissing) in [
      (changed, 0), (Array(body.dropLast()), 1), (body + [0], 1), ([], 1), (body, 0),
    ] {
      _ = try blobs.base.put(bytes, as: reference, in: blobs.space, replacing: true)
      #expect(await outcome(test.store, 1) == (bytes == body ? "100000" : "integrity"))
      #expect(try await test.store.checkBodies().missing == isMissing)
    }
    try blobs.base.remove(reference.hash, in: blobs.space)
    #expect(await outcome(test.store, 1) == "integrity")
    #expect(try await test.store.checkBodies().missing == 1)
    try blobs.base.remove(BlobReference(of: Self.body(2)).hash, in: blobs.space)
    #expect(try await test.store.checkBodies().missing == 2)
    await #expect(throws: PeerChartError.self) {
      try await test.store.read { try $0.item(.document, key: [7]) }
    }
    // A store that is not told where the bodies are says so.
    let blind = try await test.place.open(blobs: .some(nil))
    #expect(await outcome(blind, 1) == "storage")
    let check = try await blind.checkBodies()
    #expect((check.count, check.missing) == (2, 2))
    await blind.close()
  }

  @Test("A check finds each of many that lack", arguments: StoreEngine.withBlobs)
  func checkOfMany(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    let bodies = (0..<40).map { Self.body($0, 200) }
    try await test.store.write { transaction in
      for (number, body) in bodies.enumerated() {
        _ = try transaction.append(Self.version(UInt8(number), body))
      }
    }
    var gone = 0
    for body in bodies.enumerated().filter({ $0.offset % 3 == 0 }).map(\.element) {
      try blobs.base.remove(BlobReference(of: body).hash, in: blobs.space)
      gone += 1
      if gone.isMultiple(of: 5) { #expect(try await test.store.checkBodies().missing == gone) }
    }
    let check = try await test.store.checkBodies()
    #expect((check.count, check.missing) == (40, gone))
  }

  @Test("What a destroyed chart or a deleted item leaves goes", arguments: StoreEngine.withBlobs)
  func release(_ engine: StoreEngine) async throws {
    let (test, blobs) = try await parts(engine)
    let bodies = (0..<UInt8(5)).map { Self.body($0) }
    try await test.store.write { transaction in
      _ = try transaction.append(Self.version(1, bodies[0], slot: 1))
      _ = try transaction.append(Self.version(2, bodies[1], slot: 2))
      // The same bytes in two charts are one blob; it stays as long as one of them is there.
      _ = try transaction.append(Self.version(3, bodies[2], slot: 2))
      _ = try transaction.append(Self.version(4, bodies[2], slot: 3))
      try transaction.putItem(.document, key: [7], sealed: bodies[3])
    }
    // A write that comes to nothing takes nothing away.
    _ = try? await test.store.write { transaction in
      try transaction.deleteDataKeys(slot: 2)
      try transaction.deleteItem(.document, key: [7])
      throw PeerChartError(.invalid, "no")
    }
    #expect(try blobs.contents().count == 4)
    try await test.store.write { try $0.deleteDataKeys(slot: 2) }
    let kept = [bodies[0], bodies[2], bodies[3]].map { BlobReference(of: $0).hash }
    #expect(try Set(blobs.contents().map(\.hash)) == Set(kept))
    #expect(await outcome(test.store, 1) == "100000")
    #expect(await outcome(test.store, 4) == "100000")
    try await test.store.write { try $0.putItem(.document, key: [7], sealed: bodies[4]) }
    #expect(try await test.store.read { try $0.item(.document, key: [7]) } == bodies[4])
    #expect(try blobs.contents().count == 3)
    try await test.store.write { try $0.putItem(.document, key: [7], sealed: []) }
    #expect(try await test.store.read { try $0.item(.document, key: [7]) } == [])
    try await test.store.write { try $0.deleteItem(.document, key: [7]) }
    #expect(try blobs.contents().count == 2)
    #expect(try await test.store.checkBodies().missing == 0)
  }
}
