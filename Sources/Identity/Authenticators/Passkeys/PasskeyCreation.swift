public import Primitives

/// The question to which a browser answers with a new passkey (WebAuthn section 5.4).
public enum PasskeyCreation {
  /// Milliseconds that a ceremony may take; the challenge should be kept as long.
  public static let timeout = 300_000

  /// Whom the passkey is for, as the authenticator shows it. The authenticator keeps all of it, and
  /// shows it to whoever holds it.
  public struct User: Sendable {
    let handle: [UInt8]
    let name: String
    let displayName: String

    /// - Parameter handle: 1 to 64 random bytes that stay the account's for ever; never a name or a
    ///   number of it, because authenticators give it away (WebAuthn section 14.6.1).
    /// - Parameter name: the log-in name.
    /// - Parameter displayName: the person's name.
    /// - Throws: `invalid` for a handle of another length.
    public init(handle: [UInt8], name: String, displayName: String) throws(PeerChartError) {
      guard (1...64).contains(handle.count) else {
        throw PeerChartError(.invalid, "a user handle has 1 to 64 bytes")
      }
      self.handle = handle
      self.name = name
      self.displayName = displayName
    }
  }

  /// JSON for `PublicKeyCredential.parseCreationOptionsFromJSON()` (WebAuthn level 3, section 5.1.9).
  ///
  /// - Parameter excluding: the account's passkeys, so that no authenticator makes a second one.
  /// - Throws: `invalid` when it cannot be written as JSON.
  public static func optionsJSON(
    challenge: PasskeyChallenge, relyingParty: RelyingParty, user: User,
    excluding: [Passkey] = [], verification: UserVerification = .required
  ) throws(PeerChartError) -> [UInt8] {
    try PasskeyJSON.encode(
      Options(
        rp: Options.Party(id: relyingParty.id, name: relyingParty.name),
        user: Options.User(
          id: Base64URL.encode(user.handle), name: user.name, displayName: user.displayName),
        challenge: challenge.description,
        pubKeyCredParams: PasskeyPublicKey.Algorithm.allCases.map {
          Options.Parameter(alg: $0.rawValue)
        },
        timeout: timeout,
        excludeCredentials: excluding.map(PasskeyDescriptor.init),
        authenticatorSelection: Options.Selection(userVerification: verification)))
  }

  private struct Options: Encodable {
    struct Party: Encodable {
      let id: String
      let name: String
    }
    struct User: Encodable {
      let id: String
      let name: String
      let displayName: String
    }
    struct Parameter: Encodable {
      let type = "public-key"
      let alg: Int64
    }
    struct Selection: Encodable {
      let residentKey = "preferred"
      let requireResidentKey = false
      let userVerification: UserVerification
    }

    let rp: Party
    let user: User
    let challenge: String
    let pubKeyCredParams: [Parameter]
    let timeout: Int
    let excludeCredentials: [PasskeyDescriptor]
    let authenticatorSelection: Selection
    /// Which make an authenticator is of is nobody's business.
    let attestation = "none"
  }
}

/// Which passkey is meant, and how it is reached (WebAuthn section 5.8.3).
struct PasskeyDescriptor: Encodable {
  let type = "public-key"
  let id: String
  let transports: [String]

  init(_ passkey: Passkey) {
    id = Base64URL.encode(passkey.credentialID)
    transports = passkey.transports
  }
}
