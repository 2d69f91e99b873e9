import Audit
import Consent
import Foundation
public import Identity
public import Primitives
public import SecDocument
import TransparencyLog

/// What came of revoking a document.
public struct RevokedDocument: Sendable {
  public let digest: DocumentDigest
  /// Since when it counts as revoked: the first time, however often it is revoked.
  public let since: Instant
  public let reason: DocumentRevocationReason
  /// By which its status is asked for, in hexadecimal.
  public let key: String
  /// The providers at whose chains it is going to be written down as well.
  public let chains: [String]
}

extension Exchange {
  /// Takes back a document that this node issued. From now on whoever asks hears of it; where the log is
  /// anchored on a chain, its salted key is going to be written there too.
  ///
  /// Doing it twice does it once: what was said first stays.
  ///
  /// - Throws: `forbidden`, `step-up-required`; `not-found` for a document that this node has not issued.
  public func revoke(
    document digest: DocumentDigest, reason: DocumentRevocationReason, as caller: Caller
  ) async throws -> RevokedDocument {
    try await pass { [self] snapshot in
      try require(.issueDocuments, caller)
      let reading = Reading(self, snapshot, caller)
      var record = try issuedDocument(digest, in: snapshot)
      guard let key = IssuedDocumentRecord.statusKey(digest, salt: Array(record.salt)) else {
        throw PeerChartError(.storage, "what is kept of the document cannot be read")
      }
      if let revoked = record.revoked {
        return Passage(outcome: .success(RevokedDocument(digest, revoked, key, chains: [])))
      }
      let now = reading.time.millisecondsSinceEpoch
      let revoked = IssuedDocumentRecord.Revoked(at: now, reason: reason)
      record.revoked = revoked
      let anchors = try revocationAnchors(key, record, at: now, in: snapshot)
      var passage = Passage(
        outcome: .success(
          RevokedDocument(digest, revoked, key, chains: anchors.map(\.place))))
      var draft = EventDraft(kind: .documentRevoked)
      passage.change(
        try keeping(.issuedDocument, digest.bytes, record, after: snapshot), &draft)
      // The entry for others names nobody; the one for the patient's view says who did it.
      passage.entries = [
        try documentEntry(
          draft, about: digest, ["reason": reason.rawValue], at: reading.time
        ).prepared
      ]
      var told = EventDraft(kind: .documentRevoked)
      told.patient = record.patient
      told.detail = ["document": digest.description, "reason": reason.rawValue]
      passage.entries.append(try entry(told, reading))
      passage.also { [self] transaction in
        for anchor in anchors { try put(anchor, transaction) }
      }
      return passage
    }
  }

  /// Of each chain that has a registry, what is to be sent there.
  private func revocationAnchors(
    _ key: Hash, _ record: IssuedDocumentRecord, at now: Int64, in snapshot: any StoreSnapshot
  ) throws -> [LogAnchorRecord] {
    try items(.anchorPlace, as: AnchorPlace.self, in: snapshot).compactMap { _, place in
      guard case .chain(let chain) = place.target,
        try chain.registry ?? anchorTurn(place.name, in: snapshot).registry != nil
      else { return nil }
      func anchor(_ number: Int64) -> LogAnchorRecord {
        LogAnchorRecord(
          place: place.name,
          subject: .revocation(key: Data(key.bytes), salt: record.salt), number: number, at: now)
      }
      // Revocations of the same millisecond stand one behind the other.
      var number = now
      while try [false, true].contains(where: {
        try snapshot.item(.logAnchor, key: anchor(number).key(settled: $0)) != nil
      }) { number += 1 }
      return anchor(number)
    }
  }

  /// An entry about a document that can be shown to others as a proof: its actor is the node, and it names
  /// nobody.
  func documentEntry(
    _ draft: EventDraft, about digest: DocumentDigest, _ detail: [String: String], at time: Instant
  ) throws -> (prepared: PreparedEntry, plaintext: [UInt8]) {
    var event = AuditEvent(
      id: AuditEventID(random: random), time: time, kind: draft.kind,
      actor: AuditActor(kind: .node, id: nodeID.description))
    event.detail = detail.merging(["document": digest.description]) { $1 }
    event.detail.merge(try draft.itemDetail) { $1 }
    let open = try AuditEntry(event, random: random)
    let leafHash = open.leafHash.bytes
    let prepared = PreparedEntry(
      slot: nil, sealed: try keys.sealEntry(open.plaintext, slot: nil, leafHash: leafHash),
      leafHash: leafHash)
    return (prepared, open.plaintext)
  }
}

extension RevokedDocument {
  fileprivate init(
    _ digest: DocumentDigest, _ revoked: IssuedDocumentRecord.Revoked, _ key: Hash,
    chains: [String]
  ) {
    self.init(
      digest: digest, since: Instant(millisecondsSinceEpoch: revoked.at), reason: revoked.reason,
      key: Hex.encode(key.bytes), chains: chains)
  }
}
