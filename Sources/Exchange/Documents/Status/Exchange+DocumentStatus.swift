import Identity
import Primitives
import SecDocument
import TransparencyLog

extension Exchange {
  /// What this node says at this moment of a document that it issued, signed, for whoever holds the document:
  /// its key is a salted hash, and the salt travels with it (docs/format/document-status.md).
  ///
  /// Asking leaves no entry: it is open to everybody, and says nothing about anybody.
  ///
  /// - Parameter key: 64 hexadecimal digits.
  /// - Throws: `not-found` for every key that is none of a document of this node.
  public func documentStatus(_ key: String) async throws -> [UInt8] {
    let absent = PeerChartError(.notFound, "this node has issued no document of that key")
    guard let name = Hex.decode(key), name.count == DocumentStatus.keyLength else { throw absent }
    let now = clock.now()
    let status = try await store.read { [self] snapshot -> DocumentStatus in
      let digest: [UInt8]? = try item(.documentStatus, name, in: snapshot)
      guard let digest,
        let record: IssuedDocumentRecord = try item(.issuedDocument, digest, in: snapshot)
      else { throw absent }
      let own = try ownLog(in: snapshot)
      // How the log grows from request to request is nobody's business.
      let shown = max(
        try own.signedCandidate()?.checkpoint.size ?? 0,
        try own.signedPublished()?.checkpoint.size ?? 0)
      return try record.status(issuer: nodeID, key: name, logSize: shown, at: now)
    }
    return Array(try status.signed(by: identity.signing).utf8)
  }

  /// A document of this node and what is kept of it.
  ///
  /// - Throws: `not-found` for every other document.
  func issuedDocument(
    _ digest: DocumentDigest, in snapshot: any StoreSnapshot
  ) throws -> IssuedDocumentRecord {
    guard let record: IssuedDocumentRecord = try item(.issuedDocument, digest.bytes, in: snapshot)
    else {
      throw PeerChartError(
        .notFound, "this node has issued no document of that digest; only its issuer can revoke one"
      )
    }
    return record
  }
}
