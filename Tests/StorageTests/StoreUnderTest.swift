import Exchange
import Foundation
import Primitives
import Storage
import Synchronization

/// Every engine that must keep the storage contract; the conformance suite runs on each of them.
enum StoreEngine: String, CaseIterable, Sendable {
  case sqlite
  case postgresql

  /// Those that are there. `PostgreSQLTests` says so where one is not.
  static var allCases: [StoreEngine] {
    TestDatabase.server == nil ? [.sqlite] : [.sqlite, .postgresql]
  }
}

/// A store of its own, which goes away with it.
final class StoreUnderTest: Sendable {
  let place: Place
  let store: any RecordStore
  let sequencer: CountingSequencer

  init(_ engine: StoreEngine) async throws {
    place = try Place(engine)
    sequencer = CountingSequencer()
    store = try await place.open(sequencer)
  }

  /// Where a store lies; more than one may be opened on it.
  enum Place: Sendable {
    case folder(TestFolder)
    case database(TestDatabase)

    init(_ engine: StoreEngine) throws {
      switch engine {
      case .sqlite: self = .folder(try TestFolder())
      case .postgresql: self = .database(try TestDatabase())
      }
    }

    /// Opens it, perhaps once more, as another process would.
    func open(_ sequencer: any LogSequencer = CountingSequencer()) async throws -> any RecordStore {
      switch self {
      case .folder(let folder): try SQLiteStore(path: folder.file, sequencer: sequencer)
      case .database(let database):
        try await PostgreSQLStore.open(
          database.address(), password: nil, sequencer: sequencer, connections: 4)
      }
    }
  }
}

/// A folder that goes away with its last user.
final class TestFolder: Sendable {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("peerchart-store-\(UUID().uuidString)")
  var file: String { folder.appendingPathComponent("test.sqlite").path }

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }
}

/// Writes one checkpoint for each commit, and can be told to fail or to do something first.
final class CountingSequencer: LogSequencer {
  private struct State {
    var commits = 0
    var failures = 0
    var failNext = false
    var beforeNext: (@Sendable () throws -> Void)?
  }
  private let state = Mutex(State())

  var commits: Int { state.withLock { $0.commits } }
  var failures: Int { state.withLock { $0.failures } }
  func failNext() { state.withLock { $0.failNext = true } }

  /// Runs `body` in the middle of the next commit.
  func beforeNext(_ body: @escaping @Sendable () throws -> Void) {
    state.withLock { $0.beforeNext = body }
  }

  func beforeCommit(
    _ transaction: any StoreTransaction, first: Int64, leafHashes: [[UInt8]]
  ) throws {
    let (mustFail, before) = state.withLock { state in
      defer { (state.failNext, state.beforeNext) = (false, nil) }
      state.commits += 1
      return (state.failNext, state.beforeNext)
    }
    try before?()
    if mustFail { throw PeerChartError(.storage, "told to fail") }
    try transaction.putCheckpoint(
      CheckpointRow(size: first + Int64(leafHashes.count), note: "note", pinned: false))
  }

  func commitFailed() { state.withLock { $0.failures += 1 } }
}
