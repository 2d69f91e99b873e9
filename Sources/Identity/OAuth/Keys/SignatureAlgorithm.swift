/// The signature algorithms of JSON Web Algorithms (RFC 7518 section 3.1, RFC 8037) that are ever
/// accepted here. `none` and everything with a shared secret (`HS256`) have no case and so no way in.
public enum SignatureAlgorithm: String, Sendable, Hashable, CaseIterable, Codable {
  /// ECDSA on P-256 with SHA-256. What this node signs with.
  case es256 = "ES256"
  /// ECDSA on P-384 with SHA-384.
  case es384 = "ES384"
  /// Ed25519, by its name of RFC 8037.
  case edDSA = "EdDSA"
  /// Ed25519, by its name of RFC 9864.
  case ed25519 = "Ed25519"
  /// RSASSA-PKCS1-v1_5 with SHA-256. UDAP demands it of everybody.
  case rs256 = "RS256"
  /// RSASSA-PKCS1-v1_5 with SHA-384. SMART backend services demand it of servers.
  case rs384 = "RS384"

  /// What clients may sign assertions with (SMART App Launch 2.2, asymmetric authentication).
  public static let clientAssertions: Set<Self> = [.es256, .es384, .edDSA, .ed25519, .rs384]
  /// What UDAP statements and assertions may be signed with (UDAP Security STU 2 section 1.2.1).
  public static let udap: Set<Self> = [.es256, .es384, .rs256, .rs384]
  /// What proofs of possession may be signed with. An RSA key in every request buys nothing.
  public static let proofs: Set<Self> = [.es256, .es384, .edDSA, .ed25519]

  /// The names of a set, sorted, as metadata lists them.
  static func names(_ algorithms: Set<Self>) -> [String] { algorithms.map(\.rawValue).sorted() }
}
