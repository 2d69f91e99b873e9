public import Crypto
import Primitives

/// The signed form: a JWS in its compact form (RFC 7515), EdDSA (RFC 8037), of a type of its own.
extension DocumentStatus {
  /// Bytes of one.
  public static let longest = 4096
  private static let type = "peerchart-document-status+jwt"
  private static let profile = JWSProfile(
    algorithms: [.edDSA], types: [type], maximumLength: longest)

  /// - Parameter key: the issuer's, of which its node's identity is made.
  /// - Throws: `invalid` when the library refuses.
  public func signed(by key: Curve25519.Signing.PrivateKey) throws -> String {
    let header = OAuthJSON.object([
      "typ": .string(Self.type), "alg": .string(SignatureAlgorithm.edDSA.rawValue),
      "kid": .string(Self.webKey(key.publicKey).thumbprint),
    ])
    let claims = OAuthJSON.object([
      "iss": .string(issuer.description), "sub": .string(Hex.encode(self.key)),
      "state": .string(state.rawValue), "since": since.map { .date($0) },
      "reason": reason.map { .string($0.rawValue) },
      "successor": successor.map { .string(Hex.encode($0)) }, "iat": .date(time),
      "size": .integer(Int64(clamping: logSize)),
    ])
    let message = Base64URL.encode(header.bytes) + "." + Base64URL.encode(claims.bytes)
    do {
      return message + "." + Base64URL.encode(Array(try key.signature(for: Array(message.utf8))))
    } catch {
      throw PeerChartError(.invalid, "a status cannot be signed", cause: error)
    }
  }

  /// Reads what an issuer says. How old it is, and of which document, is for the caller to look at.
  ///
  /// - Parameter key: the issuer's, known from elsewhere: nothing in the text leads to a key.
  /// - Throws: `malformed`, `not-supported`, `too-large`; `unauthenticated` where the key did not sign it.
  public init(verifying text: String, by key: Curve25519.Signing.PublicKey) throws {
    let jws = try CompactJWS(parsing: text, as: Self.profile)
    let reader = ClaimReader(claims: try jws.verify(with: [Self.webKey(key)]))
    guard let issuer = NodeID(try reader.text("iss")),
      let name = Hex.decode(try reader.text("sub")),
      let state = State(rawValue: try reader.text("state")),
      case .number(let digits)? = reader.claims["size"], let size = UInt64(digits)
    else { throw Self.malformed }
    var successor: [UInt8]?
    if let text = try reader.claims.text("successor", limit: 64) {
      guard let digest = Hex.decode(text) else { throw Self.malformed }
      successor = digest
    }
    var reason: DocumentRevocationReason?
    if let text = try reader.claims.text("reason", limit: 64) {
      // A reason that is not known here revokes all the same.
      reason = DocumentRevocationReason(rawValue: text) ?? .unspecified
    }
    do {
      try self.init(
        issuer: issuer, key: name, state: state, since: reader.optionalDate("since"),
        reason: reason, successor: successor, logSize: size,
        at: reader.date("iat"))
    } catch let error as PeerChartError where error.code == .invalid { throw Self.malformed }
  }

  private static func webKey(_ key: Curve25519.Signing.PublicKey) -> JSONWebKey {
    JSONWebKey(material: .ed25519(key), keyID: nil, algorithm: nil)
  }

  private static var malformed: PeerChartError {
    PeerChartError(.malformed, "this is not the status of a document")
  }
}
