public import Primitives

extension Passkey {
  /// Where an error says that the counter went back: perhaps two devices have the same key
  /// (WebAuthn section 6.1.1). Worth an alert; the code is `unauthenticated`.
  public static let cloneSuspected = "authenticatorData.signCount"

  /// Checks the answer to `PasskeyRequest.optionsJSON` (WebAuthn section 7.2).
  ///
  /// - Parameter json: what `credential.toJSON()` gave, at most 64 KiB.
  /// - Parameter verification: as in the options.
  /// - Parameter userHandle: the account's; when the answer has one it must be this.
  /// - Throws: `unauthenticated` when it answers another question, is of another passkey or does not
  ///   hold; `malformed`, `tooLarge`.
  public func verify(
    assertion json: [UInt8], challenge: PasskeyChallenge, relyingParty: RelyingParty,
    verification: UserVerification = .required, userHandle: [UInt8]? = nil
  ) throws(PeerChartError) -> PasskeyUse {
    let assertion = try PasskeyAssertion(parsing: json)
    guard assertion.credentialID == credentialID else {
      throw PeerChartError(.unauthenticated, "the answer is of another passkey", place: "id")
    }
    if let expected = userHandle, let told = assertion.userHandle, told != expected {
      throw PeerChartError(.unauthenticated, "the passkey is somebody else's", place: "userHandle")
    }
    let clientData = try ClientData(
      assertion.clientData, ceremony: .get, challenge: challenge, relyingParty: relyingParty)
    let data = try AuthenticatorData(assertion.authenticatorData)
    try data.check(relyingParty: relyingParty, verification: verification)
    guard data.credential == nil, data.flags.contains(.backupEligible) == isBackupEligible else {
      throw PeerChartError(
        .malformed, "the passkey is not of the kind it was", place: "authenticatorData")
    }
    guard publicKey.isValid(signature: assertion.signature, for: data.bytes + clientData.hash)
    else {
      throw PeerChartError(.unauthenticated, "the signature does not hold", place: "signature")
    }
    guard data.signCount > signCount || (data.signCount == 0 && signCount == 0) else {
      throw PeerChartError(
        .unauthenticated, "the authenticator's counter went back", place: Self.cloneSuspected)
    }
    return PasskeyUse(
      signCount: data.signCount, isUserVerified: data.flags.contains(.userVerified),
      isBackedUp: data.flags.contains(.backedUp))
  }
}

/// What a passkey told when it was used; to be kept with `Passkey.record`.
public struct PasskeyUse: Hashable, Sendable {
  public let signCount: UInt32
  /// Whether the authenticator checked who used it: then it was two factors, otherwise one.
  public let isUserVerified: Bool
  public let isBackedUp: Bool
}

/// An answer to `PasskeyRequest.optionsJSON`, not yet checked: to find out whose it claims to be when
/// nobody has typed a name.
public struct PasskeyAssertion: Sendable {
  /// Which passkey it claims to be of.
  public let credentialID: [UInt8]
  /// Whose it claims to be: the handle that was given when the passkey was made.
  public let userHandle: [UInt8]?
  let clientData: [UInt8]
  let authenticatorData: [UInt8]
  let signature: [UInt8]

  /// - Throws: `malformed` or `tooLarge`.
  public init(parsing json: [UInt8]) throws(PeerChartError) {
    let form = try PasskeyJSON.decode(
      CredentialForm<Form>.self, from: json, place: "credential")
    credentialID = try form.credentialID()
    let response = form.response
    clientData = try PasskeyJSON.bytes(response.clientDataJSON, place: "clientDataJSON")
    authenticatorData = try PasskeyJSON.bytes(
      response.authenticatorData, place: "authenticatorData")
    signature = try PasskeyJSON.bytes(response.signature, place: "signature")
    if let text = response.userHandle {
      userHandle = try PasskeyJSON.bytes(text, place: "userHandle")
    } else {
      userHandle = nil
    }
  }

  private struct Form: Decodable {
    let clientDataJSON: String
    let authenticatorData: String
    let signature: String
    let userHandle: String?
  }
}
