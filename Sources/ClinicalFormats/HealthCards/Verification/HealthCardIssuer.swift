import Primitives

/// What a verifier knows of one issuer.
public struct HealthCardIssuer: Sendable {
  /// `iss`: https, without a slash at its end.
  public let address: String
  /// Its name, from whoever trusts it: it is not the issuer's own word.
  public let name: String
  public let keySet: HealthCardKeySet
  /// Its lists of revoked cards, as far as they are at hand.
  public let lists: [HealthCardRevocationList]

  public init(
    address: String, name: String, keySet: HealthCardKeySet,
    lists: [HealthCardRevocationList] = []
  ) {
    self.address = address
    self.name = name
    self.keySet = keySet
    self.lists = lists
  }

  /// Whether a text is an issuer's address: https, no slash at its end, no query, no fragment.
  public static func isAddress(_ text: String) -> Bool {
    text.hasPrefix("https://") && text.utf8.count <= 1024 && text.utf8.count > 8
      && !text.hasSuffix("/")
      && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"?#\"\\@<>".utf8.contains($0) }
  }

  /// Where the keys are.
  public static func keysAddress(of issuer: String) -> String { issuer + "/.well-known/jwks.json" }

  /// Where the list of a key is.
  public static func listAddress(of issuer: String, keyID: String) -> String {
    issuer + "/.well-known/crl/\(keyID).json"
  }
}
