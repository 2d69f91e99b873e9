public import Primitives

/// The question to which a browser answers by using a passkey (WebAuthn section 5.5).
public enum PasskeyRequest {
  /// JSON for `PublicKeyCredential.parseRequestOptionsFromJSON()` (WebAuthn level 3, section 5.1.10).
  ///
  /// - Parameter allowing: the account's passkeys for a second factor or a step-up. Empty where nobody
  ///   has said who they are: the browser then offers what it has, and the answer tells no stranger
  ///   which accounts there are (WebAuthn section 14.6.2).
  /// - Throws: `invalid` when it cannot be written as JSON.
  public static func optionsJSON(
    challenge: PasskeyChallenge, relyingParty: RelyingParty, allowing: [Passkey] = [],
    verification: UserVerification = .required
  ) throws(PeerChartError) -> [UInt8] {
    try PasskeyJSON.encode(
      Options(
        challenge: challenge.description, timeout: PasskeyCreation.timeout,
        rpId: relyingParty.id, allowCredentials: allowing.map(PasskeyDescriptor.init),
        userVerification: verification))
  }

  private struct Options: Encodable {
    let challenge: String
    let timeout: Int
    let rpId: String
    let allowCredentials: [PasskeyDescriptor]
    let userVerification: UserVerification
  }
}
