import Exchange
import Primitives
import Storage
import TestSupport
import Testing

/// Whoever was told that something is stored has it after a power cut as well.
@Suite("Durability", .serialized)
struct DurabilityTests {
  @Test("SQLite makes each commit durable before anybody hears of it")
  func everyCommitIsSynced() async throws {
    SyncCount.begin()
    let folder = try TestFolder()
    let store = try SQLiteStore(
      path: folder.path + "/counted.sqlite", sequencer: CountingSequencer())
    for number in UInt8(0)..<20 {
      let before = SyncCount.value
      try await store.write {
        _ = try $0.appendAudit(slot: nil, sealed: [number], leafHash: [number])
      }
      #expect(SyncCount.value > before)
    }
    for number in UInt8(20)..<40 {
      let before = SyncCount.value
      try await store.append { _ in
        [PreparedEntry(slot: nil, sealed: [number], leafHash: [number])]
      }
      #expect(SyncCount.value > before)
    }
    await store.close()
  }
}
