import Audit
public import Consent
import Crypto
import FHIR
import Foundation
import Identity
public import Primitives
public import SecDocument
import TransparencyLog

/// Whom a document is sealed to.
public enum DocumentRecipient: Sendable {
  /// A paired node; nil is this node itself.
  case node(NodeID?)
  case passphrase(Redacted<[UInt8]>)
  /// A bare X25519 public key.
  case x25519([UInt8])
}

/// What came of issuing.
public struct IssuedDocument: Sendable {
  public let digest: DocumentDigest
  public let byteCount: UInt64
  /// Its place in this node's log.
  public let sequence: Int64
}

extension Exchange {
  /// Issues a `.sec` document: sealed to its readers, signed by this node, in this node's log, with
  /// the proof of that inside. Constant memory, whatever the size.
  ///
  /// The caller keeps what `sink` got out of sight until this returns: a document counts once it is in
  /// the log.
  ///
  /// - Parameter patient: whom it is about, for the patient's audit view; nil for none of this node.
  public func issue<Source: SecSource, Sink: SecSink>(
    _ source: Source, to sink: inout Sink, draft: SecDraft, recipients: [DocumentRecipient],
    patient: String?, as caller: Caller
  ) async throws -> IssuedDocument {
    try require(.issueDocuments, caller)
    if let predecessor = draft.predecessor {
      try await store.read { [self] snapshot in
        _ = try replaceable(predecessor, in: snapshot)
      }
    }
    let sealedTo = try await recipients.asyncMap { try await secRecipient($0) }
    let sealed = try SecWriter.seal(
      source, to: &sink, draft: draft, recipients: sealedTo, signer: signer, random: random)
    let entry = try await log(
      sealed.digest, replacing: draft.predecessor, recipients, patient, caller)
    let (sequence, proof) = try await documentProof(entry)
    let section = try SecFile.proofSection(proof)
    try section.withUnsafeBytes { try sink.write($0) }
    return IssuedDocument(
      digest: sealed.digest, byteCount: sealed.byteCount + UInt64(section.count), sequence: sequence
    )
  }

  private func secRecipient(_ recipient: DocumentRecipient) async throws -> SecRecipient {
    switch recipient {
    case .passphrase(let passphrase): return .passphrase(passphrase)
    case .x25519(let key): return .x25519(publicKey: key)
    case .node(nil): return .xwing(publicKey: Array(identity.sealing.publicKey.rawRepresentation))
    case .node(let node?):
      guard let peer = try await store.read({ [self] in try peer(node, in: $0) }) else {
        throw PeerChartError(.notFound, "this node is not paired with that one")
      }
      return .xwing(publicKey: try peer.verified().keys.sealingBytes)
    }
  }

  /// Logs a document twice: once for the proof that travels with it, which names nobody, and once for
  /// the patient's view. What is needed to tell later how it stands is kept with it.
  private func log(
    _ digest: DocumentDigest, replacing predecessor: DocumentDigest?,
    _ recipients: [DocumentRecipient], _ patient: String?, _ caller: Caller
  ) async throws -> PreparedDocumentEntry {
    let salt = random.bytes(IssuedDocumentRecord.saltLength)
    guard let key = IssuedDocumentRecord.statusKey(digest, salt: salt) else {
      throw PeerChartError(.invalid, "a salt has 32 bytes")
    }
    return try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      let now = reading.time.millisecondsSinceEpoch
      var issued = EventDraft(kind: .documentIssued)
      var passage = Passage<PreparedDocumentEntry>(
        outcome: .failure(PeerChartError(.storage, "the document has no entry")))
      passage.change(
        try keeping(
          .issuedDocument, digest.bytes,
          IssuedDocumentRecord(salt: Data(salt), issuedAt: now, patient: patient)), &issued)
      let way = try keeping(.documentStatus, key.bytes, digest.bytes)
      passage.also { try way.apply($0) }
      var detail = [IssuedDocumentRecord.saltDetail: Hex.encode(salt)]
      if let predecessor {
        var record = try replaceable(predecessor, in: snapshot)
        record.superseded = IssuedDocumentRecord.Superseded(at: now, by: Data(digest.bytes))
        detail["replaces"] = predecessor.description
        passage.change(
          try keeping(.issuedDocument, predecessor.bytes, record, after: snapshot), &issued)
      }
      let open = try documentEntry(issued, about: digest, detail, at: reading.time)
      passage.entries = [open.prepared]
      passage.outcome = .success(
        PreparedDocumentEntry(plaintext: open.plaintext, leafHash: open.prepared.leafHash))
      if let patient {
        var draft = EventDraft(kind: .export, action: .export)
        draft.patient = patient
        draft.detail = ["document": digest.description, "to": Self.names(recipients)]
        passage.entries.append(try entry(draft, reading))
      }
      return passage
    }
  }

  /// - Throws: `not-found` for a document of another node; `conflict` for one that was replaced already: what
  ///   follows replaces the newest.
  private func replaceable(
    _ digest: DocumentDigest, in snapshot: any StoreSnapshot
  ) throws -> IssuedDocumentRecord {
    let record = try issuedDocument(digest, in: snapshot)
    guard record.superseded == nil else {
      throw PeerChartError(
        .conflict, "that document was replaced already; replace the newest one instead")
    }
    return record
  }

  private static func names(_ recipients: [DocumentRecipient]) -> String {
    recipients.map { recipient in
      switch recipient {
      case .node(let node): node?.description ?? "self"
      case .passphrase: "passphrase"
      case .x25519: "x25519"
      }
    }.joined(separator: " ")
  }

  private func documentProof(_ entry: PreparedDocumentEntry) async throws -> (Int64, [UInt8]) {
    try await store.write { [self] transaction in
      let size = try transaction.auditSize()
      let start = max(0, size - 10_000)
      guard
        let offset = try transaction.leafHashes(from: start, to: size)
          .lastIndex(of: entry.leafHash)
      else { throw PeerChartError(.storage, "the document's entry is not in the log") }
      let sequence = start + Int64(offset)
      let (bundle, pinned) = try proof(of: sequence, entry.plaintext, in: transaction)
      try transaction.putCheckpoint(pinned)
      return (sequence, try bundle.fitting(ProofBundle.maximumSectionLength).bytes)
    }
  }

  private struct PreparedDocumentEntry: Sendable {
    let plaintext: [UInt8]
    let leafHash: [UInt8]
  }

  /// The records of a chart as one FHIR collection Bundle, for a document. On record as an export.
  public func chartBundle(
    of patient: String, types: RecordTypeSet?, as caller: Caller
  ) async throws -> [UInt8] {
    // A base that leads nowhere, but by which references within the bundle resolve (R4 2.36.4.1).
    let base = "https://\(nodeID.fingerprint.lowercased()).peerchart.invalid/fhir"
    var writer = BundleWriter(.collection, timestamp: clock.now())
    var bytes = writer.opening
    _ = try await export(.patient(patient), types: types, as: caller) { resources in
      for resource in resources {
        bytes += writer.entry(
          fullUrl: "\(base)/\(resource.type)/\(resource.id)", resource: resource.json)
      }
    }
    return bytes + writer.closing
  }

  /// Hands a finished `.sec` document to a paired node.
  public func deliver(
    document: [UInt8], title: String, to node: NodeID, as caller: Caller
  ) async throws {
    try require(.issueDocuments, caller)
    try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard let peer = try peer(node, in: snapshot) else {
        throw PeerChartError(.notFound, "this node is not paired with that one")
      }
      let row = try outgoing(
        .document(DocumentMessage(document: .init(document), title: title)), to: peer)
      var draft = EventDraft(kind: .disclosure, action: .export)
      draft.detail = ["peer": peer.node, "message": Hex.encode(row.id)]
      return Passage(outcome: .success(()), entries: [try entry(draft, reading)]) {
        try $0.putOutbox(row)
      }
    }
    signalOutbox()
  }
}

extension Sequence {
  func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await transform(element)) }
    return values
  }
}
