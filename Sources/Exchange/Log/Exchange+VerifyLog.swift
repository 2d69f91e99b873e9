import Audit
import Crypto
import Identity
import Primitives
import TransparencyLog

/// What `audit verify` found.
public struct AuditVerification: Sendable, Encodable {
  public let entries: UInt64
  public let checkpoints: Int
  public let signedSize: UInt64?
  public let root: String?
  public let verified: Bool
  /// What does not fit, the first place first.
  public let findings: [String]
}

extension Exchange {
  private static var verifyBatch: Int { 1000 }

  /// Recomputes the whole log from what is stored, and compares: every entry is opened and hashed, every
  /// tile root and the root under every checkpoint computed anew. Then the small sealed things and the
  /// Consents are held against what the entries say about them, so that an old copy is noticed; and
  /// every large body must be where its row says.
  ///
  /// - Parameter progress: called with the number of entries looked at since the last call.
  public func verifyAudit(progress: @escaping @Sendable (Int) -> Void) async throws
    -> AuditVerification
  {
    let logKey = try Ed25519NoteVerifier(
      name: Self.logOrigin(nodeID), publicKey: identity.signing.publicKey)
    let bodies = try await store.checkBodies()
    let bodyFindings =
      bodies.missing == 0
      ? [] : ["body-missing: \(bodies.missing) of \(bodies.count) large bodies are not there"]
    return try await store.read { [self] snapshot in
      var checkpoints = try snapshot.checkpoints()[...]
      var verifier = try LogVerifier(
        logKey: logKey,
        tileRoot: { level, index in
          try snapshot.tileRoots(
            level: level, from: Int64(clamping: index), to: Int64(clamping: index) + 1
          )
          .first.flatMap { Hash(bytes: $0) }
        },
        nextCheckpoint: {
          checkpoints.popFirst().map {
            StoredCheckpoint(size: UInt64(bitPattern: $0.size), note: Array($0.note.utf8))
          }
        })
      var ledger = ItemLedger()
      var sequence = Int64.min
      while true {
        let rows = try snapshot.auditRows(from: sequence, limit: Self.verifyBatch)
        for row in rows { try add(row, to: &verifier, &ledger, snapshot) }
        progress(rows.count)
        guard let last = rows.last, last.sequence < .max else { break }
        sequence = last.sequence + 1
      }
      let report = try verifier.finish(storedTileRoots: try Self.tileRootCount(snapshot))
      try ledger.compare(snapshot, keys)
      return AuditVerification(
        entries: report.entries, checkpoints: report.checkpoints, signedSize: report.signedSize,
        root: report.root?.description,
        verified: report.isClean && Self.isSigned(report) && ledger.findings.isEmpty
          && bodies.missing == 0,
        findings: report.findings.map(\.description)
          + (Self.isSigned(report) ? [] : ["the newest entries are under no checkpoint"])
          + ledger.findings + bodyFindings)
    }
  }

  /// Every commit leaves a checkpoint over all entries, so nothing may lie beyond the newest.
  private static func isSigned(_ report: LogReport) -> Bool {
    report.entries == 0 || report.signedSize == report.entries
  }

  private func add(
    _ row: AuditRow, to verifier: inout LogVerifier, _ ledger: inout ItemLedger,
    _ snapshot: any StoreSnapshot
  ) throws {
    let plaintext = Result { try keys.openEntry(row) }.mapError(PeerChartError.init(wrapping:))
    let entry = StoredEntry(
      index: UInt64(bitPattern: row.sequence), leafHash: Hash(bytes: row.leafHash),
      plaintext: plaintext)
    try verifier.add(entry) { event in
      ledger.follow(event, entry: row.sequence)
      guard let patient = event.patient?.dropFirst("Patient/".count) else {
        return row.slot == nil ? nil : "slot"
      }
      let slot = try snapshot.chart(tag: keys.chartTag(String(patient)))?.slot
      // An entry about a patient who had no chart yet stands under none.
      return row.slot == nil || row.slot == slot ? nil : "slot"
    }
  }

  private static func tileRootCount(_ snapshot: any StoreSnapshot) throws -> UInt64 {
    var count: UInt64 = 0
    var last = (level: -1, index: Int64(-1))
    while true {
      let rows = try snapshot.tileRoots(afterLevel: last.level, index: last.index, limit: 1000)
      count += UInt64(rows.count)
      guard let row = rows.last, rows.count == 1000 else { return count }
      last = (row.level, row.index)
    }
  }
}
