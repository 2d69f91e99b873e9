import Exchange
import Foundation
import Primitives
import Storage
import Synchronization
import Testing

/// Blobs that no row names go, and no other.
@Suite("Sweeping blobs")
struct BlobSweepTests {
  private typealias Rows = RecordStoreConformanceTests

  /// A write that puts its body in place and then comes to nothing, as one that crashes would.
  private func leaveBehind(_ body: [UInt8], in store: any RecordStore) async throws {
    let runs = Mutex(0)
    _ = try? await store.write { transaction in
      _ = try transaction.append(BlobTests.version(99, body))
      if runs.withLock({ runs in
        runs += 1
        return runs
      }) == 2 {
        throw PeerChartError(.invalid, "no")
      }
    }
    #expect(runs.withLock { $0 } == 2)
  }

  @Test("Orphans go after an hour, named ones stay", arguments: StoreEngine.withBlobs)
  func sweep(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let blobs = try #require(test.place.blobs)
    try await test.store.write { transaction in
      _ = try transaction.append(BlobTests.version(1, BlobTests.body(1)))
      try transaction.putItem(.document, key: [7], sealed: BlobTests.body(2))
    }
    for seed in UInt8(3)...40 { try await leaveBehind(BlobTests.body(seed, 300), in: test.store) }
    #expect(try blobs.contents().count == 40)
    #expect(try await test.store.sweepBodies() == 0)
    let patient = try await test.place.open(blobs: blobs.policy(grace: 0))
    #expect(try await patient.sweepBodies() == 38)
    #expect(try await patient.sweepBodies() == 0)
    let named = [BlobTests.body(1), BlobTests.body(2)].map { BlobReference(of: $0).hash }
    #expect(try Set(blobs.contents().map(\.hash)) == Set(named))
    #expect(try await test.store.checkBodies().missing == 0)
    // Another node in the same place keeps to itself.
    let stranger = try StoreUnderTest.Place(engine)
    let other = try await stranger.open(blobs: blobs.policy(grace: 0))
    #expect(try await other.sweepBodies() == 0)
    #expect(try await test.store.checkBodies().missing == 0)
    await patient.close()
    await other.close()
  }

  @Test(
    "A write does not count on a blob that somebody left long ago", arguments: StoreEngine.withBlobs
  )
  func leftover(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let blobs = try #require(test.place.blobs)
    let body = BlobTests.body(1)
    try await leaveBehind(body, in: test.store)
    // Between the look at the place and the commit, a sweep takes it.
    blobs.afterCall { call, base, space in
      if call.kind == .put(replacing: false) { try base.remove(call.hash, in: space) }
    }
    try await test.store.write { _ = try $0.append(BlobTests.version(1, body)) }
    #expect(try await test.store.read { try $0.newestVersion(of: Rows.key(1))?.sealed } == body)
    #expect(blobs.calls.contains { $0.kind == .put(replacing: true) })
  }

  @Test(
    "Writes, failed writes and sweeps at once lose nothing that is named",
    arguments: StoreEngine.withBlobs.filter { $0.bodies == .inFolder })
  func race(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let blobs = try #require(test.place.blobs)
    // No grace at all: only the lock of the commits keeps sweeps and writes apart.
    let stores = [
      try await test.place.open(blobs: blobs.policy(grace: 0)),
      try await test.place.open(blobs: blobs.policy(grace: 0)),
    ]
    let stored = try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for worker in 0..<4 {
        group.addTask {
          var stored: [UInt8] = []
          for number in UInt8(0)..<15 {
            // Bodies meet: every worker stores the same ones, under a record of its own.
            let key = number &* 4 &+ UInt8(worker)
            do {
              try await stores[worker % 2].write { transaction in
                _ = try transaction.append(
                  BlobTests.version(key, BlobTests.body(number, 500), slot: Int64(worker)))
                if (Int(number) + worker) % 3 == 0 { throw PeerChartError(.invalid, "no") }
              }
              stored.append(key)
            } catch let error as PeerChartError where error.code == .invalid {}
          }
          return stored
        }
      }
      group.addTask {
        for _ in 0..<10 {
          _ = try await stores[0].sweepBodies()
          try await stores[1].write { try $0.deleteDataKeys(slot: 0) }
        }
        return []
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(stored.count == 40)
    #expect(try await test.store.checkBodies().missing == 0)
    for key in stored where key % 4 != 0 {
      let body = try await test.store.read { try $0.newestVersion(of: Rows.key(key))?.sealed }
      #expect(body == BlobTests.body(key / 4, 500))
    }
    _ = try await stores[0].sweepBodies()
    let check = try await test.store.checkBodies()
    #expect(check.missing == 0)
    #expect(try blobs.contents().count == check.count)
    for store in stores { await store.close() }
  }

  @Test("A folder holds whole files of one's own, and nothing else")
  func folder() async throws {
    let test = try await StoreUnderTest(StoreEngine(database: .sqlite, bodies: .inFolder))
    let blobs = try #require(test.place.blobs)
    let path = try #require(blobs.path)
    let body = BlobTests.body(1)
    try await test.store.write { _ = try $0.append(BlobTests.version(1, body)) }
    let name = BlobReference(of: body).name
    let file = "\(path)/\(blobs.space)/\(name.prefix(2))/\(name.dropFirst(2))"
    #expect(FileManager.default.contents(atPath: file) == Data(body))
    let manager = FileManager.default
    #expect(try manager.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
    let space = "\(path)/\(blobs.space)"
    #expect(try manager.attributesOfItem(atPath: space)[.posixPermissions] as? Int == 0o700)
    #expect(try manager.contentsOfDirectory(atPath: space + "/put").isEmpty)
    // A put that was cut off, old and new, and files that are nobody's.
    let remains = ["0", "1"].map { space + "/put/" + String(repeating: $0, count: 32) }
    for file in remains + [space + "/zz", "\(space)/\(name.prefix(2))/other"] {
      try Data([1]).write(to: URL(fileURLWithPath: file))
    }
    try manager.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -7200)], ofItemAtPath: remains[0])
    #expect(try blobs.contents().map(\.hash) == [BlobReference(of: body).hash])
    #expect(try await test.store.sweepBodies() == 0)
    #expect(!manager.fileExists(atPath: remains[0]) && manager.fileExists(atPath: remains[1]))
    #expect(try await test.store.checkBodies().missing == 0)
  }
}
