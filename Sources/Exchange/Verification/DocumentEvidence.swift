import Audit
import Identity
import Primitives
import SecDocument
import TransparencyLog

/// What the proof section of a document says: the entry about a document in its issuer's log.
struct DocumentEvidence: Sendable {
  let bundle: ProofBundle
  let entry: AuditEntry
  let digest: DocumentDigest
  /// The issuer by its own word: the node whose log it is.
  let issuer: NodeID
  /// With it the issuer can be asked how the document stands; nil where the entry has none.
  let salt: [UInt8]?

  /// - Throws: `malformed`, `tooLarge`, `unsupportedVersion` for what is no proof in its one form;
  ///   `integrity` for one that is about something else than a document of the log's node.
  init(parsing proof: [UInt8]) throws {
    bundle = try ProofBundle(parsing: proof)
    entry = try bundle.auditEntry()
    guard case .documentIssued(let text) = ProofSubject(entry.event),
      let digest = DocumentDigest(text), let issuer = NodeID(entry.event.actor.id),
      entry.event.actor.kind == .node, bundle.node == issuer.description
    else { throw PeerChartError(.integrity, "the proof is about something else than a document") }
    self.digest = digest
    self.issuer = issuer
    salt = entry.event.detail[IssuedDocumentRecord.saltDetail].flatMap { Hex.decode($0) }
  }

  /// By which the issuer is asked; nil where the entry has no salt.
  var statusKey: Hash? { salt.flatMap { IssuedDocumentRecord.statusKey(digest, salt: $0) } }
}
