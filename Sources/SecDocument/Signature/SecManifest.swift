public import Primitives

/// What kind of clinical document it is: a LOINC code and its display text.
public struct SecDocumentType: Hashable, Sendable {
  /// A LOINC code, such as `34133-9`.
  public let code: String
  /// The text that people read, 1 to 256 bytes.
  public let display: String

  /// Names a type; sealing checks it.
  public init(code: String, display: String) {
    self.code = code
    self.display = display
  }
}

/// What the caller says about a document before it is sealed.
public struct SecDraft: Sendable {
  /// Whom the document is about, such as `Patient/123`; up to 1,024 bytes.
  public var subject: String?
  /// What kind of document it is; messages between nodes have none.
  public var documentType: SecDocumentType?
  /// The media type of the content, such as `application/fhir+json`.
  public var mediaType: String
  /// When the issuer made it; from 1970 to 9999.
  public var created: Instant
  /// The document that this one replaces.
  public var predecessor: DocumentDigest?

  /// Describes a document to be sealed; sealing checks each member.
  public init(
    mediaType: String, created: Instant, subject: String? = nil,
    documentType: SecDocumentType? = nil, predecessor: DocumentDigest? = nil
  ) {
    self.mediaType = mediaType
    self.created = created
    self.subject = subject
    self.documentType = documentType
    self.predecessor = predecessor
  }
}

/// What the issuer signs about a document (docs/format/sec-v1.md, "Manifest").
public struct SecManifest: Hashable, Sendable {
  /// 16 random bytes that name this document.
  public let documentID: [UInt8]
  /// The node that issued it. That the signing key is this node's is for the caller to check.
  public let issuer: NodeID
  /// The issuer's Ed25519 public key, 32 bytes.
  public let signingKey: [UInt8]
  /// The issuer's ML-DSA-65 public key, 1,952 bytes; where it is named, its signature is required.
  public let postQuantumSigningKey: [UInt8]?
  /// Whom the document is about.
  public let subject: String?
  /// What kind of document it is.
  public let documentType: SecDocumentType?
  /// The media type of the content.
  public let mediaType: String
  /// When the issuer made it.
  public let created: Instant
  /// Length of the content in bytes.
  public let contentLength: UInt64
  /// The RFC 6962 tree hash over the content's 64 KiB chunks, 32 bytes.
  public let contentDigest: [UInt8]
  /// The document that this one replaces.
  public let predecessor: DocumentDigest?
  /// SHA-256 of the `.sec` header: the signature holds for these recipients only.
  public let headerDigest: [UInt8]
}

extension SecManifest: CustomStringConvertible, CustomReflectable {
  /// The document's id alone: a manifest names the subject, and somebody will log it.
  public var description: String { "document \(Hex.encode(documentID))" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
