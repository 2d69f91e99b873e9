import Crypto
import Foundation
import Identity
import Primitives
import SwiftASN1
import Testing
import X509

@Suite("Signing in with a card's certificate")
struct CertificateSignInTests {
  private let root: CardIssuer
  private let middle: CardIssuer

  init() throws {
    root = try CardIssuer("Root of the tests")
    middle = try CardIssuer("Issuer of the tests", parent: root, usages: [.clientAuth])
  }

  private func check(
    _ chain: [[UInt8]], anchors: [[UInt8]]? = nil, at now: Instant = TestNode.now
  ) async -> Result<CertificateCredential, PeerChartError> {
    do {
      return .success(
        try await CertificateSignIn.check(chain: chain, anchors: anchors ?? [root.der], at: now))
    } catch { return .failure(error) }
  }

  private func code(
    _ chain: [[UInt8]], anchors: [[UInt8]]? = nil, at now: Instant = TestNode.now
  ) async -> PeerChartError.Code? {
    guard case .failure(let error) = await check(chain, anchors: anchors, at: now) else {
      return nil
    }
    return error.code
  }

  private func card(_ change: (inout CardIssuer.Card) throws -> Void = { _ in }) throws -> [UInt8] {
    var card = CardIssuer.Card()
    try change(&card)
    return try middle.issue(card)
  }

  @Test("a path to a configured authority, and whose it is")
  func good() async throws {
    var card = CardIssuer.Card()
    card.names = [
      .otherName(
        .init(
          typeID: [1, 3, 6, 1, 4, 1, 311, 20, 2, 3],
          value: try ASN1Any(erasing: ASN1UTF8String("ana@hospital.example")))),
      .rfc822Name("ana@example.org\n\u{7F}"),
    ]
    let der = try middle.issue(card)
    let credential = try await check([der, middle.der]).get()
    #expect(
      credential.keyDigest
        == Array(SHA256.hash(data: Array(card.key.publicKey.subjectPublicKeyInfoBytes))))
    #expect(credential.subject == "CN=Ana Example")
    #expect(credential.issuer == "CN=Issuer of the tests")
    #expect(credential.principalName == "ana@hospital.example")
    #expect(credential.emailAddress == "ana@example.org\u{FFFD}\u{FFFD}")
    #expect(
      credential.validUntil == TestNode.now.adding(seconds: 364 * TestNode.day).rounded)
    let data = try JSONEncoder().encode(credential)
    #expect(try JSONDecoder().decode(CertificateCredential.self, from: data) == credential)
    // Renewed with the same key it is the same credential; with another it is not.
    card.subject = "Ana Example-Other"
    let renewed = try await check([middle.issue(card), middle.der]).get()
    #expect(renewed.matches(credential) && renewed != credential)
    let other = try await check([self.card(), middle.der, root.der]).get()
    #expect(!other.matches(credential))
    #expect(other.principalName == nil && other.emailAddress == nil)
  }

  @Test("no path")
  func paths() async throws {
    let leaf = try card()
    let stranger = try CardIssuer("Root of the tests")
    #expect(await code([leaf, middle.der]) == nil)
    // The intermediate may be the anchor, and certificates that do not belong may be there.
    #expect(await code([leaf], anchors: [middle.der]) == nil)
    #expect(await code([leaf, stranger.der, middle.der]) == nil)
    #expect(await code([]) == .unauthenticated)
    #expect(await code([leaf]) == .unauthenticated)
    #expect(await code([leaf, middle.der], anchors: []) == .unauthenticated)
    #expect(await code([leaf, middle.der], anchors: [stranger.der]) == .unauthenticated)
    #expect(await code([leaf, root.der]) == .unauthenticated)
    #expect(await code([middle.der, root.der]) == .unauthenticated)
    #expect(await code([root.der]) == .unauthenticated)
    // A certificate is no anchor of itself.
    #expect(await code([leaf], anchors: [leaf]) == .unauthenticated)
    let short = try CardIssuer("Short", pathLength: 0)
    let below = try CardIssuer("Below", parent: short)
    let longer = try CardIssuer("Longer", parent: below)
    let deep = try longer.issue(CardIssuer.Card())
    #expect(await code([deep, longer.der, below.der], anchors: [short.der]) == .unauthenticated)
    let impostor = try CardIssuer("Impostor", parent: root, isAuthority: false)
    let forged = try impostor.issue(CardIssuer.Card())
    #expect(await code([forged, impostor.der]) == .unauthenticated)
    let server = try CardIssuer("Servers", parent: root, usages: [.serverAuth])
    #expect(await code([try server.issue(CardIssuer.Card()), server.der]) == .unauthenticated)
    let any = try CardIssuer("Anything", parent: root, usages: [.any])
    #expect(await code([try any.issue(CardIssuer.Card()), any.der]) == nil)
  }

  @Test("what is not for signing in")
  func profiles() async throws {
    let unknown = Certificate.Extension(
      oid: [1, 3, 6, 1, 4, 1, 99999, 1], critical: true, value: [5, 0])
    let changes: [(inout CardIssuer.Card) -> Void] = [
      { $0.usages = nil }, { $0.usages = [.serverAuth] }, { $0.usages = [.any] },
      { $0.usages = [.emailProtection] }, { $0.isAuthority = true },
      { $0.keyUsage = [3, 2, 5, 0x20] }, { $0.keyUsage = [3, 1, 0] }, { $0.keyUsage = [] },
      { $0.keyUsage = [5, 0] }, { $0.keyUsage = [3, 2, 9, 0x80] },
      { $0.keyUsage = [3, 4, 0, 0x80] },
      { $0.extra = unknown }, { $0.days = 0.5 },
    ]
    for (index, change) in changes.enumerated() {
      #expect(await code([try card(change), middle.der]) == .unauthenticated, "\(index)")
    }
    let harmless: [(inout CardIssuer.Card) -> Void] = [
      { $0.usages = [.emailProtection, .clientAuth] }, { $0.keyUsage = nil },
      { $0.keyUsage = [3, 2, 5, 0xA0] }, { $0.keyUsage = [3, 3, 7, 0x80, 0x80] },
      { $0.subject = String(repeating: "x", count: 2000) },
    ]
    for (index, change) in harmless.enumerated() {
      #expect(await code([try card(change), middle.der]) == nil, "\(index)")
    }
    guard case .success(let long) = await check([try card(harmless[4]), middle.der]) else {
      Issue.record("refused")
      return
    }
    #expect(long.subject.unicodeScalars.count == 256)
  }

  @Test("its time, at any clock")
  func time() async throws {
    let chain = [try card { $0.days = 10 }, middle.der]
    let day = TestNode.day
    for (seconds, expected) in [
      (-day - 2, PeerChartError.Code.unauthenticated), (-day + 2, nil), (9 * day - 2, nil),
      (9 * day + 2, .unauthenticated), (100_000 * day, .unauthenticated),
    ] {
      #expect(await code(chain, at: TestNode.now.adding(seconds: seconds)) == expected)
    }
    for milliseconds in [Int64.min, -1, 221_845_000_000_000, .max] {
      #expect(
        await code(chain, at: Instant(millisecondsSinceEpoch: milliseconds)) == .invalid)
    }
  }

  @Test("bounded and strict")
  func bounds() async throws {
    let leaf = try card()
    #expect(await code([[1, 2, 3]]) == .malformed)
    #expect(await code([leaf, []]) == .malformed)
    #expect(await code([leaf, middle.der], anchors: [[0x30, 0]]) == .invalid)
    #expect(await code([[UInt8](repeating: 0, count: 16_385)]) == .tooLarge)
    #expect(
      await code([[UInt8]](repeating: leaf, count: 9)) == .tooLarge)
  }

  @Test("every changed byte is noticed, and any damage has an answer")
  func damaged() async throws {
    let leaf = try card()
    let good = try await check([leaf, middle.der]).get()
    for (place, bytes) in flips(of: leaf) where place % 3 == 0 {
      // A signature's bit string may claim unused bits of a last byte; that says nothing else.
      if case .success(let credential) = await check([bytes, middle.der]) {
        #expect(credential == good, "\(place)")
      }
    }
    var generator = SeededGenerator(seed: 51)
    for _ in 0..<600 {
      _ = await code([damage(leaf, using: &generator), middle.der])
      _ = await code([leaf, damage(middle.der, using: &generator)])
    }
  }

  @Test(
    "a chain that OpenSSL made, with RSA keys",
    .enabled(if: OpenSSL.path != nil, "needs the openssl program"))
  func openSSL() async throws {
    let configuration = """
      [req]
      distinguished_name = dn
      prompt = no
      [dn]
      CN = Card Authority
      [ca]
      basicConstraints = critical, CA:TRUE
      keyUsage = critical, keyCertSign
      [card]
      basicConstraints = CA:FALSE
      keyUsage = critical, digitalSignature
      extendedKeyUsage = clientAuth, 1.3.6.1.4.1.311.20.2.2
      subjectAltName = otherName:1.3.6.1.4.1.311.20.2.3;UTF8:1234@mil.example, email:ana@example.org
      """
    try await withCards(configuration) { root, good, old in
      let now = SystemClock().now()
      let credential = try await check([good], anchors: [root], at: now).get()
      #expect(credential.subject == "O=Clinic,CN=Ana")
      #expect(credential.principalName == "1234@mil.example")
      #expect(credential.emailAddress == "ana@example.org")
      #expect(await code([old], anchors: [root], at: now) == .unauthenticated)
    }
  }

  /// Lends an authority, a card of it, and a card that is signed with SHA-1.
  private func withCards(
    _ configuration: String, _ body: ([UInt8], [UInt8], [UInt8]) async throws -> Void
  ) async throws {
    let files: [[UInt8]] = try OpenSSL.withFiles(["c.cnf": Array(configuration.utf8)]) { folder in
      func run(_ line: String) throws {
        let (status, output) = try OpenSSL.run(
          line.split(separator: " ").map(String.init), in: folder)
        try #require(status == 0, "\(output)")
      }
      try run(
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.der -outform DER -days 30 -config c.cnf -extensions ca"
      )
      try run("x509 -inform DER -in ca.der -out ca.pem")
      try run(
        "req -newkey rsa:2048 -nodes -keyout a.key -out a.csr -config c.cnf -subj /CN=Ana/O=Clinic")
      for (digest, out) in [("-sha256", "good.der"), ("-sha1", "old.der")] {
        try run(
          "x509 -req -in a.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 9 \(digest) -extfile c.cnf -extensions card -outform DER -out \(out)"
        )
      }
      return try ["ca.der", "good.der", "old.der"].map {
        Array(try Data(contentsOf: folder.appending(path: $0)))
      }
    }
    try await body(files[0], files[1], files[2])
  }
}

extension Instant {
  /// Without milliseconds, as certificates have it.
  fileprivate var rounded: Instant {
    Instant(millisecondsSinceEpoch: millisecondsSinceEpoch / 1000 * 1000)
  }
}
