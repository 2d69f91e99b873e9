import Crypto
import Primitives
import SwiftASN1
import X509

/// The CMS structure of a time-stamp, as RFC 3161 narrows RFC 5652: one signer, signed attributes, the
/// signer's certificate inside and named by its hash (RFC 5816).
struct TimeStampContent: Sendable {
  private static let mostCertificates = 16

  let info: TimeStampInfo
  private let infoBytes: [UInt8]
  let certificates: [Certificate]
  private let digestAlgorithm: ASN1ObjectIdentifier
  private let signatureAlgorithm: ASN1ObjectIdentifier
  private let signature: [UInt8]
  /// DER of the signed attributes, as a SET.
  private let signedBytes: [UInt8]
  private let attributes: [ASN1ObjectIdentifier: ASN1Node]

  init(_ node: ASN1Node) throws(PeerChartError) {
    var outer = try DERNodes(node)
    guard try outer.next().objectIdentifier == TimeStampNames.signedData else {
      throw DERNodes.malformed
    }
    let data = try Self.explicit(try outer.next())
    try outer.requireEnd()
    var members = try DERNodes(data)
    guard try members.next().smallInteger == 3 else { throw DERNodes.malformed }
    _ = try DERNodes(try members.next(), .set)
    var encapsulated = try DERNodes(try members.next())
    guard try encapsulated.next().objectIdentifier == TimeStampNames.timeStampInfo else {
      throw DERNodes.malformed
    }
    infoBytes = try Self.explicit(try encapsulated.next()).primitive(.octetString)
    try encapsulated.requireEnd()
    info = try TimeStampInfo(infoBytes)
    certificates =
      try members.optional(context: 0).map { node throws(PeerChartError) in
        try Self.certificates(node)
      } ?? []
    _ = try members.optional(context: 1)
    var signers = try DERNodes(try members.next(), .set)
    let signer = try signers.next()
    try signers.requireEnd()
    try members.requireEnd()

    var parts = try DERNodes(signer)
    guard [1, 3].contains(try parts.next().smallInteger) else { throw DERNodes.malformed }
    // Which certificate signed is taken from the signed attributes, not from this unsigned name.
    _ = try parts.next()
    digestAlgorithm = try parts.next().algorithm
    let tag = ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific)
    guard let signed = try parts.optional(tag) else {
      throw PeerChartError(.integrity, "the time-stamp has no signed attributes")
    }
    // What is signed is the same with the tag of a SET (RFC 5652 section 5.4).
    signedBytes = [0x31] + signed.encodedBytes.dropFirst()
    attributes = try Self.attributes(signed, tag)
    signatureAlgorithm = try parts.next().algorithm
    signature = try parts.next().primitive(.octetString)
    _ = try parts.optional(context: 1)
    try parts.requireEnd()
  }

  private static func explicit(_ node: ASN1Node) throws(PeerChartError) -> ASN1Node {
    var members = try DERNodes(
      node, ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific))
    let inner = try members.next()
    try members.requireEnd()
    return inner
  }

  private static func certificates(_ node: ASN1Node) throws(PeerChartError) -> [Certificate] {
    var list = try DERNodes(
      node, ASN1Identifier(tagWithNumber: 0, tagClass: .contextSpecific))
    let nodes = try list.rest()
    guard nodes.count <= mostCertificates else {
      throw PeerChartError(.tooLarge, "a time-stamp with too many certificates")
    }
    var certificates: [Certificate] = []
    for node in nodes {
      guard let certificate = try? Certificate(derEncoded: node) else { throw DERNodes.malformed }
      certificates.append(certificate)
    }
    return certificates
  }

  /// Each attribute once, with one value.
  private static func attributes(
    _ node: ASN1Node, _ tag: ASN1Identifier
  ) throws(PeerChartError) -> [ASN1ObjectIdentifier: ASN1Node] {
    var list = try DERNodes(node, tag)
    var found: [ASN1ObjectIdentifier: ASN1Node] = [:]
    for item in try list.rest() {
      var members = try DERNodes(item)
      let name = try members.next().objectIdentifier
      var values = try DERNodes(try members.next(), .set)
      let value = try values.next()
      try values.requireEnd()
      try members.requireEnd()
      guard found.updateValue(value, forKey: name) == nil else { throw DERNodes.malformed }
    }
    return found
  }

  /// The certificate that the signed attributes name by its hash.
  func signer() throws(PeerChartError) -> Certificate {
    for certificate in certificates where try isNamed(certificate) { return certificate }
    throw PeerChartError(.integrity, "the signer's certificate is not in the time-stamp")
  }

  private func isNamed(_ certificate: Certificate) throws(PeerChartError) -> Bool {
    let der = try Self.der(certificate)
    if let attribute = attributes[TimeStampNames.signingCertificateV2] {
      var first = try Self.firstCertificate(attribute)
      var algorithm = TimeStampNames.sha256
      if let named = try first.optional(.sequence) { algorithm = try named.algorithm }
      let hash = try first.next().primitive(.octetString)
      return try Self.hash(der, algorithm) == hash
    }
    if let attribute = attributes[TimeStampNames.signingCertificate] {
      var first = try Self.firstCertificate(attribute)
      // SHA-1 here only tells apart certificates that have to be good by themselves (RFC 5816).
      return try first.next().primitive(.octetString)
        == Array(Insecure.SHA1.hash(data: der))
    }
    return false
  }

  private static func firstCertificate(_ attribute: ASN1Node) throws(PeerChartError) -> DERNodes {
    var members = try DERNodes(attribute)
    var list = try DERNodes(try members.next())
    return try DERNodes(try list.next())
  }

  static func der(_ certificate: Certificate) throws(PeerChartError) -> [UInt8] {
    var serializer = DER.Serializer()
    do { try serializer.serialize(certificate) } catch { throw DERNodes.malformed }
    return serializer.serializedBytes
  }

  private static func hash(
    _ bytes: [UInt8], _ algorithm: ASN1ObjectIdentifier
  ) throws(PeerChartError) -> [UInt8] {
    switch algorithm {
    case TimeStampNames.sha256: Array(SHA256.hash(data: bytes))
    case TimeStampNames.sha384: Array(SHA384.hash(data: bytes))
    case TimeStampNames.sha512: Array(SHA512.hash(data: bytes))
    default: throw PeerChartError(.notSupported, "a time-stamp with a hash that is not known here")
    }
  }

  /// - Throws: `integrity`.
  func requireSignature(by signer: Certificate) throws(PeerChartError) {
    guard let type = attributes[TimeStampNames.contentType],
      try type.objectIdentifier == TimeStampNames.timeStampInfo,
      let digest = attributes[TimeStampNames.messageDigest],
      try digest.primitive(.octetString) == Self.hash(infoBytes, digestAlgorithm),
      let algorithm = signingAlgorithm,
      signer.publicKey.isValidSignature(
        signature, for: signedBytes, signatureAlgorithm: algorithm)
    else { throw PeerChartError(.integrity, "the time-stamp's signature is not valid") }
  }

  private var signingAlgorithm: Certificate.SignatureAlgorithm? {
    switch (signatureAlgorithm, digestAlgorithm) {
    case (TimeStampNames.rsaSHA256, _), (TimeStampNames.rsa, TimeStampNames.sha256):
      .sha256WithRSAEncryption
    case (TimeStampNames.rsaSHA384, _), (TimeStampNames.rsa, TimeStampNames.sha384):
      .sha384WithRSAEncryption
    case (TimeStampNames.rsaSHA512, _), (TimeStampNames.rsa, TimeStampNames.sha512):
      .sha512WithRSAEncryption
    case (TimeStampNames.ecdsaSHA256, _): .ecdsaWithSHA256
    case (TimeStampNames.ecdsaSHA384, _): .ecdsaWithSHA384
    case (TimeStampNames.ecdsaSHA512, _): .ecdsaWithSHA512
    default: nil
    }
  }
}
