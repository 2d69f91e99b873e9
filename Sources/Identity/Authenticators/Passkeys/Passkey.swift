public import Primitives

/// A passkey that a person has enrolled: what a node keeps of it (WebAuthn section 4, credential record).
public struct Passkey: Hashable, Sendable {
  /// What vouched for the authenticator's make when it was enrolled. None of it is trusted for
  /// anything: the list of devices shows it.
  public enum Attestation: String, Sendable, Codable {
    /// Nothing: what is asked for, and what nearly every browser sends.
    case none
    /// A signature by the new key itself.
    case itself
    /// A certificate whose issuer nobody has looked at.
    case certificate
  }

  /// 1 to 1023 bytes that the authenticator has chosen.
  public let credentialID: [UInt8]
  public let publicKey: PasskeyPublicKey
  /// How often the authenticator says it has signed; 0 where it does not count.
  public private(set) var signCount: UInt32
  /// The model of the authenticator, sixteen bytes, all zero where it is not told.
  public let aaguid: [UInt8]
  /// Whether it may be copied to the person's other devices (a "synced" passkey).
  public let isBackupEligible: Bool
  /// Whether it is.
  public private(set) var isBackedUp: Bool
  /// How the authenticator is reached (`internal`, `usb`, `hybrid` …): a hint for browsers.
  public let transports: [String]
  public let attestation: Attestation
  /// What its owner calls it.
  public var name: String
  public let createdAt: Instant

  init(
    _ credential: AuthenticatorData.Credential, data: AuthenticatorData,
    attestation: Attestation, transports: [String], name: String, createdAt: Instant
  ) {
    credentialID = credential.id
    publicKey = credential.publicKey
    signCount = data.signCount
    aaguid = credential.aaguid
    isBackupEligible = data.flags.contains(.backupEligible)
    isBackedUp = data.flags.contains(.backedUp)
    self.transports = transports
    self.attestation = attestation
    self.name = name
    self.createdAt = createdAt
  }

  /// Takes over what a use has told. It belongs into the write that lets the person in: a counter that
  /// is not kept finds no clone.
  public mutating func record(_ use: PasskeyUse) {
    signCount = use.signCount
    isBackedUp = use.isBackedUp
  }
}

extension Passkey: Codable {
  private enum CodingKeys: String, CodingKey {
    case credentialID, publicKey, signCount, aaguid, isBackupEligible, isBackedUp, transports
    case attestation, name, createdAt
  }

  /// Reads a record; bytes are in base64url, the time in milliseconds since 1970.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func bytes(_ key: CodingKeys, _ counts: ClosedRange<Int>) throws -> [UInt8] {
      let bytes = Base64URL.decode(try container.decode(String.self, forKey: key))
      guard let bytes, counts.contains(bytes.count) else {
        throw PeerChartError(.malformed, "a passkey does not follow its format")
      }
      return bytes
    }
    credentialID = try bytes(.credentialID, 1...AuthenticatorData.longestID)
    publicKey = try container.decode(PasskeyPublicKey.self, forKey: .publicKey)
    signCount = try container.decode(UInt32.self, forKey: .signCount)
    aaguid = try bytes(.aaguid, 16...16)
    isBackupEligible = try container.decode(Bool.self, forKey: .isBackupEligible)
    isBackedUp = try container.decode(Bool.self, forKey: .isBackedUp)
    transports = try container.decode([String].self, forKey: .transports)
    attestation = try container.decode(Attestation.self, forKey: .attestation)
    name = try container.decode(String.self, forKey: .name)
    createdAt = Instant(
      millisecondsSinceEpoch: try container.decode(Int64.self, forKey: .createdAt))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Base64URL.encode(credentialID), forKey: .credentialID)
    try container.encode(publicKey, forKey: .publicKey)
    try container.encode(signCount, forKey: .signCount)
    try container.encode(Base64URL.encode(aaguid), forKey: .aaguid)
    try container.encode(isBackupEligible, forKey: .isBackupEligible)
    try container.encode(isBackedUp, forKey: .isBackedUp)
    try container.encode(transports, forKey: .transports)
    try container.encode(attestation, forKey: .attestation)
    try container.encode(name, forKey: .name)
    try container.encode(createdAt.millisecondsSinceEpoch, forKey: .createdAt)
  }
}
