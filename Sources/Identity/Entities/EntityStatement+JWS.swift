public import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension EntityStatement {
  private static let type = "peerchart-entity+jwt"
  private static let profile = JWSProfile(
    algorithms: [.edDSA], types: [type], maximumLength: longest)

  /// The statement, signed (RFC 8037).
  ///
  /// - Throws: `invalid` when the library refuses.
  public func signed(by key: Curve25519.Signing.PrivateKey, named name: String) throws -> String {
    let accreditor = Accreditor(name: name, key: key.publicKey)
    let header = OAuthJSON.object([
      "typ": .string(Self.type), "alg": .string(SignatureAlgorithm.edDSA.rawValue),
      "kid": .string(accreditor.id),
    ])
    let message =
      Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims(of: name).bytes)
    do {
      return message + "." + Base64URL.encode(Array(try key.signature(for: Array(message.utf8))))
    } catch {
      throw PeerChartError(.invalid, "a statement cannot be signed", cause: error)
    }
  }

  /// Reads a statement that one of the accreditors signed, whether it holds now or not: a history is made of
  /// those that do not any more.
  ///
  /// - Returns: the statement, and who signed it.
  /// - Throws: `malformed`, `not-supported`, `too-large`; `unauthenticated` where none of them did, and for
  ///   one of the future.
  public static func verify(
    _ text: String, by accreditors: some Collection<Accreditor>, at now: Instant
  ) throws -> (statement: EntityStatement, accreditor: Accreditor) {
    let jws = try CompactJWS(parsing: text, as: profile)
    guard let accreditor = accreditors.first(where: { $0.id == jws.keyID }) else {
      throw PeerChartError(.unauthenticated, "nobody signed this whose word is taken here")
    }
    let statement = try EntityStatement(try jws.verify(with: [accreditor.key]))
    guard statement.issued <= now.adding(seconds: TokenLifetime.clockSkew) else {
      throw PeerChartError(.unauthenticated, "a statement of the future", place: "iat")
    }
    return (statement, accreditor)
  }

  /// Reads a statement whoever signed it: for the organization that it is about, which hands it on, and for
  /// one that was verified before.
  ///
  /// - Throws: `malformed`, `not-supported`, `too-large`.
  public static func unverified(_ text: String) throws -> EntityStatement {
    try EntityStatement(try CompactJWS(parsing: text, as: profile).unverifiedClaims())
  }

  /// The thumbprint of the key that a statement names as its signer's; not to be believed.
  ///
  /// - Throws: as `unverified`.
  public static func statedAccreditor(_ text: String) throws -> String? {
    try CompactJWS(parsing: text, as: profile).keyID
  }

  private func claims(of name: String) -> OAuthJSON {
    let from = effective == issued ? nil : OAuthJSON.date(effective)
    var credential: EntityCredential?
    var reason: EntityReason?
    var successor: NodeID?
    switch word {
    case .issued(let issued): credential = issued
    case .suspended(let given), .revoked(let given): reason = given
    case .rotated(let other): successor = other
    case .reinstated: break
    }
    return OAuthJSON.object([
      "iss": .string(name), "sub": .string(node.description), "seq": .integer(sequence),
      "status": .string(word.status.rawValue), "iat": .date(issued), "from": from,
      "org": credential.map { .string($0.organization) },
      "npi": credential.map { .string($0.npi.description) },
      "exp": credential.map { .date($0.expires) },
      "reason": reason.map { .string($0.rawValue) },
      "successor": successor.map { .string($0.description) },
    ])
  }

  private init(_ claims: OAuthJSON) throws {
    let reader = ClaimReader(claims: claims)
    guard let node = NodeID(try reader.text("sub")) else {
      throw PeerChartError(.malformed, "a statement names a node", place: "sub")
    }
    guard case .number(let literal)? = claims["seq"], let sequence = Int64(literal),
      (1...Self.highest).contains(sequence)
    else { throw PeerChartError(.malformed, "a statement has a number", place: "seq") }
    let issued = try reader.date("iat")
    try self.init(
      reading: node, sequence: sequence, try Self.word(reader), issued: issued,
      effective: try reader.optionalDate("from") ?? issued)
  }

  private static func word(_ reader: ClaimReader) throws -> Word {
    switch Status(rawValue: try reader.text("status")) {
    case .issued:
      guard let npi = NationalProviderIdentifier(try reader.text("npi")) else {
        throw PeerChartError(.malformed, "a statement names an NPI", place: "npi")
      }
      return .issued(
        try EntityCredential(
          organization: try reader.text("org", limit: EntityCredential.longestName), npi: npi,
          expires: try reader.date("exp")))
    case .suspended: return .suspended(try reason(reader))
    case .reinstated: return .reinstated
    case .revoked: return .revoked(try reason(reader))
    case .rotated:
      guard let successor = NodeID(try reader.text("successor")) else {
        throw PeerChartError(.malformed, "a statement names a node", place: "successor")
      }
      return .rotated(to: successor)
    case nil:
      throw PeerChartError(.notSupported, "a statement of an unknown kind", place: "status")
    }
  }

  /// A reason of later versions is one that is not known: what withdraws counts all the same.
  private static func reason(_ reader: ClaimReader) throws -> EntityReason {
    EntityReason(rawValue: try reader.text("reason", limit: 64)) ?? .unspecified
  }
}
