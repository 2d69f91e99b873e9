import Primitives
public import TransparencyLog

/// Recomputes a stored log and compares: the pure part of `audit verify`.
///
/// One pass, in constant memory: the caller hands over the entries in order, and the verifier asks
/// for tile roots and checkpoints as they become due. It trusts nothing but the log's public key.
/// What it cannot see is a log cut back to an earlier checkpoint together with its key: that takes a
/// checkpoint kept by somebody else.
public struct LogVerifier {
  private let logKey: any NoteVerifier
  private let witnesses: [any NoteVerifier]
  private let tileRoot: (_ level: Int, _ index: UInt64) throws -> Hash?
  private let nextCheckpoint: () throws -> StoredCheckpoint?

  private var frontier = Frontier()
  /// False once an entry is missing: from there on no root can be recomputed.
  private var isComplete = true
  private var expectedIndex: UInt64 = 0
  private var pending: StoredCheckpoint?
  private var largestCheckpoint: UInt64 = 0
  private var report = LogReport()

  /// - Parameters:
  ///   - logKey: the node's public key, named as the log's origin.
  ///   - witnesses: the keys of those who may have cosigned; a line by anybody else is a finding.
  ///   - tileRoot: looks up a stored tile root; nil where there is none.
  ///   - nextCheckpoint: brings the stored checkpoints one by one, the smallest first; nil at the end.
  ///
  /// Throws what `nextCheckpoint` throws: that the storage fails is no finding.
  public init(
    logKey: any NoteVerifier,
    witnesses: [any NoteVerifier] = [],
    tileRoot: @escaping (_ level: Int, _ index: UInt64) throws -> Hash?,
    nextCheckpoint: @escaping () throws -> StoredCheckpoint?
  ) throws {
    self.logKey = logKey
    self.witnesses = witnesses
    self.tileRoot = tileRoot
    self.nextCheckpoint = nextCheckpoint
    pending = try nextCheckpoint()
    try verifyDueCheckpoints()
  }

  /// Verifies the next entry. `recheck` compares further columns of the row with the opened event
  /// and returns the name of the first that differs, or nil.
  public mutating func add(
    _ entry: StoredEntry, recheck: (AuditEvent) throws -> String? = { _ in nil }
  ) throws {
    report.entries += 1
    guard checkOrder(of: entry.index) else { return }
    let leafHash = try leafHash(of: entry, recheck: recheck)
    guard isComplete, let leafHash else {
      isComplete = false
      return
    }
    var completed: [TileRoot] = []
    frontier.append(leafHash, completing: &completed)
    for root in completed { try verify(root) }
    try verifyDueCheckpoints()
  }

  /// Ends the pass. `storedTileRoots` is how many rows the table of tile roots has.
  public mutating func finish(storedTileRoots: UInt64) throws -> LogReport {
    while let checkpoint = pending {
      verifyOutside(checkpoint)
      pending = try nextCheckpoint()
    }
    let expected = TileRoot.count(size: expectedIndex)
    if storedTileRoots > expected {
      report.add(
        LogFinding(
          .tiles, .tileRootSuperfluous, "\(storedTileRoots) rows where \(expected) belong"))
    }
    report.root = isComplete ? frontier.root : nil
    return report
  }

  private mutating func checkOrder(of index: UInt64) -> Bool {
    if index == expectedIndex {
      expectedIndex += 1
      return true
    }
    isComplete = false
    guard index > expectedIndex, index < Frontier.maximumSize else {
      report.add(LogFinding(.entry(index), .entryOutOfOrder, "expected entry \(expectedIndex)"))
      return false
    }
    report.add(
      LogFinding(
        .entry(expectedIndex), .entryMissing,
        "the next entry is \(index); roots cannot be recomputed from here"))
    expectedIndex = index + 1
    return true
  }

  /// The leaf hash to go on with: recomputed, or as stored where the entry does not open.
  private mutating func leafHash(
    of entry: StoredEntry, recheck: (AuditEvent) throws -> String?
  ) throws -> Hash? {
    let place = LogFinding.Place.entry(entry.index)
    let plaintext: [UInt8]
    switch entry.plaintext {
    case .success(let bytes): plaintext = bytes
    case .failure(let error):
      report.add(LogFinding(place, .entryDoesNotOpen, error.reason))
      return entry.leafHash
    }
    let leafHash = Hash.leaf(AuditEntry.commitment(toPlaintext: plaintext))
    guard leafHash == entry.leafHash else {
      report.add(
        LogFinding(place, .leafHashDiffers, "the stored leaf hash is not that of the entry"))
      return leafHash
    }
    let opened: AuditEntry
    do {
      opened = try AuditEntry(plaintext: plaintext)
    } catch {
      report.add(LogFinding(place, .entryMalformed, error.reason))
      return leafHash
    }
    if let column = try recheck(opened.event) {
      report.add(LogFinding(place, .columnDiffers, "column \(column) does not fit the entry"))
    }
    return leafHash
  }

  private mutating func verify(_ root: TileRoot) throws {
    let place = LogFinding.Place.tile(level: root.level, index: root.index)
    guard let stored = try tileRoot(root.level, root.index) else {
      return report.add(
        LogFinding(place, .tileRootMissing, "the tile is complete, its root is not there"))
    }
    if stored != root.hash {
      report.add(LogFinding(place, .tileRootDiffers, "the stored root is not that of the tile"))
    }
  }
}

// MARK: Checkpoints

extension LogVerifier {
  /// Verifies the checkpoints that are due at the size reached.
  private mutating func verifyDueCheckpoints() throws {
    while let checkpoint = pending, checkpoint.size <= frontier.size {
      if checkpoint.size == frontier.size {
        verifyHere(checkpoint)
      } else {
        verifyOutside(checkpoint)
      }
      pending = try nextCheckpoint()
    }
  }

  /// A checkpoint whose tree is the one recomputed so far.
  private mutating func verifyHere(_ stored: StoredCheckpoint) {
    guard let checkpoint = verifySignature(of: stored) else { return }
    guard checkpoint.root == frontier.root else {
      return report.add(
        LogFinding(
          .checkpoint(stored.size), .checkpointRootDiffers,
          "the signed root is not that of the first \(stored.size) entries"))
    }
    report.signedSize = stored.size
  }

  /// A checkpoint whose root cannot be compared: behind the end, behind a gap, or out of order.
  private mutating func verifyOutside(_ stored: StoredCheckpoint) {
    let isInOrder = stored.size >= largestCheckpoint
    guard verifySignature(of: stored) != nil, isInOrder, stored.size > expectedIndex else { return }
    report.add(
      LogFinding(
        .checkpoint(stored.size), .checkpointBeyondLog,
        "the log was signed at \(stored.size) entries and has \(expectedIndex)"))
  }

  private mutating func verifySignature(of stored: StoredCheckpoint) -> Checkpoint? {
    let place = LogFinding.Place.checkpoint(stored.size)
    report.checkpoints += 1
    if stored.size < largestCheckpoint {
      report.add(LogFinding(place, .checkpointOutOfOrder, "a larger checkpoint came before"))
    }
    largestCheckpoint = max(largestCheckpoint, stored.size)
    do {
      let signed = try SignedCheckpoint(parsing: stored.note)
      try signed.verifyStrictly(by: logKey, witnesses: witnesses)
      guard signed.checkpoint.size == stored.size else {
        report.add(LogFinding(place, .checkpointSizeDiffers, "the row is filed under another size"))
        return nil
      }
      return signed.checkpoint
    } catch {
      let isSignature = error.code == .integrity
      report.add(
        LogFinding(
          place, isSignature ? .checkpointSignatureBad : .checkpointMalformed, error.reason))
      return nil
    }
  }
}
