import Crypto
public import Primitives
import SwiftASN1
import X509

/// What an authority has said, once its signature and its certificate have been found good.
public struct TimeStamp: Hashable, Sendable {
  /// By the authority's clock.
  public let time: Instant
  /// How far off that may be, in milliseconds; nil where the authority does not say.
  public let accuracy: Int64?
  /// The policy under which it was given, an object identifier.
  public let policy: String
  /// INTEGER, big-endian.
  public let serialNumber: [UInt8]
  /// The subject of the authority's certificate, as text for people.
  public let authority: String
}

/// A time-stamp (RFC 3161 section 2.4.2): a CMS SignedData over what the authority says.
public struct TimeStampToken: Sendable {
  /// The longest reply and token that is read, in bytes.
  public static let maximumLength = 256 << 10

  /// DER of the token, without the reply around it.
  public let bytes: [UInt8]
  let content: TimeStampContent

  /// Reads a token.
  ///
  /// - Throws: `malformed`, `tooLarge`, `not-supported`.
  public init(parsing bytes: [UInt8]) throws(PeerChartError) {
    guard bytes.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a time-stamp is longer than \(Self.maximumLength) bytes")
    }
    content = try TimeStampContent(try DERNodes.parse(bytes))
    self.bytes = bytes
  }

  /// Reads the token in an authority's reply.
  ///
  /// - Throws: as above; `forbidden` where the authority refuses.
  public init(reply: [UInt8]) throws(PeerChartError) {
    guard reply.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "the authority's reply is too long")
    }
    var members = try DERNodes(try DERNodes.parse(reply))
    var status = try DERNodes(try members.next())
    let code = try status.next().smallInteger
    // 0 is granted, 1 granted with changes: what it says is checked in either case.
    guard code <= 1 else {
      throw PeerChartError(.forbidden, "the authority refuses to stamp (status \(code))")
    }
    let token = try members.next()
    try members.requireEnd()
    try self.init(parsing: Array(token.encodedBytes))
  }

  /// The reply that a program which wants one around the token can read: status granted, and the token.
  public var reply: [UInt8] {
    get throws {
      var serializer = DER.Serializer()
      try serializer.appendConstructedNode(identifier: .sequence) { reply in
        try reply.appendConstructedNode(identifier: .sequence) { try $0.serialize(0) }
        reply.serializeRawBytes(bytes)
      }
      return serializer.serializedBytes
    }
  }

  /// Checks what was stamped, and that whoever the token names as its signer signed it. Whether that is an
  /// authority at all is not asked: for a reader who knows none, this is what it says of itself.
  ///
  /// - Throws: `integrity`, `not-supported`, `malformed`.
  public func claim(_ digest: Hash) throws(PeerChartError) -> TimeStamp {
    let signer = try signer(of: digest)
    let info = content.info
    return TimeStamp(
      time: info.time, accuracy: info.accuracy, policy: info.policy,
      serialNumber: info.serialNumber,
      authority: VisibleName.text(String(describing: signer.subject)))
  }

  private func signer(of digest: Hash) throws(PeerChartError) -> Certificate {
    guard content.info.algorithm == TimeStampNames.sha256, content.info.digest == digest.bytes
    else { throw PeerChartError(.integrity, "the authority has stamped something else") }
    let signer = try content.signer()
    try content.requireSignature(by: signer)
    return signer
  }

  /// Checks everything: what was stamped, the nonce, the signature, and that the signer's certificate leads to
  /// an authority that is trusted, is for time-stamping alone, and was valid at that time.
  ///
  /// - Parameters:
  ///   - nonce: that of the request; nil where the token is looked at later.
  ///   - trusted: DER of the certificates that may stand at the end of the path.
  /// - Throws: `integrity` where something does not fit, `invalid` for a trusted certificate that is none.
  public func verify(
    _ digest: Hash, nonce: [UInt8]?, trusted: [[UInt8]]
  ) async throws(PeerChartError) -> TimeStamp {
    let info = content.info
    let signer = try signer(of: digest)
    if let nonce {
      guard info.nonce == TimeStampRequest(digest: digest, nonce: nonce).nonceInteger else {
        throw PeerChartError(.integrity, "the reply is not to this request")
      }
    }
    let name = try await TimeStampAuthority.check(
      signer, among: content.certificates, trusted: trusted, at: info.time)
    return TimeStamp(
      time: info.time, accuracy: info.accuracy, policy: info.policy,
      serialNumber: info.serialNumber, authority: name)
  }
}
