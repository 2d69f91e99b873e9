public import Crypto
public import FHIR
import Foundation
public import Primitives

/// Signs grants with the patient's (or a delegator's) Ed25519 key.
public enum GrantSigner {
  /// The name of a signing key: SHA-256 of the raw public key in lower-case hexadecimal.
  public static func keyID(of key: Curve25519.Signing.PublicKey) -> String {
    Hex.encode(Array(SHA256.hash(data: key.rawRepresentation)))
  }

  /// The signed Consent of a grant, as bytes to store and send. `grant.grantorKey` must be the name
  /// of `key`. Throws `invalid` for a grant that cannot be written, `integrity` for another key.
  public static func sign(
    _ grant: Grant, with key: Curve25519.Signing.PrivateKey
  ) throws(PeerChartError) -> [UInt8] {
    try sign(consent: grant.consentTree(), with: key, at: grant.issued)
  }

  /// Signs a Consent that was put together elsewhere, which must read as a grant of `key`. A
  /// signature that it already bears is replaced.
  public static func sign(
    consent tree: JSONTree, with key: Curve25519.Signing.PrivateKey, at time: Instant
  ) throws(PeerChartError) -> [UInt8] {
    let json = try JSONDocument(parsing: tree.serialized()).root
    let grant = try ConsentReader.grant(json)
    let keyID = keyID(of: key.publicKey)
    guard grant.grantorKey == keyID else {
      throw PeerChartError(.integrity, "the Consent names another signing key")
    }
    let signature: [UInt8]
    do {
      signature = Array(try key.signature(for: ConsentSignature.signedForm(of: json)))
    } catch let error as PeerChartError {
      throw error
    } catch {
      throw PeerChartError(.integrity, "the signing key could not be used", cause: error)
    }
    let proof = ConsentSignature.extensionTree(
      signature, keyID: keyID, when: try Grant.text(time))
    return adding(proof, to: json).serialized()
  }

  private static func adding(_ proof: JSONTree, to json: JSONValue) -> JSONTree {
    let others = (json["extension"].map { Array($0.elements) } ?? []).filter {
      $0["url"]?.isString(ConsentVocabulary.signature) != true
    }
    let extensions = ("extension", JSONTree.array(others.map { JSONTree($0) } + [proof]))
    var members = json.members.map { ($0.name, JSONTree($0.value)) }
    if let index = members.firstIndex(where: { $0.0 == "extension" }) {
      members[index] = extensions
    } else {
      let place = members.firstIndex { $0.0 == "resourceType" }.map { $0 + 1 } ?? 0
      members.insert(extensions, at: place)
    }
    return .object(members)
  }
}
