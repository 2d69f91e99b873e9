import Primitives

/// What comes with a new credential: the authenticator's data and a statement about its make
/// (WebAuthn section 6.5).
struct AttestationObject {
  let format: String
  let statement: CBORMap
  let authenticatorData: AuthenticatorData

  /// - Throws: `malformed`, `tooLarge`, or as `AuthenticatorData`.
  init(_ bytes: [UInt8]) throws(PeerChartError) {
    let map = try CBORReader.read(bytes).map
    guard let map, map.hasOnly(["fmt", "attStmt", "authData"]), let format = map["fmt"]?.text,
      let statement = map["attStmt"]?.map, let data = map["authData"]?.bytes
    else {
      throw PeerChartError(
        .malformed, "an attestation does not follow its format", place: "attestationObject")
    }
    self.format = format
    self.statement = statement
    authenticatorData = try AuthenticatorData(data)
  }

  /// Checks the statement. We ask for none, so all that may come is none or a signature by the new
  /// key or by a certificate of the maker ("packed"); the root of that certificate is not asked for.
  ///
  /// - Throws: `integrity` when the signature does not hold, `malformed`, and `notSupported` for the
  ///   formats that a client must not send to somebody who asked for none.
  func verify(
    _ credential: AuthenticatorData.Credential, clientDataHash: [UInt8]
  ) throws(PeerChartError) -> Passkey.Attestation {
    switch format {
    case "none":
      guard statement.entries.isEmpty else {
        throw PeerChartError(
          .malformed, "a statement where there should be none", place: "attStmt")
      }
      return .none
    case "packed":
      let packed = try PackedAttestation(statement)
      return try packed.verify(credential, message: authenticatorData.bytes + clientDataHash)
    default:
      throw PeerChartError(
        .notSupported, "an attestation of a kind that was not asked for", place: "fmt")
    }
  }
}
