import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Node
import Primitives
import Storage
import Synchronization
import Testing
import Vault

/// A write is decided about before it is durable. An export that begins in between must leave nothing out
/// that the next one, which asks for what is newer, would not bring.
@Suite struct BulkSettledTests {
  /// A store whose next write waits until something else has happened.
  private struct HeldStore: RecordStore {
    let base: any RecordStore
    let hold = Hold()

    final class Hold: Sendable {
      private let first = Mutex<(@Sendable () async throws -> Void)?>(nil)
      func beforeNext(_ body: @escaping @Sendable () async throws -> Void) {
        first.withLock { $0 = body }
      }
      func take() -> (@Sendable () async throws -> Void)? {
        first.withLock { first in
          defer { first = nil }
          return first
        }
      }
    }

    func read<Result: Sendable>(
      _ body: @escaping @Sendable (any StoreSnapshot) throws -> Result
    ) async throws -> Result { try await base.read(body) }

    func write<Result: Sendable>(
      _ body: @escaping @Sendable (any StoreTransaction) throws -> Result
    ) async throws -> Result {
      try await hold.take()?()
      return try await base.write(body)
    }

    func sweepBodies() async throws -> Int { try await base.sweepBodies() }
    func checkBodies() async throws -> BodyCheck { try await base.checkBodies() }
    func close() async { await base.close() }
  }

  /// A node of which a test holds the store.
  private struct HeldNode {
    let exchange: Exchange
    let clock = TestClock()
    let hold: HeldStore.Hold
    private let folder: DataFolder
    private var caller: Caller { exchange.nodeOperator(purpose: .treatment) }

    init(_ engine: TestEngine) async throws {
      folder = DataFolder(TemporaryFolder.newPath())
      try FileManager.default.createDirectory(
        atPath: folder.path, withIntermediateDirectories: true)
      let sequencer = CheckpointKeeper()
      let base: any RecordStore
      if let url = try engine.database().url {
        base = try await PostgreSQLStore.open(
          DatabaseAddress(url), password: nil, sequencer: sequencer)
      } else {
        base = try SQLiteStore(path: folder.path + "/node.sqlite", sequencer: sequencer)
      }
      let store = HeldStore(base: base)
      hold = store.hold
      guard let name = NodeName("Held") else { throw PeerChartError(.invalid, "no name") }
      exchange = try await Exchange.establish(
        name: name, kind: .organization,
        ExchangeParts(
          store: store,
          provider: try FileKeyProvider.create(
            path: folder.path + "/root.key", random: SystemRandom()),
          sequencer: sequencer, clock: clock))
    }

    func put(_ type: String, _ id: String, _ body: [UInt8]) async throws {
      _ = try await exchange.update(type, id: id, body, expecting: .any, as: caller)
    }

    func remove(_ type: String, _ id: String) async throws {
      _ = try await exchange.delete(type, id: id, expecting: .any, as: caller)
    }

    /// An export from its beginning to the last line of its files.
    func export(_ since: Instant? = nil) async throws -> (time: Instant, lines: [String]) {
      let pairs = since.map { [("_since", $0.description)] } ?? []
      let job = try await exchange.beginExport(
        BulkExportRequest(
          .system, OperationParameters(pairs: pairs), isPost: false, isLenient: false),
        url: "https://node.example/fhir/$export", as: caller)
      _ = try await exchange.workOnBulkJobs(as: "worker")
      guard case .done(let manifest) = try await exchange.bulkStatus(job, as: caller) else {
        throw PeerChartError(.conflict, "the job is not done")
      }
      var bytes: [UInt8] = []
      for file in manifest.output + manifest.deleted {
        var source = try await exchange.bulkFile(job, file.name ?? "", as: caller)
        while let group = try await source.next() { bytes += group }
      }
      let lines = bytes.split(separator: 0x0A).map { String(decoding: $0, as: UTF8.self) }
      return (manifest.transactionTime, lines)
    }

    func close() async {
      await exchange.close()
      try? FileManager.default.removeItem(atPath: folder.path)
    }
  }

  private final class Kept<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    func keep(_ new: Value) { value.withLock { $0 = new } }
    func get() throws -> Value { try #require(value.withLock { $0 }) }
  }

  /// - Parameter pause: how long the export begins after the write was decided about, in seconds.
  @Test(arguments: TestEngine.allCases, [Int64(0), 1, 3600])
  func aWriteUnderWayComesWithTheNextExport(engine: TestEngine, pause: Int64) async throws {
    let node = try await HeldNode(engine)
    try await node.put("Patient", "p", Sample.patient("p"))
    try await node.put("Observation", "gone", Sample.observation("gone", of: "p"))
    try await node.put("Observation", "old", Sample.observation("old", of: "p", value: "1"))
    let changes: [@Sendable () async throws -> Void] = [
      { try await node.put("Observation", "new", Sample.observation("new", of: "p")) },
      { try await node.put("Observation", "old", Sample.observation("old", of: "p", value: "2")) },
      { try await node.remove("Observation", "gone") },
    ]
    for (number, change) in changes.enumerated() {
      node.clock.advance(seconds: 10)
      let first = Kept<(time: Instant, lines: [String])>()
      node.hold.beforeNext {
        node.clock.advance(seconds: pause)
        first.keep(try await node.export())
      }
      try await change()
      node.clock.advance(seconds: 10)
      let before = try first.get()
      let after = try await node.export(before.time)
      func has(_ lines: [String], _ text: String) -> Bool { lines.contains { $0.contains(text) } }
      switch number {
      case 0:
        #expect(!has(before.lines, #""id":"new""#))
        #expect(after.lines.count == 1 && has(after.lines, #""id":"new""#))
      case 1:
        #expect(has(before.lines, #""value":1,"#) && !has(before.lines, #""value":2,"#))
        #expect(after.lines.count == 1 && has(after.lines, #""value":2,"#))
      default:
        #expect(has(before.lines, #""id":"gone""#))
        #expect(after.lines.count == 1 && has(after.lines, "Observation/gone"))
      }
      #expect(after.time > before.time)
    }
    #expect(try await node.exchange.verifyAudit { _ in }.findings.isEmpty)
    await node.close()
  }
}
