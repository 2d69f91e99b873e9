import Primitives

/// What comes with a new credential: the authenticator's data and a statement about its make
/// (WebAuthn section 6.5).
struct AttestationObject {
  /// The formats of the IANA registry that are not looked into (RFC 8809).
  private static let unchecked: Set<String> = [
    "tpm", "android-key", "android-safetynet", "fido-u2f", "apple", "compound",
  ]

  let format: String
  let statement: CBORMap
  let authenticatorData: AuthenticatorData

  /// - Throws: `malformed`, `tooLarge`, or as `AuthenticatorData`.
  init(_ bytes: [UInt8]) throws(PeerChartError) {
    let map = try CBORReader.read(bytes, order: .any).map
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

  /// Checks the statement. We ask for none, and some browsers send what they have all the same. Nothing
  /// is concluded from it, so "packed" must hold and the other formats are taken for none.
  ///
  /// - Throws: `unauthenticated` when the signature does not hold, `malformed`, and `invalid` for
  ///   formats that are not registered.
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
    case let other where Self.unchecked.contains(other):
      return .unchecked
    default:
      throw PeerChartError(
        .invalid, "an attestation of a kind that is not known", place: "fmt")
    }
  }
}
