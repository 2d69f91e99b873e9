public import Crypto
public import FHIR
import Foundation
public import Primitives

/// The signed word of a grantor (or the patient) that a grant holds no longer.
///
/// Its bytes are the RFC 8785 form of an object with `type`, `grant`, `digest`, `time`, `key` and
/// `signature`; what is signed is that form without `signature`.
public struct RevocationStatement: Hashable, Sendable {
  static let type = "peerchart-revocation-1"

  public let grant: GrantID
  /// The digest of the signed form of the grant: another Consent with its id is not meant.
  public let digest: [UInt8]
  public let time: Instant
  /// The name of the key that signed (`GrantSigner.keyID`).
  public let key: String

  /// Revokes a grant: the bytes to store and to send to its grantee.
  public static func sign(
    _ consent: SignedConsent, at time: Instant, with key: Curve25519.Signing.PrivateKey
  ) throws(PeerChartError) -> [UInt8] {
    var members: [(String, JSONTree)] = [
      ("digest", .string(Hex.encode(consent.digest))),
      ("grant", .string(consent.grant.id.value)),
      ("key", .string(GrantSigner.keyID(of: key.publicKey))),
      ("time", .string(try Grant.text(time))),
      ("type", .string(type)),
    ]
    do {
      let signature = try key.signature(for: CanonicalJSON.serialize(.object(members)))
      members.append(("signature", .string(Base64.encode(Array(signature)))))
    } catch let error as PeerChartError {
      throw error
    } catch {
      throw PeerChartError(.integrity, "the signing key could not be used", cause: error)
    }
    return try CanonicalJSON.serialize(.object(members))
  }

  /// Reads and checks a statement. Throws `malformed`, `not-supported`, or `integrity` when the
  /// signature or the key does not fit.
  public static func verify(
    _ json: JSONValue, publicKey: Curve25519.Signing.PublicKey
  ) throws(PeerChartError) -> RevocationStatement {
    let element = try ConsentElement(
      json, allowing: ["type", "grant", "digest", "time", "key", "signature"])
    guard try element.text("type") == type else { throw ConsentElement.notUnderstood(json) }
    guard let digest = Hex.decode(try element.text("digest")), digest.count == 32,
      let signature = Base64.decode(try element.text("signature")), signature.count == 64
    else { throw PeerChartError(.malformed, "a digest and a signature were expected") }
    let statement = RevocationStatement(
      grant: GrantID(try element.text("grant")), digest: digest, time: try element.instant("time"),
      key: try element.text("key"))
    let signedForm = try CanonicalJSON.serialize(json) { $0 == "signature" }
    guard statement.key == GrantSigner.keyID(of: publicKey),
      publicKey.isValidSignature(signature, for: signedForm)
    else { throw PeerChartError(.integrity, "the signature of the revocation does not hold") }
    return statement
  }

  /// Whether it ends this grant: it names it and was signed by its grantor or by the patient.
  public func revokes(_ consent: SignedConsent, patientKey: String) -> Bool {
    consent.grant.id == grant && consent.digest == digest
      && (key == consent.grant.grantorKey || key == patientKey)
  }
}
