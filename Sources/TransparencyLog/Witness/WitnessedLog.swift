/// A log as a witness follows it, and what the witness decides about a request (C2SP tlog-witness). Pure:
/// whoever keeps `latest` changes it together with sending the cosignature, all or nothing.
public struct WitnessedLog: Sendable {
  /// What to do with a request.
  public enum Decision: Sendable {
    /// Keep this checkpoint, which bears the log's signature only, and then cosign it.
    case cosign(SignedCheckpoint)
    case refuse(WitnessAnswer, Doubt?)
  }

  /// What a refused request says about the log. It can come from anybody; what bears the log's signature is
  /// the log's word nevertheless.
  public enum Doubt: Hashable, Sendable {
    /// The log's own signatures show two histories.
    case proven(SplitView)
    /// The log has signed this, and it was not shown to continue what was seen. An old checkpoint that somebody
    /// sends once more looks like this as well: the witness has to look for itself.
    case unconnected(SignedCheckpoint)
  }

  public let key: Ed25519NoteVerifier
  /// The latest checkpoint that was cosigned; nil for none.
  public let latest: SignedCheckpoint?

  public init(key: Ed25519NoteVerifier, latest: SignedCheckpoint?) {
    self.key = key
    self.latest = latest
  }

  /// Decides. Costs one signature and at most 126 hashes.
  public func decide(_ request: AddCheckpointRequest) -> Decision {
    let new = request.checkpoint.checkpoint
    guard new.origin.utf8.elementsEqual(key.name.utf8) else { return .refuse(.unknownLog, nil) }
    guard (try? request.checkpoint.verify(by: key)) != nil else {
      return .refuse(.notSigned, nil)
    }
    guard request.oldSize <= new.size else { return .refuse(.malformed, nil) }
    let signed = request.checkpoint.only(key)
    let oldSize = latest?.checkpoint.size ?? 0
    guard request.oldSize == oldSize else {
      return .refuse(.stale(size: oldSize), doubt(about: signed))
    }
    guard oldSize > 0, let latest else {
      // Growth from nothing needs no proof, and has none.
      let isEmpty = new.size > 0 || new.root == Hash.emptyTree
      return request.proof.isEmpty && isEmpty ? .cosign(signed) : .refuse(.unproven, nil)
    }
    if new.size == oldSize, new.root != latest.checkpoint.root {
      return .refuse(.stale(size: oldSize), .proven(SplitView(latest, signed)))
    }
    let proof = ConsistencyProof(oldSize: oldSize, newSize: new.size, path: request.proof)
    if proof.verifies(oldRoot: latest.checkpoint.root, newRoot: new.root) { return .cosign(signed) }
    guard let other = proof.oldRoot(leadingTo: new.root), other != latest.checkpoint.root else {
      return .refuse(.unproven, .unconnected(signed))
    }
    return .refuse(
      .unproven, .proven(SplitView(latest, signed, otherRoot: other, proof: request.proof)))
  }

  /// What a checkpoint says that came with another old size than ours.
  private func doubt(about signed: SignedCheckpoint) -> Doubt? {
    guard let latest, signed.checkpoint.size <= latest.checkpoint.size, signed.checkpoint.size > 0
    else { return nil }
    guard signed.checkpoint.size == latest.checkpoint.size else { return .unconnected(signed) }
    return signed.checkpoint.root == latest.checkpoint.root
      ? nil : .proven(SplitView(latest, signed))
  }
}
