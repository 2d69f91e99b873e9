import FHIR
public import Identity
import Primitives

/// A key set as an issuer of cards publishes it.
public enum HealthCardKeyDocument {
  /// - Parameter keys: each with the version of its list of revoked cards.
  public static func serialized(_ keys: [(key: JSONWebKey, listVersion: Int64)]) -> [UInt8] {
    JSONTree.object([("keys", .array(keys.compactMap(tree)))]).serialized()
  }

  private static func tree(_ entry: (key: JSONWebKey, listVersion: Int64)) -> JSONTree? {
    guard let point = entry.key.point else { return nil }
    return [
      "kty": "EC", "kid": .string(entry.key.thumbprint), "use": "sig", "alg": "ES256",
      "crv": "P-256", "x": .string(Base64URL.encode(point.prefix(32))),
      "y": .string(Base64URL.encode(point.dropFirst(32))),
      "crlVersion": .number(String(entry.listVersion)),
    ]
  }
}
