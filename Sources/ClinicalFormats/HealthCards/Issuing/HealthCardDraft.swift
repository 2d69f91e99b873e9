public import FHIR
public import Identity
public import Primitives

/// A card that is about to be signed.
public struct HealthCardDraft: Sendable {
  /// The issuer's address, under which its keys are published.
  public var issuer: String
  public var issued: Instant
  /// Until when; nil: for good.
  public var expires: Instant?
  /// The card's name in the list of revoked ones.
  public var revocationID: String
  public var types: [String]
  /// What `HealthCardMinimizer` made.
  public var bundle: JSONTree

  public init(
    issuer: String, issued: Instant, expires: Instant? = nil, revocationID: String,
    types: [String], bundle: JSONTree
  ) {
    self.issuer = issuer
    self.issued = issued
    self.expires = expires
    self.revocationID = revocationID
    self.types = types
    self.bundle = bundle
  }

  /// Signs it: the text of the card.
  ///
  /// - Parameter key: a key for ES256.
  /// - Throws: `invalid` for what no verifier would take, and what the library throws.
  public func signed(by key: SigningKey) throws -> String {
    guard HealthCardIssuer.isAddress(issuer) else {
      throw PeerChartError(
        .invalid, "an issuer is known by an https address without a slash at its end")
    }
    guard key.publicKey.algorithm == .es256 else {
      throw PeerChartError(.invalid, "a card is signed with a key for ES256")
    }
    let header: JSONTree = ["zip": "DEF", "alg": "ES256", "kid": .string(key.publicKey.thumbprint)]
    let message =
      Base64URL.encode(header.serialized()) + "."
      + Base64URL.encode(try RawDeflate.compress(payload.serialized()))
    return message + "." + Base64URL.encode(try key.signature(over: Array(message.utf8)))
  }

  private var payload: JSONTree {
    var members: [(String, JSONTree)] = [
      ("iss", .string(issuer)), ("nbf", Self.seconds(issued)),
    ]
    if let expires { members.append(("exp", Self.seconds(expires))) }
    members.append(
      (
        "vc",
        [
          "type": .array(types.map(JSONTree.string)),
          "credentialSubject": ["fhirVersion": "4.0.1", "fhirBundle": bundle],
          "rid": .string(revocationID),
        ]
      ))
    return .object(members)
  }

  /// Rounded down, so that the card is good at once.
  private static func seconds(_ time: Instant) -> JSONTree {
    .number(String(time.millisecondsSinceEpoch / 1000))
  }
}
