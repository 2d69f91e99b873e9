public import Primitives

/// A node's word that it goes on under new keys: signed by the old key and by the new one, so that
/// nobody can hand on what they do not have, nor to somebody who did not agree.
public struct RotationStatement: Sendable {
  /// The longest chain that is followed.
  public static let maximumChain = 64
  /// Longest statement in bytes.
  public static let maximumLength = IdentityStatement.maximumLength + 256
  static let magic = Array("peerchart-rotation-v1\n".utf8)

  /// The name that ends.
  public let old: NodeID
  /// What the node says of itself under its new keys.
  public let successor: IdentityStatement
  /// When the keys changed.
  public let rotatedAt: Instant
  /// The signed bytes with both signatures, as they came.
  public let bytes: [UInt8]

  private let signed: [UInt8]
  private let oldSignature: [UInt8]

  /// Signs a rotation from `old` to `new`, whose statement is `successor`.
  ///
  /// - Throws: `invalid` when the statement is not that of `new`, or both are the same node.
  public init(
    from old: NodeKeys, to new: NodeKeys, successor: IdentityStatement, rotatedAt: Instant
  ) throws {
    guard successor.node == new.node, old.node != new.node,
      IdentityStatement.isPlausible(rotatedAt)
    else { throw PeerChartError(.invalid, "a rotation goes from one node's keys to its new ones") }
    var writer = ByteWriter()
    writer.append(raw: Self.magic)
    writer.append(raw: old.node.bytes)
    writer.append(rotatedAt.millisecondsSinceEpoch)
    writer.append(prefixed: successor.bytes)
    signed = writer.bytes
    oldSignature = try old.sign(signed)
    writer.append(raw: oldSignature)
    writer.append(raw: try new.sign(signed))
    self.old = old.node
    self.successor = successor
    self.rotatedAt = rotatedAt
    bytes = writer.bytes
  }

  /// Reads a rotation and verifies all that can be verified without the old statement: the new
  /// statement and the new key's signature.
  ///
  /// - Throws: as `IdentityStatement`.
  public init(parsing bytes: [UInt8]) throws {
    guard bytes.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a rotation statement is too large")
    }
    guard bytes.starts(with: Self.magic) else {
      throw PeerChartError(
        .unsupportedVersion, "this is no rotation statement, or one of a newer version")
    }
    var reader = ByteReader(bytes)
    _ = try reader.read(count: Self.magic.count)
    guard let old = NodeID(bytes: try reader.read(count: NodeID.byteCount)) else {
      throw PeerChartError(.malformed, "the name of a node is not valid")
    }
    rotatedAt = Instant(millisecondsSinceEpoch: try reader.read())
    guard IdentityStatement.isPlausible(rotatedAt) else {
      throw PeerChartError(
        .malformed, "the time of a rotation is out of range", place: "rotated at")
    }
    successor = try IdentityStatement(
      parsing: reader.readPrefixed(limit: IdentityStatement.maximumLength))
    signed = Array(bytes[..<reader.position])
    oldSignature = try reader.read(count: NodePublicKeys.signatureLength)
    let newSignature = try reader.read(count: NodePublicKeys.signatureLength)
    try reader.requireEnd()
    guard successor.keys.verifies(newSignature, for: signed), successor.node != old else {
      throw PeerChartError(.integrity, "the new key's signature of the rotation does not hold")
    }
    self.old = old
    self.bytes = bytes
  }

  /// The identity that follows `statement`.
  ///
  /// - Throws: `integrity` when the rotation is another node's, its signature does not hold, it goes
  ///   back in time, or the kind of the node changes.
  public func apply(to statement: IdentityStatement) throws -> IdentityStatement {
    guard statement.node == old, statement.keys.verifies(oldSignature, for: signed) else {
      throw PeerChartError(.integrity, "the old key's signature of the rotation does not hold")
    }
    guard successor.issuedAt >= statement.issuedAt, successor.kind == statement.kind else {
      throw PeerChartError(
        .integrity, "a rotation leads to an earlier time or another kind of node")
    }
    return successor
  }

  /// Follows a chain of rotations, oldest first, to the identity that holds now.
  ///
  /// - Throws: `tooLarge` for more than 64; `integrity` for a gap, a loop or a bad signature.
  public static func follow(
    _ chain: [RotationStatement], from statement: IdentityStatement
  ) throws -> IdentityStatement {
    guard chain.count <= maximumChain else {
      throw PeerChartError(.tooLarge, "a chain of rotations is longer than \(maximumChain)")
    }
    var seen: Set<NodeID> = [statement.node]
    return try chain.reduce(statement) { current, rotation in
      let next = try rotation.apply(to: current)
      guard seen.insert(next.node).inserted else {
        throw PeerChartError(.integrity, "a chain of rotations comes back to where it was")
      }
      return next
    }
  }
}
