import Foundation
import Identity
import Primitives
import SecDocument
import TransparencyLog

/// A document that this node issued, as kept under its digest.
struct IssuedDocumentRecord: Codable, Sendable {
  /// With it the document's revocation key is made. It travels in the entry that the document carries as proof.
  var salt: Data
  /// Milliseconds since 1970.
  var issuedAt: Int64
  /// Whose view of the log tells of the document; nil for none of this node.
  var patient: String?
  var revoked: Revoked?
  var superseded: Superseded?

  struct Revoked: Codable, Sendable {
    var at: Int64
    var reason: DocumentRevocationReason
  }

  struct Superseded: Codable, Sendable {
    var at: Int64
    /// The digest of the document in its place.
    var by: Data
  }

  /// The bytes of a salt.
  static let saltLength = 32
  /// The member of the detail of an entry that holds the salt, in hexadecimal.
  static let saltDetail = "status-salt"

  /// By which its status is asked for; nil for a salt of another length.
  static func statusKey(_ document: DocumentDigest, salt: [UInt8]) -> Hash? {
    RevocationKey.key(.document, id: document.description, salt: salt)
  }

  /// What is to be said of it.
  ///
  /// - Throws: `invalid` for a record that does not belong to the key.
  func status(
    issuer: NodeID, key: [UInt8], logSize: UInt64, at now: Instant
  ) throws -> DocumentStatus {
    if let revoked {
      return try DocumentStatus(
        issuer: issuer, key: key, state: .revoked,
        since: Instant(millisecondsSinceEpoch: revoked.at), reason: revoked.reason,
        logSize: logSize, at: now)
    }
    if let superseded {
      return try DocumentStatus(
        issuer: issuer, key: key, state: .superseded,
        since: Instant(millisecondsSinceEpoch: superseded.at), successor: Array(superseded.by),
        logSize: logSize, at: now)
    }
    return try DocumentStatus(issuer: issuer, key: key, state: .good, logSize: logSize, at: now)
  }
}
