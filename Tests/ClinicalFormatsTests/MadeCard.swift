import ClinicalFormats
import FHIR
import Identity
import Primitives

/// A card of our own, and a verifier that trusts its issuer.
struct MadeCard {
  static let issuer = "https://node.example:8443"
  static let issued = Instant("2026-01-01T00:00:00Z") ?? Instant(millisecondsSinceEpoch: 0)

  let key: SigningKey
  let text: String

  init(
    immunizations: Int = 1, id: String = "card-1", expires: Instant? = nil,
    random: any RandomSource = SystemRandom()
  ) throws {
    key = try SigningKey(random: random)
    let patient = try Resource(parsing: Self.patient)
    let records = try (0..<immunizations).map { try Resource(parsing: Self.immunization($0)) }
    text = try HealthCardDraft(
      issuer: Self.issuer, issued: Self.issued, expires: expires, revocationID: id,
      types: HealthCardType.types(of: records.map(\.type)),
      bundle: HealthCardMinimizer.bundle(patient: patient, records: records)
    ).signed(by: key)
  }

  func verifier(
    at time: Instant = issued.adding(seconds: 3600), version: Int64 = 1, revoking ids: [String] = []
  ) throws -> HealthCardVerifier {
    let thumbprint = key.publicKey.thumbprint
    let keys = try HealthCardKeySet(
      parsing: HealthCardKeyDocument.serialized([(key.publicKey, listVersion: version)]))
    let list = HealthCardRevocationList(keyID: thumbprint, counter: version, revoking: ids)
    return HealthCardVerifier(at: time) { address in
      address == Self.issuer
        ? HealthCardIssuer(address: address, name: "Ours", keySet: keys, lists: [list]) : nil
    }
  }

  static let patient = Array(
    """
    {"resourceType":"Patient","id":"p","text":{"status":"generated","div":"<div/>"},
     "identifier":[{"system":"urn:example:mrn","value":"MRN-1"}],
     "name":[{"use":"official","family":"Samplewood","given":["Rowan"],"text":"Rowan Samplewood"}],
     "gender":"female","birthDate":"1984-02-29","address":[{"city":"Exampleville"}]}
    """.utf8)

  static func immunization(_ number: Int) -> [UInt8] {
    Array(
      """
      {"resourceType":"Immunization","id":"i\(number)","meta":{"versionId":"3"},"status":"completed",
       "vaccineCode":{"text":"COVID","coding":[
         {"system":"http://hl7.org/fhir/sid/cvx","code":"\(200 + number)","display":"COVID"}]},
       "patient":{"reference":"Patient/p","display":"Rowan"},"occurrenceDateTime":"2021-01-29",
       "lotNumber":"000\(number)","doseQuantity":{"value":0.50},
       "performer":[{"actor":{"reference":"Organization/o","display":"Exampleville General"}}],
       "note":[{"text":"kept here"}]}
      """.utf8)
  }
}
