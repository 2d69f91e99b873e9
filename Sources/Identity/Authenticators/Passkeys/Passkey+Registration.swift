public import Primitives

extension Passkey {
  private static let mostTransports = 8

  /// Checks the answer to `PasskeyCreation.optionsJSON` (WebAuthn section 7.1).
  ///
  /// The caller makes sure that no account has a passkey with this `credentialID` already (step 26).
  ///
  /// - Parameter json: what `credential.toJSON()` gave, at most 64 KiB.
  /// - Parameter verification: as in the options.
  /// - Parameter name: what its owner calls it.
  /// - Throws: `unauthenticated` when it answers another question, `malformed`, `tooLarge`,
  ///   `integrity` when an attestation's signature does not hold, `notSupported` for an algorithm or
  ///   attestation that was not asked for.
  public static func register(
    response json: [UInt8], challenge: PasskeyChallenge, relyingParty: RelyingParty,
    verification: UserVerification = .required, name: String = "", at now: Instant
  ) throws(PeerChartError) -> Passkey {
    let form = try PasskeyJSON.decode(
      CredentialForm<AttestationForm>.self, from: json, place: "credential")
    let id = try form.credentialID()
    let clientData = try ClientData(
      try PasskeyJSON.bytes(form.response.clientDataJSON, place: "clientDataJSON"),
      ceremony: .create, challenge: challenge, relyingParty: relyingParty)
    let object = try AttestationObject(
      try PasskeyJSON.bytes(form.response.attestationObject, place: "attestationObject"))
    let data = object.authenticatorData
    try data.check(relyingParty: relyingParty, verification: verification)
    guard let credential = data.credential, credential.id == id else {
      throw PeerChartError(
        .malformed, "the credential is not in the attestation", place: "authData")
    }
    let attestation = try object.verify(credential, clientDataHash: clientData.hash)
    return Passkey(
      credential, data: data, attestation: attestation,
      transports: try transports(form.response.transports ?? []), name: name, createdAt: now)
  }

  /// Words that are handed back to browsers later; also ones that are not known yet.
  private static func transports(_ words: [String]) throws(PeerChartError) -> [String] {
    let areWords = words.allSatisfy { word in
      (1...32).contains(word.utf8.count)
        && word.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x2D }
    }
    guard areWords, words.count <= mostTransports, Set(words).count == words.count else {
      throw PeerChartError(.malformed, "not a list of transports", place: "transports")
    }
    return words.sorted()
  }

  private struct AttestationForm: Decodable {
    let clientDataJSON: String
    let attestationObject: String
    let transports: [String]?
  }
}
