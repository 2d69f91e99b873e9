import Crypto
public import Primitives

/// What a node says of itself, signed by its Ed25519 key (docs/format/identity.md).
///
/// A value of this type has been verified: the name is the hash of the keys, the signature holds,
/// and the certificate is a local authority's in the node's name.
public struct IdentityStatement: Sendable {
  /// Longest statement in bytes.
  public static let maximumLength = 8192
  static let magic = Array("peerchart-identity-v1\n".utf8)

  /// Public keys and the node's name.
  public let keys: NodePublicKeys
  /// What the node calls itself.
  public let name: NodeName
  /// What sort of party runs it.
  public let kind: NodeKind
  /// The certificate of the node's local TLS authority, to be pinned.
  public let authority: AuthorityCertificate
  /// When it was signed; of two statements of one node the later one counts.
  public let issuedAt: Instant
  /// The signed bytes with the signature, as they came.
  public let bytes: [UInt8]

  /// The node's name.
  public var node: NodeID { keys.node }

  /// Signs a statement.
  ///
  /// - Throws: `invalid` when the certificate is not that of this node and name, or the time is
  ///   before 1970 or after 9999.
  public init(
    name: NodeName, kind: NodeKind, keys: NodeKeys, authority: AuthorityCertificate,
    issuedAt: Instant
  ) throws {
    guard authority.node == keys.node,
      authority.publicKeyBytes == Array(keys.authority.publicKey.x963Representation)
    else {
      throw PeerChartError(.invalid, "the authority's certificate is not this node's")
    }
    guard Self.isPlausible(issuedAt) else {
      throw PeerChartError(.invalid, "the time of a statement is out of range")
    }
    var writer = ByteWriter()
    writer.append(raw: Self.magic)
    writer.append(raw: keys.node.bytes)
    writer.append(kind.code)
    writer.append(prefixed: name.text)
    writer.append(raw: keys.publicKeys.signingBytes)
    writer.append(raw: keys.publicKeys.sealingBytes)
    writer.append(prefixed: authority.der)
    writer.append(issuedAt.millisecondsSinceEpoch)
    writer.append(raw: try keys.sign(writer.bytes))
    self.keys = keys.publicKeys
    self.name = name
    self.kind = kind
    self.authority = authority
    self.issuedAt = issuedAt
    bytes = writer.bytes
  }

  /// Reads and verifies a statement.
  ///
  /// - Throws: `tooLarge`, `malformed` or `unsupportedVersion` for its form; `integrity` when the
  ///   name is not the hash of the keys, the signature fails, or the certificate is not the node's.
  public init(parsing bytes: [UInt8]) throws {
    guard bytes.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "an identity statement is larger than 8 KiB")
    }
    guard bytes.starts(with: Self.magic) else {
      throw PeerChartError(
        .unsupportedVersion, "this is no identity statement, or one of a newer version")
    }
    var reader = ByteReader(bytes)
    _ = try reader.read(count: Self.magic.count)
    let node = try reader.read(count: NodeID.byteCount)
    guard let kind = NodeKind(code: try reader.read()) else {
      throw PeerChartError(.malformed, "the kind of the node is unknown", place: "kind")
    }
    guard let name = NodeName(try reader.readPrefixedText(limit: 4 * NodeName.maximumLength)) else {
      throw PeerChartError(.malformed, "the name of the node is not fit to be shown", place: "name")
    }
    let keys = try NodePublicKeys(
      signing: reader.read(count: NodePublicKeys.signingKeyLength),
      sealing: reader.read(count: NodePublicKeys.sealingKeyLength))
    let certificate = try reader.readPrefixed(limit: AuthorityCertificate.maximumLength)
    let issuedAt = Instant(millisecondsSinceEpoch: try reader.read())
    guard Self.isPlausible(issuedAt) else {
      throw PeerChartError(
        .malformed, "the time of a statement is out of range", place: "issued at")
    }
    let signed = Array(bytes[..<reader.position])
    let signature = try reader.read(count: NodePublicKeys.signatureLength)
    try reader.requireEnd()

    guard keys.node.bytes == node else {
      throw PeerChartError(.integrity, "the name of the node is not the hash of its keys")
    }
    guard keys.verifies(signature, for: signed) else {
      throw PeerChartError(.integrity, "the signature of the identity statement does not hold")
    }
    authority = try AuthorityCertificate(der: certificate, node: keys.node)
    self.keys = keys
    self.name = name
    self.kind = kind
    self.issuedAt = issuedAt
    self.bytes = bytes
  }

  /// Within the years that RFC 3339 and X.509 can write.
  static func isPlausible(_ time: Instant) -> Bool {
    (0...253_402_300_799_999).contains(time.millisecondsSinceEpoch)
  }
}

extension IdentityStatement: Equatable {
  /// Equal when they are the same bytes.
  public static func == (a: Self, b: Self) -> Bool { a.bytes == b.bytes }
}
