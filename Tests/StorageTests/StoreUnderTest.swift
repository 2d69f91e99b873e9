import Exchange
import Foundation
import Primitives
import Storage
import Synchronization
import TestSupport
import Testing

/// Every engine that must keep the storage contract, with and without blobs; the conformance suite runs
/// on each of them.
struct StoreEngine: CustomTestStringConvertible, Sendable {
  enum Database: String, Sendable {
    case sqlite
    /// As a process has it that serves: with a journal.
    case served = "sqlite, served"
    case postgresql
  }
  enum Bodies: String, Sendable {
    case inRows = "bodies in rows"
    /// All of them, the smallest too.
    case inFolder = "bodies in a folder"
    /// Large ones.
    case inBucket = "bodies in a bucket"
  }

  let database: Database
  let bodies: Bodies
  var testDescription: String { "\(database.rawValue), \(bodies.rawValue)" }

  /// Those that are there. `PostgreSQLTests` and `BlobTests` say so where one is not.
  static let allCases =
    databases.flatMap { database in
      places.map { StoreEngine(database: database, bodies: $0) }
    } + [StoreEngine(database: .served, bodies: .inRows)]
  /// Those with blobs.
  static let withBlobs = allCases.filter { $0.bodies != .inRows }

  private static let databases: [Database] =
    TestDatabase.server == nil ? [.sqlite] : [.sqlite, .postgresql]
  private static let places: [Bodies] =
    ObjectServer.shared == nil ? [.inRows, .inFolder] : [.inRows, .inFolder, .inBucket]
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

  deinit {
    let store = store
    Task { await store.close() }
  }

  /// Where a store lies; more than one may be opened on it.
  struct Place: Sendable {
    enum Records: Sendable {
      case folder(TestFolder, isServed: Bool)
      case database(TestDatabase)
    }
    let records: Records
    /// Nil where bodies stay in the rows.
    let blobs: TestBlobs?

    /// A database that a test has made.
    static func database(_ database: TestDatabase) -> Place {
      Place(records: .database(database), blobs: nil)
    }

    private init(records: Records, blobs: TestBlobs?) {
      self.records = records
      self.blobs = blobs
    }

    init(_ engine: StoreEngine) throws {
      records =
        switch engine.database {
        case .sqlite: .folder(try TestFolder(), isServed: false)
        case .served: .folder(try TestFolder(), isServed: true)
        case .postgresql: .database(try TestDatabase())
        }
      blobs = try TestBlobs(engine.bodies)
    }

    /// Opens it, perhaps once more, as another process would.
    ///
    /// - Parameter policy: another one than the place's own.
    func open(
      _ sequencer: any LogSequencer = CountingSequencer(), blobs policy: BlobPolicy?? = nil
    ) async throws -> any RecordStore {
      let policy = policy ?? blobs?.policy()
      switch records {
      case .folder(let folder, let isServed):
        let store = try SQLiteStore(path: folder.file, sequencer: sequencer, blobs: policy)
        if isServed { try await store.expectAppends() }
        return store
      case .database(let database):
        return try await PostgreSQLStore.open(
          database.address(), password: nil, sequencer: sequencer, connections: 4, blobs: policy)
      }
    }
  }
}

/// A folder that goes away with its last user.
final class TestFolder: Sendable {
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("peerchart-store-\(UUID().uuidString)")
  var path: String { folder.path }
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
