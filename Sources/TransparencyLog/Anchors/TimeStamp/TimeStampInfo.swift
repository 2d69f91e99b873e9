import Primitives
import SwiftASN1

/// What an authority signs (RFC 3161 section 2.4.2, `TSTInfo`).
struct TimeStampInfo {
  let policy: String
  let digest: [UInt8]
  let algorithm: ASN1ObjectIdentifier
  let serialNumber: [UInt8]
  let time: Instant
  /// How far off the time may be, in milliseconds; nil where it is not said.
  let accuracy: Int64?
  let nonce: [UInt8]?

  init(_ bytes: [UInt8]) throws(PeerChartError) {
    var members = try DERNodes(try DERNodes.parse(bytes))
    guard try members.next().smallInteger == 1 else { throw DERNodes.malformed }
    policy = "\(try members.next().objectIdentifier)"
    var imprint = try DERNodes(try members.next())
    algorithm = try imprint.next().algorithm
    digest = try imprint.next().primitive(.octetString)
    try imprint.requireEnd()
    serialNumber = try members.next().primitive(.integer)
    guard serialNumber.count <= 32 else { throw DERNodes.malformed }
    time = try Self.time(try members.next().primitive(.generalizedTime))
    accuracy = try members.optional(.sequence).map { node throws(PeerChartError) in
      try Self.accuracy(node)
    }
    _ = try members.optional(.boolean)
    nonce = try members.optional(.integer).map { node throws(PeerChartError) in
      try node.primitive(.integer)
    }
    // The authority's name, which its certificate says too; extensions, of which none is known.
    _ = try members.optional(context: 0)
    if let extensions = try members.optional(context: 1) { try Self.refuseCritical(extensions) }
    try members.requireEnd()
  }

  /// `YYYYMMDDhhmmss[.f…]Z`: in UTC, and fractions without trailing zeroes.
  private static func time(_ bytes: [UInt8]) throws(PeerChartError) -> Instant {
    guard bytes.count >= 15, bytes.count <= 24, bytes.last == UInt8(ascii: "Z"),
      bytes.prefix(14).allSatisfy({ (0x30...0x39).contains($0) })
    else { throw DERNodes.malformed }
    let fraction = bytes[14..<bytes.count - 1]
    guard
      fraction.isEmpty
        || (fraction.count >= 2 && fraction.first == UInt8(ascii: ".")
          && fraction.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
          && fraction.last != UInt8(ascii: "0"))
    else { throw DERNodes.malformed }
    func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    let milliseconds = Array((Array(fraction.dropFirst()) + [0x30, 0x30, 0x30]).prefix(3))
    let text =
      "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(8..<10)):\(part(10..<12)):\(part(12..<14))"
      + ".\(String(decoding: milliseconds, as: UTF8.self))Z"
    guard let time = Instant(text) else { throw DERNodes.malformed }
    return time
  }

  private static func accuracy(_ node: ASN1Node) throws(PeerChartError) -> Int64 {
    var members = try DERNodes(node)
    let seconds = try members.optional(.integer).map { node throws(PeerChartError) in
      try node.smallInteger
    }
    func part(_ tag: UInt) throws(PeerChartError) -> Int {
      let identifier = ASN1Identifier(tagWithNumber: tag, tagClass: .contextSpecific)
      guard let node = try members.optional(identifier) else { return 0 }
      let bytes = try node.primitive(identifier)
      guard (1...2).contains(bytes.count), bytes[0] < 0x80 else { throw DERNodes.malformed }
      let value = bytes.reduce(0) { $0 << 8 | Int($1) }
      guard (1...999).contains(value) else { throw DERNodes.malformed }
      return value
    }
    let milliseconds = try part(0)
    let microseconds = try part(1)
    try members.requireEnd()
    return Int64(seconds ?? 0) * 1000 + Int64(milliseconds) + (microseconds > 0 ? 1 : 0)
  }

  private static func refuseCritical(_ node: ASN1Node) throws(PeerChartError) {
    let tag = ASN1Identifier(tagWithNumber: 1, tagClass: .contextSpecific)
    var list = try DERNodes(node, tag)
    for item in try list.rest() {
      var members = try DERNodes(item)
      _ = try members.next()
      if try members.optional(.boolean) != nil {
        throw PeerChartError(
          .notSupported, "the time-stamp has an extension that is not known here")
      }
    }
  }
}
