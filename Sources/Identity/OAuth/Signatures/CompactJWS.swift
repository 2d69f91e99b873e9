import Primitives

/// What a signed text may look like at one place of use. Nothing is accepted for one use that was made
/// for another: each names its algorithms and its type.
struct JWSProfile: Sendable {
  let algorithms: Set<SignatureAlgorithm>
  /// Allowed values of `typ`, in lower case; nil in the set stands for a header without one, nil for
  /// the set for a place where the type says nothing.
  let types: Set<String?>?
  var keyInHeader = false
  var certificatesInHeader = false
  var maximumLength = 16_384
}

/// A JWS in its compact form (RFC 7515 section 7.1), taken apart. **Nothing in it is to be believed**
/// before `verify`.
struct CompactJWS: Sendable {
  let algorithm: SignatureAlgorithm
  let keyID: String?
  /// The public key in the header, of a DPoP proof only.
  let key: JSONWebKey?
  /// Certificates in DER, of a UDAP statement only; the signer's comes first.
  let certificates: [[UInt8]]
  let header: OAuthJSON
  private let payload: [UInt8]
  private let message: [UInt8]
  private let signature: [UInt8]

  /// Takes a text apart and reads its header.
  ///
  /// - Throws: `tooLarge`, `malformed`, or `notSupported` for headers that are not offered.
  init(parsing text: String, as profile: JWSProfile) throws {
    guard text.utf8.count <= profile.maximumLength else {
      throw PeerChartError(.tooLarge, "a token is longer than \(profile.maximumLength) bytes")
    }
    let bytes = Array(text.utf8)
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, let header = Self.decode(parts[0]), let payload = Self.decode(parts[1]),
      let signature = Self.decode(parts[2]), !signature.isEmpty
    else {
      throw PeerChartError(.malformed, "a token has three parts in base64url")
    }
    self.header = try OAuthJSONParser.parse(header, limit: profile.maximumLength)
    self.payload = payload
    self.signature = signature
    message = Array(bytes[..<parts[1].endIndex])
    algorithm = try Self.algorithm(self.header, profile)
    keyID = try self.header.text("kid", limit: 256)
    key = try Self.key(self.header, profile)
    certificates = try Self.certificates(self.header, profile)
  }

  private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
    Base64URL.decode(String(decoding: part, as: UTF8.self))
  }

  private static func algorithm(
    _ header: OAuthJSON, _ profile: JWSProfile
  ) throws -> SignatureAlgorithm {
    guard let members = header.members else {
      throw PeerChartError(.malformed, "a token's header is a JSON object")
    }
    // References to keys are never followed; a header that demands to be understood is not (section
    // 4.1.11), nor is one that says how to read the rest.
    let refused =
      ["crit", "jku", "x5u", "b64", "zip", "enc"]
      + (profile.keyInHeader ? [] : ["jwk"]) + (profile.certificatesInHeader ? [] : ["x5c"])
    guard
      !members.contains(where: { member in refused.contains { member.name.isIdentical(to: $0) } })
    else {
      throw PeerChartError(.notSupported, "a token's header has a member that is refused here")
    }
    let type = try header.text("typ", limit: 64).map { $0.lowercased() }
    let short = type.map { $0.hasPrefix("application/") ? String($0.dropFirst(12)) : $0 }
    guard profile.types?.contains(short) ?? true else {
      throw PeerChartError(.notSupported, "a token of another type", place: "typ")
    }
    guard let name = try header.text("alg", limit: 32),
      let algorithm = SignatureAlgorithm(rawValue: name), profile.algorithms.contains(algorithm)
    else {
      throw PeerChartError(
        .notSupported, "a token signed in a way that is not offered", place: "alg")
    }
    return algorithm
  }

  private static func key(_ header: OAuthJSON, _ profile: JWSProfile) throws -> JSONWebKey? {
    guard profile.keyInHeader else { return nil }
    guard let json = header["jwk"] else {
      throw PeerChartError(.malformed, "a proof carries its key", place: "jwk")
    }
    return try JSONWebKey(json)
  }

  private static func certificates(_ header: OAuthJSON, _ profile: JWSProfile) throws -> [[UInt8]] {
    guard profile.certificatesInHeader else { return [] }
    guard let elements = header["x5c"]?.elements, (1...8).contains(elements.count) else {
      throw PeerChartError(.malformed, "a statement carries 1 to 8 certificates", place: "x5c")
    }
    return try elements.map { element in
      guard let text = element.string, let der = Base64.decode(text), (1...8192).contains(der.count)
      else { throw PeerChartError(.malformed, "a certificate is base64", place: "x5c") }
      return der
    }
  }

  /// The payload of a text that one of the candidates signed.
  ///
  /// - Throws: `unauthenticated` where none did.
  func bytes(signedBy candidates: [JSONWebKey]) throws -> [UInt8] {
    guard candidates.contains(where: { $0.verifies(signature, over: message, by: algorithm) })
    else {
      throw PeerChartError(.unauthenticated, "a token's signature does not hold")
    }
    return payload
  }

  /// The payload, a JSON object, of a text that one of the candidates signed.
  ///
  /// - Throws: `unauthenticated` where none did, `malformed` for a payload that is no JSON object.
  func verify(with candidates: [JSONWebKey]) throws -> OAuthJSON {
    _ = try bytes(signedBy: candidates)
    return try unverifiedClaims()
  }

  /// The payload, whoever wrote it: only to find out whose keys to fetch.
  func unverifiedClaims() throws -> OAuthJSON {
    let claims = try OAuthJSONParser.parse(payload, limit: payload.count)
    guard claims.members != nil else {
      throw PeerChartError(.malformed, "a token's payload is a JSON object")
    }
    return claims
  }
}
