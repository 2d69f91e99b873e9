import Crypto
import Foundation
import Identity
import Primitives
import SwiftASN1
import Testing
import X509

@Suite("The check of a peer's certificate")
struct PeerCertificateCheckTests {
  let node: TestNode
  let check: PeerCertificateCheck

  init() throws {
    node = try TestNode(seed: 1)
    check = PeerCertificateCheck(authority: node.statement.authority)
  }

  private func code(_ der: [UInt8], seconds: Int64 = 0) -> PeerChartError.Code? {
    errorCode { _ = try check.verify(leaf: der, at: TestNode.now.adding(seconds: seconds)) }
  }

  @Test("lets the pinned peer in, also with a renewed certificate")
  func good() throws {
    #expect(try check.verify(leaf: node.leaf.der, at: TestNode.now) == node.keys.node)
    #expect(PeerCertificateCheck.claimedNode(inLeaf: node.leaf.der) == node.keys.node)
    let later = TestNode.now.adding(seconds: 300 * TestNode.day)
    #expect(!node.leaf.isDueForRenewal(at: TestNode.now))
    #expect(node.leaf.isDueForRenewal(at: later))
    let renewed = try LeafCertificate(
      hosts: [], keys: node.keys, authority: node.authority, now: later, random: SystemRandom())
    #expect(try check.verify(leaf: renewed.der, at: later) == node.keys.node)
  }

  @Test("allows ten minutes between two clocks and no more")
  func time() {
    let start: Int64 = -3600
    let end = start + 397 * TestNode.day
    #expect(code(node.leaf.der, seconds: start - 590) == nil)
    #expect(code(node.leaf.der, seconds: start - 610) == .unauthenticated)
    #expect(code(node.leaf.der, seconds: end + 590) == nil)
    #expect(code(node.leaf.der, seconds: end + 610) == .unauthenticated)
    for extreme in [Int64.min, .max] {
      let now = Instant(millisecondsSinceEpoch: extreme)
      #expect(errorCode { _ = try check.verify(leaf: node.leaf.der, at: now) } == .unauthenticated)
    }
  }

  @Test("refuses everybody else")
  func others() throws {
    let other = try TestNode(seed: 2)
    #expect(code(other.leaf.der) == .unauthenticated)
    #expect(code(node.authority.der) == .unauthenticated)
    // The same name from a key that is not pinned.
    let impostor = try forge(signedBy: other.keys.authority)
    #expect(PeerCertificateCheck.claimedNode(inLeaf: impostor) == node.keys.node)
    #expect(code(impostor) == .unauthenticated)
    #expect(PeerCertificateCheck.claimedNode(inLeaf: node.authority.der) == nil)
    #expect(PeerCertificateCheck.claimedNode(inLeaf: []) == nil)
  }

  @Test("refuses what the pinned authority itself made in any other shape")
  func shapes() throws {
    // The forger makes the good certificate too, so every refusal below is for its own reason.
    #expect(try code(forge()) == nil)
    let other = try TestNode(seed: 2)
    #expect(try code(forge(subject: "\(other.keys.node)")) == .unauthenticated)
    #expect(try code(forge(subject: "\(node.keys.node)".uppercased())) == .unauthenticated)
    #expect(try code(forge(issuer: "Somebody")) == .unauthenticated)
    #expect(try code(forge(days: 398)) == .integrity)
    #expect(try code(forge(days: -2)) == .unauthenticated)
    #expect(try code(forge { _ in Certificate.Extensions() }) == .integrity)
    for dropped in 0..<6 {
      #expect(
        try code(
          forge { extensions in
            try Certificate.Extensions(
              extensions.enumerated().filter { $0.offset != dropped }.map(\.element))
          }) == .integrity, "without extension \(dropped)")
    }
    let foreign: [(Int, Certificate.Extension)] = [
      (
        0,
        try Certificate.Extension(
          BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true)
      ),
      (0, try Certificate.Extension(BasicConstraints.notCertificateAuthority, critical: false)),
      (
        1,
        try Certificate.Extension(
          KeyUsage(digitalSignature: true, keyCertSign: true), critical: true)
      ),
      // Bits that the library's own parser of key usages stumbles over.
      (1, Certificate.Extension(oid: .X509ExtensionID.keyUsage, critical: true, value: [3, 1, 0])),
      (
        1,
        Certificate.Extension(oid: .X509ExtensionID.keyUsage, critical: true, value: [3, 2, 8, 0])
      ),
      (2, try Certificate.Extension(ExtendedKeyUsage([.serverAuth]), critical: false)),
      (2, try Certificate.Extension(ExtendedKeyUsage([.any]), critical: false)),
      (
        3,
        Certificate.Extension(
          oid: .X509ExtensionID.subjectKeyIdentifier, critical: false, value: [4, 0])
      ),
    ]
    for (place, replacement) in foreign {
      let der = try forge { extensions in
        try Certificate.Extensions(
          extensions.enumerated().map { $0.offset == place ? replacement : $0.element })
      }
      #expect(code(der) == .integrity, "\(place)")
    }
    let more = try forge { extensions in
      var extensions = extensions
      try extensions.append(
        Certificate.Extension(oid: [1, 3, 6, 1, 4, 1, 99999, 1], critical: false, value: [5, 0]))
      return extensions
    }
    #expect(code(more) == .integrity)
    #expect(try code(forge(key: node.keys.authority.publicKey)) == .integrity)
  }

  @Test("no changed, missing or additional byte is accepted")
  func strict() {
    let der = node.leaf.der
    for (place, bytes) in flips(of: der) { #expect(code(bytes) != nil, "byte \(place)") }
    for end in 0..<der.count { #expect(code(Array(der[..<end])) != nil) }
    #expect(code(der + [0]) == .malformed)
    #expect(code([UInt8](repeating: 0x30, count: 9000)) == .tooLarge)
    #expect(code([UInt8](repeating: 0x30, count: 8000)) == .malformed)
  }

  @Test("a signature that claims an unused bit is another form of the same certificate: refused")
  func unusedBits() throws {
    // The library ignores the claim; it is well-formed whenever the signature ends in a zero bit.
    let algorithm = try #require(Hex.decode("300a06082a8648ce3d040302"))
    let nodes = try (UInt64(1)...24).map { try TestNode(seed: $0) }
    let even = try #require(nodes.first { $0.authority.der.last.map { $0 % 2 == 0 } == true })
    var der = even.authority.der
    let end = try #require(
      der.indices.last { der[$0...].starts(with: algorithm) }.map { $0 + algorithm.count })
    #expect(der[end] == 3)
    #expect(der[end + 2] == 0)
    der[end + 2] = 1
    #expect((try? Certificate(derEncoded: der)) != nil)
    #expect(
      errorCode {
        _ = try AuthorityCertificate(der: der, node: even.keys.node)
      } == .integrity)
  }

  @Test("damage of any kind never traps")
  func fuzz() {
    let seed = UInt64.random(in: 0 ... .max)
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<10_000 {
      let der = damage(node.leaf.der, using: &generator)
      if der != node.leaf.der { #expect(code(der) != nil, "seed \(seed)") }
      _ = PeerCertificateCheck.claimedNode(inLeaf: der)
      let authority = damage(node.authority.der, using: &generator)
      if authority != node.authority.der {
        #expect(
          errorCode {
            _ = try AuthorityCertificate(der: authority, node: node.keys.node)
          } != nil, "seed \(seed)")
      }
    }
  }

  @Test("certificates are not made for other nodes, far clocks or crowds of hosts")
  func making() throws {
    let other = try TestNode(seed: 2)
    func leaf(
      _ authority: AuthorityCertificate, hosts: [HostName] = [], at now: Instant = TestNode.now
    ) -> PeerChartError.Code? {
      errorCode {
        _ = try LeafCertificate(
          hosts: hosts, keys: node.keys, authority: authority, now: now, random: SystemRandom())
      }
    }
    #expect(leaf(node.authority) == nil)
    #expect(leaf(other.authority) == .invalid)
    #expect(leaf(node.authority, hosts: (0..<33).map { .dns("h\($0).example") }) == .invalid)
    for extreme in [Int64.min, -1, 253_402_300_799_999, .max] {
      #expect(leaf(node.authority, at: Instant(millisecondsSinceEpoch: extreme)) == .invalid)
    }
  }

  /// A certificate of the given shape, signed by the pinned authority unless said otherwise.
  private func forge(
    signedBy key: P256.Signing.PrivateKey? = nil, subject: String? = nil, issuer: String? = nil,
    key leaf: P256.Signing.PublicKey? = nil, days: Double = 397,
    _ change: (Certificate.Extensions) throws -> Certificate.Extensions = { $0 }
  ) throws -> [UInt8] {
    let model = try Certificate(derEncoded: node.leaf.der)
    let authority = try Certificate(derEncoded: node.authority.der)
    let issuerName =
      try issuer.map { name in try DistinguishedName { CommonName(name) } } ?? authority.subject
    let certificate = try Certificate(
      version: .v3, serialNumber: Certificate.SerialNumber(bytes: [1]),
      publicKey: Certificate.PublicKey(leaf ?? node.keys.leaf.publicKey),
      notValidBefore: model.notValidBefore,
      notValidAfter: model.notValidBefore.addingTimeInterval(days * 86_400),
      issuer: issuerName,
      subject: try DistinguishedName { CommonName(subject ?? "\(node.keys.node)") },
      signatureAlgorithm: .ecdsaWithSHA256,
      extensions: leaf == nil ? change(model.extensions) : own(model, authority),
      issuerPrivateKey: Certificate.PrivateKey(key ?? node.keys.authority))
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return serializer.serializedBytes
  }

  /// The right extensions for a leaf that has the authority's own key.
  private func own(_ model: Certificate, _ authority: Certificate) throws -> Certificate.Extensions
  {
    let identifier = authority.extensions.first { $0.oid == .X509ExtensionID.subjectKeyIdentifier }
    return try Certificate.Extensions(
      model.extensions.map { $0.oid == identifier?.oid ? identifier ?? $0 : $0 })
  }
}
