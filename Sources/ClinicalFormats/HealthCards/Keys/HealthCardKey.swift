import FHIR
public import Identity
import Primitives

/// One key of an issuer (SMART Health Cards 1.4, "Determining keys associated with an issuer").
public struct HealthCardKey: Sendable {
  /// `kid`, which is the key's thumbprint (RFC 7638).
  public let keyID: String
  /// The key; nil where it is none that a card can be signed with.
  public let key: JSONWebKey?
  /// The version of the list of revoked cards; nil where the issuer keeps none for this key.
  public let listVersion: Int64?
  /// What is wrong with it.
  public let findings: [HealthCardFinding]
  /// Certificates in DER, that of the key first.
  let certificates: [[UInt8]]

  private static let coordinateLength = 43

  init(_ value: JSONValue, place: String) {
    var findings: [HealthCardFinding] = []
    func add(_ code: HealthCardFinding.Code, _ text: String, _ member: String) {
      findings.append(HealthCardFinding(code, text, place: "\(place).\(member)"))
    }
    func text(_ name: String) -> String? { value[name]?.string }
    if value["d"] != nil { add(.keyPrivate, "a private key was published: throw it away", "d") }
    if text("kty") != "EC" { add(.keyType, "the kind of key is not EC", "kty") }
    if text("use") != "sig" { add(.keyUse, "the key is not for signatures (use: sig)", "use") }
    if text("alg") != "ES256" { add(.keyAlgorithm, "the algorithm is not ES256", "alg") }
    if text("crv") != "P-256" { add(.keyCurve, "the curve is not P-256", "crv") }
    keyID = text("kid") ?? ""
    var key: JSONWebKey?
    if findings.isEmpty {
      // Only what makes the key goes to its reader: members that it does not know are for others.
      let bare = JSONTree.object(
        ["kty", "crv", "x", "y", "kid", "alg", "use"].compactMap { name in
          text(name).map { (name, .string($0)) }
        })
      key = try? JSONWebKey(parsing: bare.serialized())
      if key == nil { add(.keyPoint, "the point is not on the curve", "x") }
    }
    if let key, key.thumbprint != keyID {
      add(.keyName, "the key's name is not its thumbprint", "kid")
    }
    let chain = value["x5c"]?.elements.map { $0.string.flatMap(Base64.decode) }
    certificates = chain?.compactMap { $0 } ?? []
    if let chain, chain.isEmpty || chain.count > Self.longestChain || chain.contains(nil) {
      add(.certificateForm, "certificates are an array of base64", "x5c")
    }
    listVersion = value["crlVersion"]?.numberLiteral.flatMap(Int64.init)
    if value["crlVersion"] != nil, listVersion.map({ $0 < 0 }) ?? true {
      add(.listVersion, "the version of a list is a whole number", "crlVersion")
    }
    self.key = key
    self.findings = findings
  }

  private static let longestChain = 8

  /// Whether it has certificates.
  public var hasCertificates: Bool { !certificates.isEmpty }
}
