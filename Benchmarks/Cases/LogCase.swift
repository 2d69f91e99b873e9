import Audit
import Crypto
import Exchange
import Foundation
import Primitives
import Storage
import TransparencyLog

/// Proofs out of a log of ten million entries, how they are checked, and what an entry takes on the disk.
///
/// The entries of the large log are hashes of nothing: the tree, the tables and the keeper of checkpoints are the
/// real ones, and nobody opens an entry here.
struct LogCase {
  /// Microseconds to make a proof, at most.
  static let makingTarget = 1000.0
  /// Microseconds to check one with its signatures, at most.
  static let checkingTarget = 1000.0
  /// Bytes of an entry on the disk, at most.
  static let bytesTarget = 1000.0
  private static let batch = 50_000
  private static let realEntries = 50_000
  private static let witnessCount = 2

  let folder: TemporaryFolder
  let entries: Int
  let span: Double

  func run() async throws -> [Figure] {
    let keys = BenchKeys()
    let store = try await fill(keys)
    let (made, proofs) = try await make(store, keys)
    await store.close()
    return made + (try check(proofs, keys)) + [try await bytes()]
  }

  // MARK: The log

  private func fill(_ keys: BenchKeys) async throws -> SQLiteStore {
    let keeper = CheckpointKeeper()
    try keeper.arm(origin: BenchKeys.origin, signingKey: keys.log)
    let store = try SQLiteStore(path: folder.file("large.sqlite"), sequencer: keeper)
    for start in stride(from: 0, to: entries, by: Self.batch) {
      let end = min(entries, start + Self.batch)
      try await store.write { transaction in
        for number in start..<end {
          _ = try transaction.appendAudit(
            slot: nil, sealed: [0], leafHash: Self.leaf(number).bytes)
        }
      }
    }
    guard try await store.read({ try $0.auditSize() }) == Int64(entries) else {
      throw BenchFailure("the large log is not there")
    }
    return store
  }

  private static func leaf(_ number: Int) -> Hash {
    Hash.leaf(withUnsafeBytes(of: UInt64(number).bigEndian, Array.init))
  }

  // MARK: Making

  private func make(
    _ store: SQLiteStore, _ keys: BenchKeys
  ) async throws -> (figures: [Figure], proofs: [(entry: [UInt8], bundle: [UInt8])]) {
    let span = span
    let size = UInt64(entries)
    let signed = try await store.read { snapshot in
      guard let newest = try snapshot.newestCheckpoint() else {
        throw BenchFailure("no checkpoint")
      }
      return try SignedCheckpoint(parsing: Array(newest.note.utf8))
    }
    let cosigned = try keys.cosign(signed)
    // Entries that are far apart: each proof reads other tiles.
    let step = UInt64(entries) &* 618_033_989 / 1_000_000_000 | 1
    let (samples, paths) = try await store.read { snapshot in
      let log = StoredHashes(snapshot: snapshot, size: size)
      var index: UInt64 = 0
      var last: [InclusionProof] = []
      let samples = try Samples.collect(batch: 16, span: span) {
        index = (index + step) % size
        let proof = try log.inclusionProof(of: index, in: size)
        if last.count < 64 { last.append(proof) }
      }
      return (samples.quantile(), last)
    }
    for path in paths {
      guard path.verifies(leafHash: Self.leaf(Int(path.index)), root: signed.checkpoint.root) else {
        throw BenchFailure("a proof does not hold")
      }
    }
    let proofs = try paths.map { path in
      let bundle = try ProofBundle(
        log: keys.logKey, witnesses: keys.witnessKeys,
        proof: LogProof(path, checkpoint: cosigned, extra: [1]))
      return (Self.leaf(Int(path.index)).bytes, bundle.bytes)
    }
    let figure = Figure(
      name: "inclusion proof made", value: samples * 1e6, unit: "µs",
      target: Figure.atMost(Self.makingTarget),
      note:
        "of \(entries) entries in the store, entries far apart; \(paths.first?.path.count ?? 0) "
        + "hashes, a file of \(proofs.first?.1.count ?? 0) bytes with \(Self.witnessCount) cosignatures"
    )
    return ([figure], proofs)
  }

  // MARK: Checking

  private func check(
    _ proofs: [(entry: [UInt8], bundle: [UInt8])], _ keys: BenchKeys
  ) throws -> [Figure] {
    var next = 0
    func one() throws -> (leaf: Hash, bytes: [UInt8]) {
      next = (next + 1) % proofs.count
      guard let leaf = Hash(bytes: proofs[next].entry) else { throw BenchFailure("no hash") }
      return (leaf, proofs[next].bundle)
    }
    let parsed = try proofs.map { try ProofBundle(parsing: $0.bundle) }
    let (logKey, witnessKeys) = try (keys.logKey, keys.witnessKeys)
    let path = try Samples.collect(batch: 64, span: span / 2) {
      let leaf = try one().leaf
      guard
        parsed[next].proof.inclusion.verifies(
          leafHash: leaf, root: parsed[next].checkpoint.checkpoint.root)
      else { throw BenchFailure("a proof does not hold") }
    }.quantile()
    let whole = try Samples.collect(batch: 16, span: span / 2) {
      let (leaf, bytes) = try one()
      let bundle = try ProofBundle(parsing: bytes)
      try bundle.proof.verify(leafHash: leaf, logKey: logKey)
      for witness in witnessKeys {
        guard witness.cosignature(of: bundle.checkpoint.note) != nil else {
          throw BenchFailure("a cosignature does not hold")
        }
      }
    }.quantile()
    return [
      Figure(
        name: "inclusion proof verified", value: path * 1e6, unit: "µs",
        note: "of \(entries) entries; the path alone, without parsing and signatures"),
      Figure(
        name: "proof file verified", value: whole * 1e6, unit: "µs",
        target: Figure.atMost(Self.checkingTarget),
        note: "parsed, the path, the log's signature and \(Self.witnessCount) cosignatures"),
    ]
  }

  // MARK: On the disk

  /// Entries as a read of a record leaves them.
  private func bytes() async throws -> Figure {
    let keeper = CheckpointKeeper()
    try keeper.arm(origin: BenchKeys.origin, signingKey: Curve25519.Signing.PrivateKey())
    let path = folder.file("real.sqlite")
    let store = try SQLiteStore(path: path, sequencer: keeper)
    let maker = EntryMaker()
    let commit = 8
    for start in stride(from: 0, to: Self.realEntries, by: commit) {
      let entries = try (start..<start + commit).map { try maker.entry(number: $0) }
      try await store.write { transaction in
        for entry in entries {
          _ = try transaction.appendAudit(
            slot: nil, sealed: entry.sealed, leafHash: entry.leafHash)
        }
      }
    }
    await store.close()
    let parts = try BareSQLite(reading: path).table(
      "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC")
    let each = { (bytes: Double) in bytes / Double(Self.realEntries) }
    let sealed = try maker.entry(number: 0).sealed.count
    let list = parts.filter { each($0.value) >= 0.5 }
      .map { "\($0.name) \(FigureTable.text(each($0.value)))" }.joined(separator: ", ")
    return Figure(
      name: "bytes an entry", value: each(parts.reduce(0) { $0 + $1.value }), unit: "bytes",
      target: Figure.atMost(Self.bytesTarget),
      peer: Figure.Peer(name: "the sealed entry alone", value: Double(sealed)),
      note: "of \(Self.realEntries) entries as reads leave them: \(list)")
  }
}

/// The log as it lies in a store.
private struct StoredHashes: LogView {
  let snapshot: any StoreSnapshot
  let size: UInt64

  func leafHashes(_ range: Range<UInt64>) throws -> [Hash] {
    try snapshot.leafHashes(from: Int64(range.lowerBound), to: Int64(range.upperBound))
      .compactMap { Hash(bytes: $0) }
  }

  func tileRoots(level: Int, _ range: Range<UInt64>) throws -> [Hash] {
    try snapshot.tileRoots(
      level: level, from: Int64(range.lowerBound), to: Int64(range.upperBound)
    ).compactMap { Hash(bytes: $0) }
  }
}

/// A log's key and its witnesses'.
private struct BenchKeys: Sendable {
  static let origin = "example.org/bench"
  let log = Curve25519.Signing.PrivateKey()
  let witnesses = [Curve25519.Signing.PrivateKey(), Curve25519.Signing.PrivateKey()]

  var logKey: Ed25519NoteVerifier {
    get throws { try Ed25519NoteVerifier(name: Self.origin, publicKey: log.publicKey) }
  }

  var witnessKeys: [CosignatureVerifier] {
    get throws {
      try witnesses.enumerated().map { number, key in
        try CosignatureVerifier(name: "example.org/witness\(number)", publicKey: key.publicKey)
      }
    }
  }

  func cosign(_ signed: SignedCheckpoint) throws -> SignedCheckpoint {
    let text = Array(signed.note.text.utf8)
    return signed.adding(
      try witnesses.enumerated().map { number, key in
        try NoteSigner(witness: "example.org/witness\(number)", privateKey: key, at: 1_772_355_600)
          .signature(for: text)
      })
  }
}
