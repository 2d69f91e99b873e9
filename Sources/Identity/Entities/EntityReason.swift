/// Why an entity's accreditation was withdrawn: the reasons of certificates (RFC 5280 section 5.3.1) that an
/// organization can have. Raw values are part of the format.
public enum EntityReason: String, Sendable, CaseIterable, Encodable {
  case unspecified
  /// Somebody else may have its key.
  case keyCompromise = "key-compromise"
  /// It is no part of the accreditor's any more, or of another organization.
  case affiliationChanged = "affiliation-changed"
  /// It has another accreditation.
  case superseded
  case cessationOfOperation = "cessation-of-operation"
  /// It may not do any more what it was accredited for.
  case privilegeWithdrawn = "privilege-withdrawn"
}
