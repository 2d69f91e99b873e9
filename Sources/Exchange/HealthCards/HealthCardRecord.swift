import FHIR
public import Primitives

/// A health card that this node has issued, as kept: not what it says, only what is needed to revoke it.
struct HealthCardRecord: Codable {
  /// `vc.rid`.
  var id: String
  var key: String
  var patient: String
  /// `Type/id` of the records on it.
  var records: [String]
  var issuedAt: Int64
  var expiresAt: Int64?
  var revokedAt: Int64?

  var summary: HealthCardSummary {
    HealthCardSummary(
      id: id, patient: patient, records: records,
      issued: Instant(millisecondsSinceEpoch: issuedAt),
      expires: expiresAt.map { Instant(millisecondsSinceEpoch: $0) },
      revoked: revokedAt.map { Instant(millisecondsSinceEpoch: $0) })
  }
}

/// A health card that was issued.
public struct HealthCardSummary: Sendable, Encodable {
  /// Its name in the list of revoked cards.
  public let id: String
  public let patient: String
  /// `Type/id`.
  public let records: [String]
  public let issued: Instant
  public let expires: Instant?
  public let revoked: Instant?

  package init(
    id: String, patient: String, records: [String], issued: Instant, expires: Instant?,
    revoked: Instant?
  ) {
    self.id = id
    self.patient = patient
    self.records = records
    self.issued = issued
    self.expires = expires
    self.revoked = revoked
  }
}

/// A health card that shall be issued.
public struct HealthCardOrder: Sendable {
  /// The most records on one card.
  public static let maximumRecords = 20

  public var patient: String
  /// `Type/id`: immunizations, results, insurance of that patient.
  public var records: [String]
  /// The node's address, under which its keys are published.
  public var issuer: String
  /// How long it is good, in seconds; nil: for good.
  public var seconds: Int64?

  public init(patient: String, records: [String], issuer: String, seconds: Int64? = nil) {
    self.patient = patient
    self.records = records
    self.issuer = issuer
    self.seconds = seconds
  }
}

/// A health card just issued. It is not kept: whoever it was made for keeps it.
public struct IssuedHealthCard: Sendable {
  public let id: String
  /// The signed text.
  public let text: Redacted<String>
  /// The texts of its QR codes: one, but for a long card.
  public let codes: Redacted<[String]>
}
