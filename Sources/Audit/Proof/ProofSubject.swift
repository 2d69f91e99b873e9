public import Primitives
public import TransparencyLog

/// What a proof is about, by the event that it carries.
public enum ProofSubject: Hashable, Sendable {
  /// Who looked, and everything else that has no case of its own.
  case entry(AuditEventKind)
  /// A consent that was given, by the id of its Consent.
  case grant(id: String)
  /// A consent that was taken back, by the id of its Consent.
  case revocation(id: String)
  /// A `.sec` document, by its digest in hexadecimal.
  case documentIssued(digest: String)
  /// A `.sec` document that its issuer took back.
  case documentRevoked(digest: String)

  public init(_ event: AuditEvent) {
    let document = event.detail["document"]
    let consent = event.consents.first
    switch (event.kind.rawValue, document, consent) {
    case ("grant", _, let id?): self = .grant(id: id)
    case ("revoke", _, let id?): self = .revocation(id: id)
    case ("document-issued", let digest?, _): self = .documentIssued(digest: digest)
    case ("document-revoked", let digest?, _): self = .documentRevoked(digest: digest)
    default: self = .entry(event.kind)
    }
  }
}

extension ProofBundle {
  /// The audit entry that the bundle carries. That it is in the log is for `report` to say.
  ///
  /// - Throws: `malformed`, `tooLarge`, `unsupportedVersion`.
  public func auditEntry() throws(PeerChartError) -> AuditEntry {
    try AuditEntry(plaintext: entry)
  }
}
