import Exchange
import Foundation
import Primitives
import Storage
import Synchronization

/// Every engine that must keep the storage contract; the conformance suite runs on each of them.
enum StoreEngine: String, CaseIterable, Sendable {
  case sqlite
}

/// A store in a folder of its own, which goes away with it.
final class StoreUnderTest: Sendable {
  let folder: URL
  let store: any RecordStore
  let sequencer: CountingSequencer

  init(_ engine: StoreEngine) throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("peerchart-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    sequencer = CountingSequencer()
    store = try Self.open(engine, folder, sequencer)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Opens the same data once more, as a second process would.
  static func open(
    _ engine: StoreEngine, _ folder: URL, _ sequencer: any LogSequencer
  ) throws -> any RecordStore {
    switch engine {
    case .sqlite:
      try SQLiteStore(path: folder.appendingPathComponent("test.sqlite").path, sequencer: sequencer)
    }
  }
}

/// Writes one checkpoint for each commit, and can be told to fail.
final class CountingSequencer: LogSequencer {
  private struct State {
    var commits = 0
    var failures = 0
    var failNext = false
  }
  private let state = Mutex(State())

  var commits: Int { state.withLock { $0.commits } }
  var failures: Int { state.withLock { $0.failures } }
  func failNext() { state.withLock { $0.failNext = true } }

  func beforeCommit(
    _ transaction: any StoreTransaction, first: Int64, leafHashes: [[UInt8]]
  ) throws {
    let mustFail = state.withLock { state in
      defer { state.failNext = false }
      state.commits += 1
      return state.failNext
    }
    if mustFail { throw PeerChartError(.storage, "told to fail") }
    try transaction.putCheckpoint(
      CheckpointRow(size: first + Int64(leafHashes.count), note: "note", pinned: false))
  }

  func commitFailed() { state.withLock { $0.failures += 1 } }
}
