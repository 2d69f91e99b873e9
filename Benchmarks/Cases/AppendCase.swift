import Audit
import Crypto
import Exchange
import Foundation
import Primitives
import Storage
import Synchronization
import TransparencyLog
import Vault

/// How many log entries a second become durable, when many requests want one at the same time.
struct AppendCase {
  static let target = 10_000.0
  /// For each second of processor time.
  static let coreTarget = 20_000.0
  /// Requests under way at once.
  static let concurrency = 512

  let folder: TemporaryFolder
  let span: Double

  func run() async throws -> [Figure] {
    let (appends, perCommit, cost) = try await appends()
    let bare = try bareSQLite(perCommit: max(1, Int(perCommit.rounded())))
    return [
      Figure(
        name: "log entries durable", value: Double(appends) / cost.wall, unit: "entries/s",
        target: Figure.atLeast(Self.target),
        peer: Figure.Peer(name: "bare SQLite, same groups", value: bare),
        note: "made, salted, sealed, hashed, appended and under a signed checkpoint; "
          + "\(Self.concurrency) writers, \(FigureTable.text(perCommit)) entries to a commit, "
          + "\(FigureTable.text(cost.processor / Double(appends) * 1e6)) µs of processor each"),
      Figure(
        name: "log entries durable, on one core", value: Double(appends) / cost.processor,
        unit: "entries/s", target: Figure.atLeast(Self.coreTarget),
        note:
          "for each second of processor time, all threads counted; a checkpoint signed in every "
          + "commit"),
    ]
  }

  private func appends() async throws -> (count: Int, perCommit: Double, cost: Cost) {
    let sequencer = CountingSequencer()
    try sequencer.keeper.arm(
      origin: "example.org/bench", signingKey: Curve25519.Signing.PrivateKey())
    let store = try SQLiteStore(path: folder.file("log.sqlite"), sequencer: sequencer)
    let maker = EntryMaker()
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: .seconds(span))
    let (count, cost) = try await Cost.of {
      try await withThrowingTaskGroup(of: Int.self) { group in
        for writer in 0..<Self.concurrency {
          group.addTask {
            var count = 0
            while clock.now < end {
              let (sealed, leafHash) = try maker.entry(number: writer + count)
              _ = try await store.write {
                try $0.appendAudit(slot: nil, sealed: sealed, leafHash: leafHash)
              }
              count += 1
            }
            return count
          }
        }
        return try await group.reduce(0, +)
      }
    }
    let stored = try await store.read { try $0.auditSize() }
    guard stored == Int64(count) else { throw BenchFailure("the log lost entries") }
    await store.close()
    return (count, Double(count) / Double(max(1, sequencer.commits)), cost)
  }

  /// Rows of the same size into bare SQLite, as many to a commit.
  private func bareSQLite(perCommit: Int) throws -> Double {
    let database = try BareSQLite(path: folder.file("bare-log.sqlite"))
    let (sealed, leafHash) = try EntryMaker().entry(number: 0)
    let group = [[UInt8]](repeating: sealed + leafHash, count: perCommit)
    let clock = ContinuousClock()
    let start = clock.now
    let end = start.advanced(by: .seconds(min(span, 2)))
    var count = 0
    while clock.now < end {
      try database.commit(group)
      count += perCommit
    }
    return Double(count) / (clock.now - start).seconds
  }
}

/// Makes entries as a read of a record under a grant leaves them.
struct EntryMaker: Sendable {
  private let sealer = RecordSealer(random: SystemRandom(), of: .logEntry)
  private let key = DataKey(
    slot: 0, generation: 1, secret: SecretBytes(random: SystemRandom(), count: 32))

  func entry(number: Int) throws -> (sealed: [UInt8], leafHash: [UInt8]) {
    let random = SystemRandom()
    var event = AuditEvent(
      id: AuditEventID(random: random), time: SystemClock().now(), kind: .disclosure,
      actor: AuditActor(
        kind: .workforce, id: "9d3e1c2a-5b7f-4e60-8a19-0123456789ab", name: "Rowan Example",
        address: "192.0.2.7"))
    event.role = "clinician"
    event.patient = "Patient/\(Self.id(number, 1))"
    event.entities = ["Observation/\(Self.id(number, 2))/_history/1"]
    event.counts = ["vital-signs": 1]
    event.purpose = "TREAT"
    event.consents = [Self.id(number, 3)]
    event.reasons = ["grant"]
    event.request = "5148ffa0ad4dadaa-\(number)"
    event.detail = ["action": "read"]
    let entry = try AuditEntry(event, random: random)
    let leafHash = entry.leafHash.bytes
    let sealed = try sealer.seal(
      entry.plaintext, key: key,
      context: SealContext(purpose: .audit, slot: 0, key: leafHash, version: 0))
    return (sealed, leafHash)
  }

  /// A UUID that compresses no better than a random one.
  private static func id(_ number: Int, _ use: UInt64) -> String {
    let mixed = (UInt64(number) * 4 + use) &* 0x9E37_79B9_7F4A_7C15
    let digits = Hex.encode((0..<8).map { UInt8(truncatingIfNeeded: mixed >> ($0 * 8)) })
    return "\(digits.prefix(8))-\(digits.suffix(4))-4000-8000-\(digits.dropLast(4))"
  }
}

/// The real keeper of checkpoints, with a count of the commits it saw.
private final class CountingSequencer: LogSequencer {
  let keeper = CheckpointKeeper()
  private let count = Mutex(0)

  var commits: Int { count.withLock { $0 } }

  func beforeCommit(
    _ transaction: any StoreTransaction, first: Int64, leafHashes: [[UInt8]]
  ) throws {
    count.withLock { $0 += 1 }
    try keeper.beforeCommit(transaction, first: first, leafHashes: leafHashes)
  }

  func commitFailed() { keeper.commitFailed() }
}
