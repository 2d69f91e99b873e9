import Exchange
import Foundation
import Primitives
import Storage
import Testing

@Suite("Group commit")
struct GroupCommitTests {
  @Test("A write that throws undoes itself and nobody else", arguments: StoreEngine.allCases)
  func isolation(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let succeeded = await withTaskGroup(of: Bool.self) { group in
      for number in UInt8(0)..<200 {
        group.addTask {
          do {
            try await test.store.write { transaction in
              _ = try transaction.appendAudit(slot: nil, sealed: [number], leafHash: [number])
              if number % 3 == 0 { throw PeerChartError(.invalid, "no") }
            }
            return true
          } catch { return false }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(succeeded == 133)
    try await test.store.read { snapshot throws in
      let rows = try snapshot.auditRows(from: 0, limit: 1000)
      #expect(rows.map(\.sequence) == (0..<133).map { Int64($0) })
      #expect(rows.allSatisfy { $0.leafHash[0] % 3 != 0 })
      #expect(try snapshot.checkpoints().map(\.size) == [133])
    }
    #expect(test.sequencer.commits < 200)
  }

  @Test(
    "When the commit cannot be prepared, every write in it fails", arguments: StoreEngine.allCases)
  func failedCommit(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    test.sequencer.failNext()
    await #expect(throws: PeerChartError.self) {
      try await test.store.write { _ = try $0.appendAudit(slot: 3, sealed: [1], leafHash: [1]) }
    }
    #expect(test.sequencer.failures == 1)
    try await test.store.write { _ = try $0.appendAudit(slot: 3, sealed: [2], leafHash: [2]) }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.auditRows(slot: 3, before: .max, limit: 9).map(\.sealed) == [[2]])
    }
  }

  @Test(
    "Two processes on the same data number the log without gaps", arguments: StoreEngine.allCases)
  func twoWriters(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    let other = try await test.place.open()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for store in [test.store, other] {
        for _ in 0..<50 {
          group.addTask {
            try await store.write { _ = try $0.appendAudit(slot: nil, sealed: [1], leafHash: [1]) }
          }
        }
      }
      try await group.waitForAll()
    }
    try await test.store.read { snapshot throws in
      #expect(try snapshot.auditSize() == 100)
      #expect(try snapshot.leafHashes(from: 0, to: 200).count == 100)
    }
    await other.close()
  }

  @Test("A closed store refuses", arguments: StoreEngine.allCases)
  func closed(_ engine: StoreEngine) async throws {
    let test = try await StoreUnderTest(engine)
    await test.store.close()
    await #expect(throws: PeerChartError.self) { try await test.store.write { _ in } }
    await #expect(throws: PeerChartError.self) { try await test.store.read { _ in } }
  }
}
