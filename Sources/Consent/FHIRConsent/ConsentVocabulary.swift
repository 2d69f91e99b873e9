/// The identifier systems, code systems and extensions of a grant written as a FHIR Consent.
enum ConsentVocabulary {
  static let grant = "urn:peerchart:grant"
  static let node = "urn:peerchart:node"
  static let key = "urn:peerchart:key"
  /// Of a person with an account at the patient's node.
  static let account = "urn:peerchart:account"
  static let recordType = "urn:peerchart:record-type"
  static let action = "urn:peerchart:action"
  static let policy = "urn:peerchart:policy"
  static let explicitPolicy = "explicit-1"

  static let maximumUses = "urn:peerchart:maximum-uses"
  static let delegatedFrom = "urn:peerchart:delegated-from"
  static let delegable = "urn:peerchart:delegable"
  static let signature = "urn:peerchart:signature"

  static let scope = "http://terminology.hl7.org/CodeSystem/consentscope"
  static let standardAction = "http://terminology.hl7.org/CodeSystem/consentaction"
  static let participation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
  static let actReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
  static let confidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
  static let loinc = "http://loinc.org"
  static let signatureType = "urn:iso-astm:E1762-95:2013"
  /// "Consent Signature" of ASTM E1762.
  static let consentSignature = "1.2.840.10065.1.12.1.7"
}

extension ConsentAction {
  /// The code of HL7's consentaction that says the same, written beside ours for other readers.
  var standardCode: String? {
    switch self {
    case .read: "access"
    case .write: "correct"
    case .redisclose: "disclose"
    case .search, .export: nil
    }
  }
}
