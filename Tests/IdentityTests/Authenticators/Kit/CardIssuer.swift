import Crypto
import Foundation
import Identity
import Primitives
import SwiftASN1
import X509

/// An authority that issues cards, made up for the tests.
struct CardIssuer {
  let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
  let name: DistinguishedName
  let der: [UInt8]

  /// - Parameter parent: who certifies this one; itself when nil.
  init(
    _ text: String, parent: CardIssuer? = nil, isAuthority: Bool = true, pathLength: Int? = nil,
    usages: [ExtendedKeyUsage.Usage] = [], days: Double = 3650
  ) throws {
    name = try DistinguishedName { CommonName(text) }
    der = try Self.certificate(
      subject: name, key: key.publicKey, issuer: parent?.name ?? name, by: parent?.key ?? key,
      days: days
    ) {
      var extensions = Certificate.Extensions()
      try extensions.append(
        Certificate.Extension(
          isAuthority
            ? BasicConstraints.isCertificateAuthority(maxPathLength: pathLength)
            : BasicConstraints.notCertificateAuthority, critical: true))
      if !usages.isEmpty {
        try extensions.append(Certificate.Extension(ExtendedKeyUsage(usages), critical: false))
      }
      return extensions
    }
  }

  /// What a card is like.
  struct Card {
    var key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    var subject = "Ana Example"
    var usages: [ExtendedKeyUsage.Usage]? = [.clientAuth]
    var keyUsage: [UInt8]? = [3, 2, 7, 0x80]
    var names: [GeneralName] = []
    var isAuthority = false
    var days = 365.0
    var extra: Certificate.Extension?
  }

  func issue(_ card: Card) throws -> [UInt8] {
    try Self.certificate(
      subject: DistinguishedName { CommonName(card.subject) }, key: card.key.publicKey,
      issuer: name, by: key, days: card.days
    ) {
      var extensions = Certificate.Extensions()
      if card.isAuthority {
        try extensions.append(
          Certificate.Extension(
            BasicConstraints.isCertificateAuthority(maxPathLength: nil), critical: true))
      }
      if let usages = card.usages {
        try extensions.append(Certificate.Extension(ExtendedKeyUsage(usages), critical: true))
      }
      if let usage = card.keyUsage {
        try extensions.append(
          Certificate.Extension(
            oid: .X509ExtensionID.keyUsage, critical: true, value: usage[...]))
      }
      if !card.names.isEmpty {
        try extensions.append(
          Certificate.Extension(SubjectAlternativeNames(card.names), critical: false))
      }
      if let extra = card.extra { try extensions.append(extra) }
      return extensions
    }
  }

  private static func certificate(
    subject: DistinguishedName, key: Certificate.PublicKey, issuer: DistinguishedName,
    by issuerKey: Certificate.PrivateKey, days: Double,
    _ extensions: () throws -> Certificate.Extensions
  ) throws -> [UInt8] {
    let start = Double(TestNode.now.millisecondsSinceEpoch / 1000) - 86_400
    let certificate = try Certificate(
      version: .v3, serialNumber: .init(), publicKey: key,
      notValidBefore: Date(timeIntervalSince1970: start),
      notValidAfter: Date(timeIntervalSince1970: start + days * 86_400), issuer: issuer,
      subject: subject, signatureAlgorithm: .ecdsaWithSHA256, extensions: try extensions(),
      issuerPrivateKey: issuerKey)
    var serializer = DER.Serializer()
    try serializer.serialize(certificate)
    return serializer.serializedBytes
  }
}
