import Crypto
import Primitives

/// What the holder of a token must prove with each request (RFC 7800 `cnf`), so that a stolen token is
/// worth nothing.
public enum TokenBinding: Sendable, Hashable, Codable {
  /// The key of a DPoP proof, by its thumbprint (RFC 9449 section 6.1, `jkt`).
  case key(thumbprint: String)
  /// The certificate of the TLS connection: base64url of SHA-256 over its DER (RFC 8705 section 3.1,
  /// `x5t#S256`).
  case certificate(thumbprint: String)

  /// The binding to a client's certificate.
  public static func certificate(der: [UInt8]) -> TokenBinding {
    .certificate(thumbprint: Base64URL.encode(Array(SHA256.hash(data: der))))
  }

  /// Whether a thumbprint has the form of one: 32 bytes in base64url.
  static func isThumbprint(_ text: String) -> Bool { Base64URL.decode(text)?.count == 32 }

  /// `DPoP` or `Bearer`, the `token_type` of an answer: a token bound to a certificate is sent as any
  /// other.
  public var tokenType: String {
    if case .key = self { "DPoP" } else { "Bearer" }
  }

  var json: OAuthJSON {
    switch self {
    case .key(let thumbprint): .object(["jkt": .string(thumbprint)])
    case .certificate(let thumbprint): .object(["x5t#S256": .string(thumbprint)])
    }
  }

  /// Reads `cnf`: one of the two, nothing else.
  ///
  /// - Throws: `malformed`.
  init(_ json: OAuthJSON) throws {
    let thumbprint = json.members?.first?.value.string
    guard let members = json.members, members.count == 1, let name = members.first?.name,
      let thumbprint, Self.isThumbprint(thumbprint)
    else { throw PeerChartError(.malformed, "a token is bound in an unknown way", place: "cnf") }
    switch name {
    case "jkt": self = .key(thumbprint: thumbprint)
    case "x5t#S256": self = .certificate(thumbprint: thumbprint)
    default: throw PeerChartError(.malformed, "a token is bound in an unknown way", place: "cnf")
    }
  }
}
