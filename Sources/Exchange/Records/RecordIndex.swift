import Consent
import FHIR
import Vault

/// From a resource to the tokens under which it is found.
enum RecordIndex {
  /// The term of a grant, so that deciding does not read through a patient's other consents.
  static let grant = IndexTerm(parameter: "_grant", value: "")

  static func terms(of resource: Resource) -> [IndexTerm] {
    var terms = indexTerms(of: resource)
    if resource.type == "Consent", SignedConsent.hasSignature(resource.root) { terms.append(grant) }
    return terms
  }

  static func token(_ term: IndexTerm, of type: String, _ index: BlindIndex) -> UInt64 {
    index.token(type, term.parameter, term.value)
  }
}
