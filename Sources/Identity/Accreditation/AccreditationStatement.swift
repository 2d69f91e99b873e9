public import Crypto
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An accreditor's word that a node is that of an organization with a National Provider Identifier
/// (docs/format/accreditation.md): a JWS in its compact form over name, NPI, node and time.
public struct AccreditationStatement: Sendable, Hashable {
  /// The longest time that one holds: three years, in seconds.
  public static let longestLifetime: Int64 = 3 * 366 * 86_400
  /// Bytes of one.
  public static let longest = 4096
  private static let type = "peerchart-accreditation+jwt"
  private static let longestName = 200
  private static let profile = JWSProfile(
    algorithms: [.edDSA], types: [type], maximumLength: longest)

  public let organization: String
  public let npi: NationalProviderIdentifier
  /// The node that it is about, by the hash of its keys.
  public let node: NodeID
  public let issued: Instant
  public let expires: Instant

  /// - Throws: `invalid` for a name or a lifetime that a statement cannot have.
  public init(
    organization: String, npi: NationalProviderIdentifier, node: NodeID, lifetime: Int64,
    at now: Instant
  ) throws {
    guard !organization.isEmpty, organization.utf8.count <= Self.longestName else {
      throw PeerChartError(
        .invalid, "an organization's name is 1 to \(Self.longestName) bytes", place: "organization")
    }
    guard (1...Self.longestLifetime).contains(lifetime) else {
      throw PeerChartError(.invalid, "a statement holds for three years at most", place: "lifetime")
    }
    self.organization = organization
    self.npi = npi
    self.node = node
    issued = Instant(epochSeconds: now.epochSeconds)
    expires = issued.adding(seconds: lifetime)
  }

  /// The statement, signed (RFC 8037).
  ///
  /// - Throws: `invalid` when the library refuses.
  public func signed(by key: Curve25519.Signing.PrivateKey, named name: String) throws -> String {
    let accreditor = Accreditor(name: name, key: key.publicKey)
    let header = OAuthJSON.object([
      "typ": .string(Self.type), "alg": .string(SignatureAlgorithm.edDSA.rawValue),
      "kid": .string(accreditor.id),
    ])
    let claims = OAuthJSON.object([
      "iss": .string(name), "sub": .string(node.description), "org": .string(organization),
      "npi": .string(npi.description), "iat": .date(issued), "exp": .date(expires),
    ])
    let message = Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
    do {
      return message + "." + Base64URL.encode(Array(try key.signature(for: Array(message.utf8))))
    } catch {
      throw PeerChartError(.invalid, "a statement cannot be signed", cause: error)
    }
  }

  /// Reads a statement that one of the accreditors signed, and that holds now.
  ///
  /// - Returns: the statement, and who signed it.
  /// - Throws: `malformed`, `not-supported`, `too-large`; `unauthenticated` where none of them did, or
  ///   outside of its time.
  public static func verify(
    _ text: String, by accreditors: some Collection<Accreditor>, at now: Instant
  ) throws -> (statement: AccreditationStatement, accreditor: Accreditor) {
    let jws = try CompactJWS(parsing: text, as: profile)
    guard let accreditor = accreditors.first(where: { $0.id == jws.keyID }) else {
      throw PeerChartError(.unauthenticated, "nobody signed this whose word is taken here")
    }
    let claims = try jws.verify(with: [accreditor.key])
    try ClaimReader(claims: claims).requireTime(at: now, lifetime: longestLifetime)
    return (try AccreditationStatement(claims), accreditor)
  }

  /// Reads a statement whoever signed it: for the organization that it is about, which hands it on.
  ///
  /// - Throws: `malformed`, `not-supported`, `too-large`.
  public static func unverified(_ text: String) throws -> AccreditationStatement {
    try AccreditationStatement(try CompactJWS(parsing: text, as: profile).unverifiedClaims())
  }

  private init(_ claims: OAuthJSON) throws {
    let reader = ClaimReader(claims: claims)
    guard let npi = NationalProviderIdentifier(try reader.text("npi")),
      let node = NodeID(try reader.text("sub"))
    else {
      throw PeerChartError(.malformed, "a statement names an NPI and a node", place: "npi")
    }
    organization = try reader.text("org", limit: Self.longestName)
    self.npi = npi
    self.node = node
    issued = try reader.date("iat")
    expires = try reader.date("exp")
  }
}
