import Audit
import Identity
import Primitives
import TransparencyLog

/// How proofs are put together.
extension Exchange {
  private static var anchorsAtOnce: Int { 64 }

  /// - Parameter plaintext: of the entry.
  /// - Returns: the proof, and the checkpoint to be kept for good because somebody outside will have it.
  /// - Throws: `not-found` where there is no checkpoint yet.
  func proof(
    of sequence: Int64, _ plaintext: [UInt8], in snapshot: any StoreSnapshot
  ) throws -> (bundle: ProofBundle, pinned: CheckpointRow) {
    let key = try logKey()
    let log = StoredLog(snapshot: snapshot, size: UInt64(clamping: try snapshot.auditSize()))
    let index = UInt64(clamping: sequence)
    let checkpoint = try newestCheckpoint(over: index, log, snapshot)
    let size = checkpoint.checkpoint.size
    let main = try LogProof(
      log.inclusionProof(of: index, in: size), checkpoint: checkpoint, extra: plaintext)
    let witnesses = try logWitnesses(in: snapshot).map(\.key).filter {
      $0.line(in: checkpoint.note.signatures, over: checkpoint.note.text) != nil
    }
    let bundle = try ProofBundle(
      log: key, witnesses: witnesses, proof: main,
      anchors: proofAnchors(over: index, log, snapshot))
    let own = checkpoint.only(key)
    return (
      bundle,
      CheckpointRow(
        size: Int64(clamping: size), note: String(decoding: own.bytes, as: UTF8.self), pinned: true)
    )
  }

  /// The published checkpoint, or, where that is not over the entry or not of this tree, the node's own.
  private func newestCheckpoint(
    over index: UInt64, _ log: StoredLog, _ snapshot: any StoreSnapshot
  ) throws -> SignedCheckpoint {
    if let published = try ownLog(in: snapshot).signedPublished(),
      published.checkpoint.size > index, published.checkpoint.size <= log.size,
      try log.root(at: published.checkpoint.size) == published.checkpoint.root
    {
      return published
    }
    guard let newest = try snapshot.newestCheckpoint() else {
      throw PeerChartError(.notFound, "the log has no checkpoint yet")
    }
    return try SignedCheckpoint(parsing: Array(newest.note.utf8))
  }

  // MARK: Anchors

  /// Of each provider the oldest anchor over the entry that has arrived somewhere: it shows best since when the
  /// entry has been there.
  private func proofAnchors(
    over index: UInt64, _ log: StoredLog, _ snapshot: any StoreSnapshot
  ) throws -> [ProofAnchor] {
    var anchors: [ProofAnchor] = []
    for place in try items(.anchorPlace, as: AnchorPlace.self, in: snapshot).map(\.value) {
      let registry: EthereumAddress? =
        if case .chain(let chain) = place.target {
          try chain.registry ?? anchorTurn(place.name, in: snapshot).registry
        } else {
          nil
        }
      for record in try records(of: place.name, over: index, snapshot) {
        guard let evidence = try Self.evidence(record, place, registry),
          let proof = try anchoredProof(record, index, log)
        else { continue }
        anchors.append(try ProofAnchor(evidence, proof: proof))
        break
      }
    }
    return Array(anchors.sorted().prefix(ProofBundle.maximumAnchors))
  }

  /// What is settled first, each in the order of sizes.
  private func records(
    of place: String, over index: UInt64, _ snapshot: any StoreSnapshot
  ) throws -> [LogAnchorRecord] {
    let settled = try snapshot.items(
      .logAnchor, prefix: LogAnchorRecord.checkpointPrefix(place),
      after: LogAnchorRecord.checkpointKey(place, size: index), limit: Self.anchorsAtOnce
    ).map { row in
      let record: LogAnchorRecord = try decode(row.sealed, .logAnchor, row.key)
      return record
    }
    let open = try openAnchors(place, in: snapshot)
      .filter { $0.checkpoint != nil && UInt64(clamping: $0.number) > index }
    return settled + open
  }

  private static func evidence(
    _ record: LogAnchorRecord, _ place: AnchorPlace, _ registry: EthereumAddress?
  ) throws -> ProofAnchor.Evidence? {
    guard record.state != .failed else { return nil }
    switch place.target {
    case .chain(let chain):
      guard let registry, let account = place.key?.address, let block = record.block,
        let transaction = Hash(bytes: Array(block.transaction))
      else { return nil }
      return .chain(
        ProofAnchor.ChainPlace(
          chain: chain.chainID, registry: registry, account: account, block: block.number,
          transaction: transaction))
    case .calendars: return record.proof.map { .calendar(Array($0)) }
    case .authority:
      return try record.proof.map { .authority(try TimeStampToken(parsing: Array($0)).reply) }
    }
  }

  /// The entry under what was anchored; nil where the log has another root there, as after an older backup.
  ///
  /// The checkpoint is signed once more, which gives the same bytes that the log signed then.
  private func anchoredProof(
    _ record: LogAnchorRecord, _ index: UInt64, _ log: StoredLog
  ) throws -> LogProof? {
    guard let checkpoint = record.checkpoint?.checkpoint,
      checkpoint.size > index, checkpoint.size <= log.size,
      checkpoint.origin == Self.logOrigin(nodeID),
      try log.root(at: checkpoint.size) == checkpoint.root
    else { return nil }
    let signer = try NoteSigner(name: checkpoint.origin, privateKey: identity.signing)
    return try LogProof(
      log.inclusionProof(of: index, in: checkpoint.size),
      checkpoint: SignedCheckpoint(checkpoint, signedBy: [signer]))
  }
}
