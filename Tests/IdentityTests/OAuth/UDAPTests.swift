import Crypto
import Foundation
import Identity
import Primitives
import SwiftASN1
import Testing
import X509

/// A made-up trust community: a root, an intermediate authority, members.
private struct Community {
  let root: Certificate
  let rootKey = Certificate.PrivateKey(P256.Signing.PrivateKey())
  let middle: Certificate
  let middleKey = Certificate.PrivateKey(P256.Signing.PrivateKey())

  init() throws {
    root = try Self.certificate(
      "Root", of: rootKey.publicKey, issuer: "Root", by: rootKey,
      Certificate.Extensions { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 1)) }
    )
    middle = try Self.certificate(
      "Middle", of: middleKey.publicKey, issuer: "Root", by: rootKey,
      Certificate.Extensions { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0)) }
    )
  }

  static func certificate(
    _ name: String, of key: Certificate.PublicKey, issuer: String,
    by issuerKey: Certificate.PrivateKey,
    _ extensions: Certificate.Extensions, days: Double = 365
  ) throws -> Certificate {
    let start = Date(timeIntervalSince1970: Double(TestServer.seconds) - 86_400)
    return try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(), publicKey: key,
      notValidBefore: start, notValidAfter: start.addingTimeInterval(days * 86_400),
      issuer: DistinguishedName { CommonName(issuer) },
      subject: DistinguishedName { CommonName(name) }, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: extensions, issuerPrivateKey: issuerKey)
  }

  /// A member's certificate for these URIs.
  func member(
    _ uris: [String], key: P256.Signing.PublicKey, authority: Bool = false, days: Double = 365
  ) throws -> Certificate {
    try Self.certificate(
      "Member", of: Certificate.PublicKey(key), issuer: "Middle", by: middleKey,
      Certificate.Extensions {
        if authority {
          Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
        }
        Critical(KeyUsage(digitalSignature: true))
        SubjectAlternativeNames(uris.map { .uniformResourceIdentifier($0) })
      }, days: days)
  }

  func anchors() throws -> CertificateAnchors { try CertificateAnchors(der: [Self.der(root)]) }

  static func der(_ certificate: Certificate) throws -> [UInt8] {
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return serializer.serializedBytes
  }
}

@Suite("Registration by UDAP")
struct UDAPTests {
  static let uri = "https://member.example/app"
  static let endpoint = "https://node.example/oauth/register"
  private let community: Community
  private let key = P256.Signing.PrivateKey()

  init() throws { community = try Community() }

  static var statement: [String: Any] {
    [
      "iss": uri, "sub": uri, "aud": endpoint, "jti": "s-1", "iat": TestServer.seconds,
      "exp": TestServer.seconds + 300, "client_name": "Member's app",
      "contacts": ["mailto:ops@member.example"], "grant_types": ["client_credentials"],
      "token_endpoint_auth_method": "private_key_jwt", "scope": "system/Patient.rs",
    ]
  }

  private func signed(
    _ claims: [String: Any], chain: [Certificate]? = nil, algorithm: String = "ES256"
  ) throws -> String {
    let member = try community.member([Self.uri], key: key.publicKey)
    let texts = try (chain ?? [member, community.middle]).map {
      "\"\(Base64.encode(try Community.der($0)))\""
    }
    return try TestSigner(key: .p256(key)).sign(
      header: "{\"alg\":\"\(algorithm)\",\"x5c\":[\(texts.joined(separator: ","))]}",
      payload: json(claims))
  }

  private func register(
    _ text: String, anchors: CertificateAnchors? = nil, at now: Instant = TestServer.now
  ) async throws -> SoftwareStatement? {
    let body = try json(["software_statement": text, "udap": "1"])
    return try await SoftwareStatement(
      registration: Array(body.utf8), endpoint: Self.endpoint,
      anchors: anchors ?? community.anchors(), at: now)
  }

  private func refusal(
    _ changes: [String: Any?], chain: [Certificate]? = nil, at now: Instant = TestServer.now
  ) async throws -> OAuthError.Code? {
    var claims = Self.statement
    for (name, value) in changes { claims[name] = value }
    let text = try signed(claims, chain: chain)
    do {
      _ = try await register(text, at: now)
      return nil
    } catch { return (error as? OAuthError)?.code }
  }

  @Test("a member of a community registers and authenticates with its certificate")
  func member() async throws {
    let statement = try #require(try await register(signed(Self.statement)))
    #expect(statement.issuer == Self.uri)
    let metadata = try #require(statement.metadata)
    #expect(metadata.name == "Member's app")
    #expect(metadata.grants == [.clientCredentials])
    #expect(metadata.keys == nil)
    #expect(statement.rememberUntil == TestServer.at(360))
    let client = RegisteredClient(
      id: "c-9", metadata: metadata, communityURI: statement.issuer, registered: TestServer.now)
    let stored = try JSONDecoder().decode(
      RegisteredClient.self, from: JSONEncoder().encode(client))
    #expect(stored == client)
    let claims: [String: Any] = [
      "iss": "c-9", "sub": "c-9", "aud": TestServer.token, "jti": "a-1",
      "exp": TestServer.seconds + 200, "iat": TestServer.seconds,
    ]
    let text = try signed(claims)
    let read = try ClientAuthentication(
      FormParameters(
        query: "client_assertion=\(text.replacing("+", with: "%2B"))"
          + "&client_assertion_type=\(ClientAssertion.type)"), hasAuthorizationHeader: false)
    #expect(read.clientID == "c-9")
    let assertion = try await ClientAssertion(
      verifying: text, client: stored, anchors: community.anchors(),
      audiences: [TestServer.token], at: TestServer.now)
    #expect(assertion.clientID == "c-9")
    let both = try community.member(["https://other.example/", Self.uri], key: key.publicKey)
    _ = try await ClientAssertion(
      verifying: signed(claims, chain: [both, community.middle]), client: stored,
      anchors: community.anchors(), audiences: [TestServer.token], at: TestServer.now)
    let stranger = try community.member(["https://other.example/"], key: key.publicKey)
    let foreign = try signed(claims, chain: [stranger, community.middle])
    await #expect(throws: OAuthError.self) {
      try await ClientAssertion(
        verifying: foreign, client: stored, anchors: community.anchors(),
        audiences: [TestServer.token], at: TestServer.now)
    }
  }

  @Test("statements of others, for others, of another time, without what must be in them")
  func refused() async throws {
    #expect(try await refusal([:]) == nil)
    for (changes, code) in [
      (["iss": "https://other.example/"], .invalidSoftwareStatement),
      (["sub": "https://other.example/"], .invalidSoftwareStatement),
      (["aud": TestServer.token], .invalidSoftwareStatement),
      (["jti": nil], .invalidSoftwareStatement), (["iat": nil], .invalidSoftwareStatement),
      (["exp": TestServer.seconds + 3600], .invalidSoftwareStatement),
      (["exp": TestServer.seconds - 100], .invalidSoftwareStatement),
      (["client_name": nil], .invalidClientMetadata), (["scope": nil], .invalidClientMetadata),
      (["contacts": ["https://member.example"]], .invalidClientMetadata),
      (["token_endpoint_auth_method": "none"], .invalidClientMetadata),
      (["grant_types": ["authorization_code"]], .invalidRedirectURI),
    ] as [([String: Any?], OAuthError.Code)] {
      #expect(try await refusal(changes) == code, "\(changes)")
    }
    #expect(try await refusal([:], at: TestServer.at(600)) == .invalidSoftwareStatement)
    var claims = Self.statement
    claims["grant_types"] = [String]()
    #expect(try await register(signed(claims))?.metadata == nil)
  }

  @Test("chains that lead nowhere, have run out, or are signed by whom they are not")
  func chains() async throws {
    let other = try Community()
    let member = try community.member([Self.uri], key: key.publicKey)
    let stranger = try other.member([Self.uri], key: key.publicKey)
    let someone = P256.Signing.PrivateKey()
    let bad: [[Certificate]] = [
      [member], [stranger, other.middle], [stranger, other.middle, other.root],
      [stranger, community.middle], [community.middle, member],
      [try community.member([Self.uri], key: someone.publicKey), community.middle],
    ]
    for chain in bad {
      #expect(try await refusal([:], chain: chain) == .unapprovedSoftwareStatement)
    }
    let short = try community.member([Self.uri], key: key.publicKey, days: 1.5)
    #expect(try await refusal([:], chain: [short, community.middle]) == nil)
    let late = try signed(Self.statement, chain: [short, community.middle])
    await #expect(throws: OAuthError.self) {
      try await register(late, at: TestServer.at(86_400))
    }
    // An end certificate signs no other: the member makes a child of its own.
    let child = try Community.certificate(
      "Child", of: Certificate.PublicKey(key.publicKey), issuer: "Member",
      by: Certificate.PrivateKey(key),
      Certificate.Extensions {
        SubjectAlternativeNames([.uniformResourceIdentifier(Self.uri)])
      })
    #expect(
      try await refusal([:], chain: [child, member, community.middle])
        == .unapprovedSoftwareStatement)
    let none = try CertificateAnchors(der: [])
    await #expect(throws: OAuthError.self) {
      try await register(signed(Self.statement), anchors: none)
    }
  }

  @Test("a registration without a statement is none of UDAP's; one of unknown rules is refused")
  func bodies() async throws {
    func read(_ text: String) async throws -> SoftwareStatement? {
      try await SoftwareStatement(
        registration: Array(text.utf8), endpoint: Self.endpoint, anchors: community.anchors(),
        at: TestServer.now)
    }
    #expect(try await read("{\"redirect_uris\":[]}") == nil)
    for bad in [
      "", "[", "{\"software_statement\":\"x\"}", "{\"software_statement\":\"x\",\"udap\":\"2\"}",
      "{\"software_statement\":\"x\",\"udap\":\"1\"}",
    ] {
      await #expect(throws: OAuthError.self) { try await read(bad) }
    }
    let header = try TestSigner(key: .p256(key)).sign(
      header: "{\"alg\":\"ES256\",\"x5c\":[\"AAAA\"]}", payload: json(Self.statement))
    await #expect(throws: OAuthError.self) { try await register(header) }
    for bytes in [[], [0], [UInt8](repeating: 0x30, count: 9000)] as [[UInt8]] {
      #expect(throws: PeerChartError.self) { try CertificateAnchors(der: [bytes]) }
    }
  }
}
