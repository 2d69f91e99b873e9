public import FHIR

extension SignedConsent {
  /// Whether a Consent bears the signature extension, whatever it is worth. For finding grants; only
  /// `verify` says that one holds.
  public static func isSigned(_ json: JSONValue) -> Bool {
    json["extension"]?.elements.contains {
      $0["url"]?.isString(ConsentVocabulary.signature) == true
    } ?? false
  }
}
