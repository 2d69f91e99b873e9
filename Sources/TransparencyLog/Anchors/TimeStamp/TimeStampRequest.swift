import SwiftASN1

/// A request to a time-stamping authority (RFC 3161 section 2.4.1): SHA-256, a nonce, its certificate wanted.
public struct TimeStampRequest: Hashable, Sendable {
  /// The media types of request and reply (RFC 3161 section 3.4).
  public static let mediaType = "application/timestamp-query"
  public static let replyMediaType = "application/timestamp-reply"

  public let digest: Hash
  /// Up to 16 random bytes that the reply must name; nil for a reply that is looked at later.
  public let nonce: [UInt8]

  public init(digest: Hash, nonce: [UInt8]) {
    self.digest = digest
    self.nonce = nonce
  }

  /// The nonce as the content of a positive INTEGER in its one form.
  var nonceInteger: [UInt8] {
    let digits = Array(nonce.prefix(16).drop { $0 == 0 })
    guard let first = digits.first else { return [0] }
    return first < 0x80 ? digits : [0] + digits
  }

  /// DER.
  public var bytes: [UInt8] {
    get throws {
      var serializer = DER.Serializer()
      try serializer.appendConstructedNode(identifier: .sequence) { request in
        try request.serialize(1)
        try request.appendConstructedNode(identifier: .sequence) { imprint in
          try imprint.appendConstructedNode(identifier: .sequence) { algorithm in
            try algorithm.serialize(TimeStampNames.sha256)
            try algorithm.serialize(ASN1Null())
          }
          try imprint.serialize(ASN1OctetString(contentBytes: digest.bytes[...]))
        }
        request.appendPrimitiveNode(identifier: .integer) { $0.append(contentsOf: nonceInteger) }
        try request.serialize(true)
      }
      return serializer.serializedBytes
    }
  }
}

/// Object identifiers of RFC 3161, RFC 5652, RFC 5816 and the algorithms.
enum TimeStampNames {
  static let signedData: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 7, 2]
  static let timeStampInfo: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 16, 1, 4]
  static let contentType: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 3]
  static let messageDigest: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 4]
  static let signingCertificate: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 16, 2, 12]
  static let signingCertificateV2: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 9, 16, 2, 47]
  static let sha256: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 1]
  static let sha384: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 2]
  static let sha512: ASN1ObjectIdentifier = [2, 16, 840, 1, 101, 3, 4, 2, 3]
  static let rsa: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 1]
  static let rsaSHA256: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 11]
  static let rsaSHA384: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 12]
  static let rsaSHA512: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 13]
  static let ecdsaSHA256: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 2]
  static let ecdsaSHA384: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 3]
  static let ecdsaSHA512: ASN1ObjectIdentifier = [1, 2, 840, 10_045, 4, 3, 4]
}
