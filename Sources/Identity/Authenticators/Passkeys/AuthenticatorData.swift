import Crypto
import Primitives

/// What an authenticator says and signs (WebAuthn section 6.1).
struct AuthenticatorData {
  /// The longest credential id (WebAuthn section 4).
  static let longestID = 1023

  struct Flags: OptionSet {
    let rawValue: UInt8
    static let userPresent = Flags(rawValue: 1 << 0)
    static let userVerified = Flags(rawValue: 1 << 2)
    static let backupEligible = Flags(rawValue: 1 << 3)
    static let backedUp = Flags(rawValue: 1 << 4)
    static let attestedCredential = Flags(rawValue: 1 << 6)
    static let extensions = Flags(rawValue: 1 << 7)
  }

  /// A credential that has just been made (WebAuthn section 6.5.1).
  struct Credential {
    let aaguid: [UInt8]
    let id: [UInt8]
    let publicKey: PasskeyPublicKey
  }

  let bytes: [UInt8]
  let relyingPartyHash: [UInt8]
  let flags: Flags
  let signCount: UInt32
  let credential: Credential?

  /// - Throws: `malformed`, `tooLarge`, `notSupported` for a key of another algorithm.
  init(_ bytes: [UInt8]) throws(PeerChartError) {
    guard bytes.count >= 37 else { throw Self.fault }
    self.bytes = bytes
    relyingPartyHash = Array(bytes[..<32])
    flags = Flags(rawValue: bytes[32])
    signCount = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
    var rest = bytes[37...]
    credential = flags.contains(.attestedCredential) ? try Self.credential(&rest) : nil
    if flags.contains(.extensions) {
      // None is asked for, so none means anything; but they must be what they claim.
      let (outputs, count) = try CBORReader.readPrefix(rest)
      guard outputs.map != nil else { throw Self.fault }
      rest = rest.dropFirst(count)
    }
    guard rest.isEmpty else { throw Self.fault }
  }

  private static func credential(
    _ rest: inout ArraySlice<UInt8>
  ) throws(PeerChartError) -> Credential {
    guard rest.count >= 18 else { throw fault }
    let aaguid = Array(rest.prefix(16))
    let count = rest.dropFirst(16).prefix(2).reduce(0) { $0 << 8 | Int($1) }
    rest = rest.dropFirst(18)
    guard (1...longestID).contains(count), count <= rest.count else { throw fault }
    let id = Array(rest.prefix(count))
    rest = rest.dropFirst(count)
    let (_, keyLength) = try CBORReader.readPrefix(rest)
    let publicKey = try PasskeyPublicKey(cose: Array(rest.prefix(keyLength)))
    rest = rest.dropFirst(keyLength)
    return Credential(aaguid: aaguid, id: id, publicKey: publicKey)
  }

  /// Checks what both ceremonies ask for (WebAuthn sections 7.1 and 7.2).
  ///
  /// - Throws: `unauthenticated` for another relying party, an absent or unverified person, and
  ///   `malformed` for a backup of what cannot be backed up.
  func check(
    relyingParty: RelyingParty, verification: UserVerification
  ) throws(PeerChartError) {
    func require(
      _ condition: Bool, _ code: PeerChartError.Code, _ reason: String
    ) throws(PeerChartError) {
      guard condition else { throw PeerChartError(code, reason, place: "authenticatorData") }
    }
    let expected = Array(SHA256.hash(data: Array(relyingParty.id.utf8)))
    try require(
      constantTimeEqual(relyingPartyHash, expected), .unauthenticated,
      "the passkey belongs to another host name")
    try require(flags.contains(.userPresent), .unauthenticated, "nobody touched the authenticator")
    try require(
      flags.contains(.userVerified) || verification == .preferred, .unauthenticated,
      "the authenticator did not check who used it")
    try require(
      flags.contains(.backupEligible) || !flags.contains(.backedUp), .malformed,
      "a passkey that cannot be backed up was backed up")
  }

  private static var fault: PeerChartError {
    PeerChartError(
      .malformed, "authenticator data does not follow its format", place: "authenticatorData")
  }
}
