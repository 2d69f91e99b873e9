import Audit
import Crypto
import Primitives
import Testing
import TransparencyLog

struct LogVerifierTests {
  /// A log as a store keeps it, which tests then damage.
  struct StoredLog {
    var entries: [StoredEntry] = []
    var tiles: [Int: [UInt64: Hash]] = [:]
    var checkpoints: [StoredCheckpoint] = []
    let key: Curve25519.Signing.PrivateKey
    let name = "household.example/log"

    init(size: Int, checkpointEvery step: Int) throws {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: [UInt8](repeating: 4, count: 32))
      var frontier = Frontier()
      var roots: [TileRoot] = []
      try sign(frontier)
      for index in 0..<size {
        var event = Fixture.event()
        event.request = "request-\(index)"
        let entry = try AuditEntry(event, random: SystemRandom())
        entries.append(
          StoredEntry(
            index: UInt64(index), leafHash: entry.leafHash, plaintext: .success(entry.plaintext)))
        frontier.append(entry.leafHash, completing: &roots)
        if (index + 1) % step == 0 { try sign(frontier) }
      }
      for root in roots { tiles[root.level, default: [:]][root.index] = root.hash }
    }

    mutating func sign(_ frontier: Frontier) throws {
      let checkpoint = try Checkpoint(origin: name, size: frontier.size, root: frontier.root)
      let signed = try SignedCheckpoint(
        checkpoint, signedBy: [NoteSigner(name: name, privateKey: key)])
      checkpoints.append(StoredCheckpoint(size: frontier.size, note: signed.bytes))
    }

    func verify(recheck: (AuditEvent) throws -> String? = { _ in nil }) throws -> LogReport {
      let tiles = tiles
      var rest = checkpoints[...]
      var verifier = try LogVerifier(
        logKey: Ed25519NoteVerifier(name: name, publicKey: key.publicKey),
        tileRoot: { tiles[$0]?[$1] }, nextCheckpoint: { rest.popFirst() })
      for entry in entries { try verifier.add(entry, recheck: recheck) }
      return try verifier.finish(
        storedTileRoots: UInt64(tiles.values.reduce(0) { $0 + $1.count }))
    }
  }

  private let log: StoredLog

  init() throws { log = try StoredLog(size: 700, checkpointEvery: 100) }

  /// Damages a log and expects this to be found first.
  private func expectFirst(
    _ place: LogFinding.Place, _ problem: LogFinding.Problem, in log: StoredLog? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ damage: (inout StoredLog) throws -> Void
  ) throws {
    var damaged = log ?? self.log
    try damage(&damaged)
    let first = try damaged.verify().first
    #expect(first?.place == place, sourceLocation: sourceLocation)
    #expect(first?.problem == problem, sourceLocation: sourceLocation)
  }

  @Test func aSoundLogIsClean() throws {
    let report = try log.verify()
    #expect(report.isClean)
    #expect(report.entries == 700)
    #expect(report.checkpoints == 8)
    #expect(report.signedSize == 700)
    #expect(report.root == Hash.root(of: log.entries.compactMap(\.leafHash)))
    #expect(try StoredLog(size: 0, checkpointEvery: 1).verify().isClean)
    #expect(try StoredLog(size: 1, checkpointEvery: 1).verify().signedSize == 1)
  }

  @Test func theRestBehindTheLastCheckpointIsReported() throws {
    let report = try StoredLog(size: 150, checkpointEvery: 100).verify()
    #expect(report.isClean)
    #expect(report.entries == 150)
    #expect(report.signedSize == 100)
  }

  @Test func everyFlippedByteOfAnEntryNamesIt() throws {
    let log = try StoredLog(size: 30, checkpointEvery: 10)
    let plaintext = try log.entries[21].plaintext.get()
    for position in plaintext.indices {
      try expectFirst(.entry(21), .leafHashDiffers, in: log) {
        var bytes = plaintext
        bytes[position] ^= 0x10
        $0.entries[21].plaintext = .success(bytes)
      }
    }
    let leaf = try #require(log.entries[21].leafHash)
    for position in 0..<Hash.byteCount {
      try expectFirst(.entry(21), .leafHashDiffers, in: log) {
        var bytes = leaf.bytes
        bytes[position] ^= 1
        $0.entries[21].leafHash = Hash(bytes: bytes)
      }
    }
  }

  /// One damaged column does not make everything behind it look damaged.
  @Test func aDamagedEntryIsTheOnlyFinding() throws {
    var damaged = log
    damaged.entries[321].leafHash = nil
    #expect(try damaged.verify().findings.map(\.place) == [.entry(321)])
    damaged = log
    damaged.entries[321].plaintext = .failure(PeerChartError(.integrity, "the tag does not fit"))
    let report = try damaged.verify()
    #expect(report.findings.map(\.problem) == [.entryDoesNotOpen])
    #expect(report.signedSize == 700)
    damaged.entries[321].leafHash = nil
    #expect(try damaged.verify().root == nil)
  }

  @Test func everyFlippedByteOfACheckpointNamesIt() throws {
    let log = try StoredLog(size: 30, checkpointEvery: 10)
    let note = log.checkpoints[2].note
    for position in note.indices {
      for bit in [0, 5] {
        var damaged = log
        damaged.checkpoints[2].note[position] ^= 1 << bit
        let report = try damaged.verify()
        #expect(report.first?.place == .checkpoint(20), "byte \(position), bit \(bit)")
        #expect(report.findings.count == 1)
      }
    }
  }

  @Test func everyFlippedByteOfATileRootNamesIt() throws {
    let root = try #require(log.tiles[1]?[1])
    for position in 0..<Hash.byteCount {
      try expectFirst(.tile(level: 1, index: 1), .tileRootDiffers) {
        var bytes = root.bytes
        bytes[position] ^= 0x80
        $0.tiles[1]?[1] = Hash(bytes: bytes)
      }
    }
  }

  @Test func missingForeignAndMovedRowsAreNamed() throws {
    try expectFirst(.entry(256), .entryMissing) { $0.entries.remove(at: 256) }
    try expectFirst(.entry(0), .entryMissing) { $0.entries.removeFirst() }
    try expectFirst(.checkpoint(700), .checkpointBeyondLog) { $0.entries.removeLast() }
    try expectFirst(.entry(5), .entryOutOfOrder) { $0.entries.insert($0.entries[5], at: 6) }
    try expectFirst(.entry(10), .entryMissing) { $0.entries.swapAt(10, 11) }
    try expectFirst(.entry(.max), .entryOutOfOrder) { $0.entries[9].index = .max }
    try expectFirst(.tile(level: 1, index: 0), .tileRootMissing) { $0.tiles[1]?[0] = nil }
    try expectFirst(.tiles, .tileRootSuperfluous) { $0.tiles[2] = [0: .emptyTree] }
    try expectFirst(.checkpoint(301), .checkpointSizeDiffers) { $0.checkpoints[3].size = 301 }
    try expectFirst(.checkpoint(200), .checkpointOutOfOrder) { $0.checkpoints.swapAt(2, 3) }
    try expectFirst(.checkpoint(.max), .checkpointSizeDiffers) { $0.checkpoints[7].size = .max }
  }

  /// Somebody with the vault's keys but not the log's rewrites an entry and its leaf hash.
  @Test func aRewrittenEntryShowsInTilesAndCheckpoints() throws {
    var rewritten = log
    let entry = try AuditEntry(Fixture.event(.signIn), random: SystemRandom())
    rewritten.entries[130].plaintext = .success(entry.plaintext)
    rewritten.entries[130].leafHash = entry.leafHash
    let report = try rewritten.verify()
    #expect(report.first?.place == .checkpoint(200))
    #expect(report.first?.problem == .checkpointRootDiffers)
    #expect(report.findings.contains { $0.place == .tile(level: 1, index: 0) })
    #expect(report.signedSize == 100)
  }

  /// The history is cut and continued differently, signed by another key.
  @Test func anotherKeysCheckpointIsRefused() throws {
    try expectFirst(.checkpoint(700), .checkpointSignatureBad) { log in
      let name = log.name
      let frontier = try Checkpoint(origin: name, size: 700, root: .emptyTree)
      let signer = try NoteSigner(name: name, privateKey: Curve25519.Signing.PrivateKey())
      let forged = try SignedCheckpoint(frontier, signedBy: [signer])
      log.checkpoints[7].note = forged.bytes
    }
  }

  @Test func otherColumnsAreRechecked() throws {
    let report = try log.verify { $0.request == "request-77" ? "chart" : nil }
    #expect(report.findings.map(\.place) == [.entry(77)])
    #expect(report.first?.problem == .columnDiffers)
    #expect(report.first?.description.contains("chart") == true)
  }

  @Test func anEntryThatIsNoEventIsNamed() throws {
    var damaged = log
    let plaintext = [UInt8](repeating: 0x7B, count: 50)
    damaged.entries[699].plaintext = .success(plaintext)
    damaged.entries[699].leafHash = Hash.leaf(AuditEntry.commitment(toPlaintext: plaintext))
    #expect(try damaged.verify().first?.problem == .entryMalformed)
  }

  @Test func aFailingStoreIsNoFinding() throws {
    struct Failure: Error {}
    let key = try Ed25519NoteVerifier(name: log.name, publicKey: log.key.publicKey)
    #expect(throws: Failure.self) {
      _ = try LogVerifier(
        logKey: key, tileRoot: { _, _ in nil }, nextCheckpoint: { throw Failure() })
    }
    var verifier = try LogVerifier(
      logKey: key, tileRoot: { _, _ in throw Failure() }, nextCheckpoint: { nil })
    #expect(throws: Failure.self) {
      for entry in log.entries { try verifier.add(entry) }
    }
    #expect(throws: Failure.self) { _ = try log.verify { _ in throw Failure() } }
  }

  /// However much is damaged, the report stays small.
  @Test func findingsAreBounded() throws {
    var damaged = log
    for index in damaged.entries.indices { damaged.entries[index].leafHash = nil }
    let report = try damaged.verify()
    #expect(report.findings.count == LogReport.maximumFindings)
    #expect(report.findingCount == 700)
  }
}
