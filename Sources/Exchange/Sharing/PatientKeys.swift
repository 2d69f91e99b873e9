import Crypto
import Foundation
import Primitives

/// The key that signs a patient's grants, as this node knows it. A node that keeps the patient's own
/// key can sign for the patient; others know the public half only.
struct PatientKeys: Sendable {
  let publicKey: Curve25519.Signing.PublicKey
  let privateKey: Curve25519.Signing.PrivateKey?
}

/// How patient keys are kept, under the tag of the chart.
private struct PatientKeyRecord: Codable {
  var publicKey: Data
  var privateKey: Data?
}

extension Exchange {
  func patientKeys(_ patient: String, in snapshot: any StoreSnapshot) throws -> PatientKeys? {
    guard
      let record: PatientKeyRecord = try item(
        .patientLink, keys.chartTag(patient), in: snapshot)
    else { return nil }
    return PatientKeys(
      publicKey: try Curve25519.Signing.PublicKey(rawRepresentation: record.publicKey),
      privateKey: try record.privateKey.map {
        try Curve25519.Signing.PrivateKey(rawRepresentation: $0)
      })
  }

  /// The patient's signing key, made now if there is none, with the change that keeps it.
  func patientSigningKey(
    _ patient: String, in snapshot: any StoreSnapshot
  ) throws -> (
    key: Curve25519.Signing.PrivateKey, keep: ItemChange?
  ) {
    if let known = try patientKeys(patient, in: snapshot) {
      guard let key = known.privateKey else {
        throw PeerChartError(
          .forbidden, "the patient's signing key lies at another node; the grant is made there")
      }
      return (key, nil)
    }
    let key = Curve25519.Signing.PrivateKey()
    let tag = keys.chartTag(patient)
    let keep = try keeping(
      .patientLink, tag,
      PatientKeyRecord(
        publicKey: key.publicKey.rawRepresentation, privateKey: key.rawRepresentation),
      after: snapshot)
    return (key, keep)
  }
}
