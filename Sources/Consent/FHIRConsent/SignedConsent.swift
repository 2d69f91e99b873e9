public import Crypto
public import FHIR
import Foundation
public import Primitives

/// A grant whose signature holds, with the digest by which a revocation names it.
public struct SignedConsent: Hashable, Sendable {
  public var grant: Grant
  /// SHA-256 of the signed form, 32 bytes.
  public let digest: [UInt8]

  /// Reads a Consent and checks its signature. The patient's own grants must be signed by
  /// `patientKey`; a delegated one by the key that `delegatorKey` knows of the delegator it names.
  /// So nobody's key but the patient's makes a grant that counts as the patient's.
  ///
  /// Throws `malformed` or `not-supported` with the place for what is wrong or not understood,
  /// `integrity` when the signature or the key does not fit.
  public static func verify(
    _ json: JSONValue, patientKey: Curve25519.Signing.PublicKey,
    delegatorKey: (Grantee) -> Curve25519.Signing.PublicKey? = { _ in nil }
  ) throws(PeerChartError) -> SignedConsent {
    let grant = try ConsentReader.grant(json)
    let expected =
      if let delegation = grant.delegation { delegatorKey(delegation.delegator) } else {
        Optional(patientKey)
      }
    guard let key = expected, grant.grantorKey == GrantSigner.keyID(of: key) else {
      throw PeerChartError(
        .integrity, "the Consent was not signed by the key of its grantor", place: json.pointer)
    }
    let signature = try ConsentSignature.signature(in: json)
    let signedForm = try ConsentSignature.signedForm(of: json)
    guard key.isValidSignature(signature, for: signedForm) else {
      throw PeerChartError(
        .integrity, "the signature of the Consent does not hold", place: json.pointer)
    }
    return SignedConsent(grant: grant, digest: Array(SHA256.hash(data: signedForm)))
  }

  /// Whether a Consent bears our signature extension at all; what it is worth, `verify` tells.
  public static func hasSignature(_ json: JSONValue) -> Bool {
    !ConsentSignature.extensions(of: json).isEmpty
  }
}

/// The signature extension, and the form that it signs.
enum ConsentSignature {
  /// The RFC 8785 form of the Consent without what a node changes and without the signature.
  static func signedForm(of json: JSONValue) throws(PeerChartError) -> [UInt8] {
    var members: [(String, JSONTree)] = []
    for member in json.members where !["id", "meta", "text"].contains(member.name) {
      if member.name == "extension" {
        let kept = member.value.elements.filter {
          $0["url"]?.isString(ConsentVocabulary.signature) != true
        }
        if !kept.isEmpty { members.append(("extension", .array(kept.map { JSONTree($0) }))) }
      } else {
        members.append((member.name, JSONTree(member.value)))
      }
    }
    return try CanonicalJSON.serialize(.object(members))
  }

  static func extensions(of json: JSONValue) -> [JSONValue] {
    (json["extension"].map { Array($0.elements) } ?? []).filter {
      $0["url"]?.isString(ConsentVocabulary.signature) == true
    }
  }

  static func signature(in json: JSONValue) throws(PeerChartError) -> [UInt8] {
    let found = extensions(of: json)
    guard let first = found.first, found.count == 1 else {
      throw PeerChartError(.malformed, "a Consent needs exactly one signature", place: json.pointer)
    }
    let value = try ConsentElement(first, allowing: ["url", "valueSignature"])
      .required("valueSignature")
    guard let text = value["data"]?.string, let bytes = Base64.decode(text), bytes.count == 64
    else {
      throw PeerChartError(.malformed, "a signature of 64 bytes was expected", place: value.pointer)
    }
    return bytes
  }

  static func extensionTree(_ signature: [UInt8], keyID: String, when: String) -> JSONTree {
    [
      "url": .string(ConsentVocabulary.signature),
      "valueSignature": [
        "type": [Grant.coding(ConsentVocabulary.signatureType, ConsentVocabulary.consentSignature)],
        "when": .string(when),
        "who": ["identifier": Grant.identifier(ConsentVocabulary.key, keyID)],
        "targetFormat": "application/fhir+json",
        "sigFormat": "application/octet-stream",
        "data": .string(Base64.encode(signature)),
      ],
    ]
  }
}
