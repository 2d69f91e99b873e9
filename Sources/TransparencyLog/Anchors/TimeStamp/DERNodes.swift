import Primitives
import SwiftASN1

/// Walks the members of a DER structure that somebody else wrote; whatever is not where it must be is
/// `malformed`.
struct DERNodes {
  private var iterator: ASN1NodeCollection.Iterator
  private var upcoming: ASN1Node?

  init(_ node: ASN1Node, _ identifier: ASN1Identifier = .sequence) throws(PeerChartError) {
    guard node.identifier == identifier, case .constructed(let members) = node.content else {
      throw Self.malformed
    }
    iterator = members.makeIterator()
    upcoming = iterator.next()
  }

  static let malformed = PeerChartError(
    .malformed, "the time-stamp does not follow its format")

  static func parse(_ bytes: [UInt8]) throws(PeerChartError) -> ASN1Node {
    do { return try DER.parse(bytes) } catch { throw malformed }
  }

  mutating func next() throws(PeerChartError) -> ASN1Node {
    guard let node = upcoming else { throw Self.malformed }
    upcoming = iterator.next()
    return node
  }

  /// The next member, if it has this tag.
  mutating func optional(_ identifier: ASN1Identifier) throws(PeerChartError) -> ASN1Node? {
    upcoming?.identifier == identifier ? try next() : nil
  }

  mutating func optional(context tag: UInt) throws(PeerChartError)
    -> ASN1Node?
  {
    try optional(ASN1Identifier(tagWithNumber: tag, tagClass: .contextSpecific))
  }

  mutating func rest() throws(PeerChartError) -> [ASN1Node] {
    var nodes: [ASN1Node] = []
    while upcoming != nil { nodes.append(try next()) }
    return nodes
  }

  func requireEnd() throws(PeerChartError) {
    guard upcoming == nil else { throw Self.malformed }
  }
}

extension ASN1Node {
  /// The content of a primitive node of this tag.
  func primitive(_ identifier: ASN1Identifier) throws(PeerChartError) -> [UInt8] {
    guard self.identifier == identifier, case .primitive(let bytes) = content else {
      throw DERNodes.malformed
    }
    return Array(bytes)
  }

  var objectIdentifier: ASN1ObjectIdentifier {
    get throws(PeerChartError) {
      do { return try ASN1ObjectIdentifier(derEncoded: self) } catch { throw DERNodes.malformed }
    }
  }

  /// An AlgorithmIdentifier whose parameters are absent or NULL.
  var algorithm: ASN1ObjectIdentifier {
    get throws(PeerChartError) {
      var members = try DERNodes(self)
      let name = try members.next().objectIdentifier
      if let null = try members.optional(.null) {
        guard try null.primitive(.null).isEmpty else { throw DERNodes.malformed }
      }
      try members.requireEnd()
      return name
    }
  }

  /// A small number that is not negative.
  var smallInteger: Int {
    get throws(PeerChartError) {
      let bytes = try primitive(.integer)
      guard let first = bytes.first, bytes.count <= 4, first < 0x80 else {
        throw DERNodes.malformed
      }
      return bytes.reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
