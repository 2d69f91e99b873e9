import Crypto
import Foundation
import Identity
import Primitives
import Testing

/// An accreditor that signs whatever a test wants, what no real one would included.
struct EntityBoard {
  /// A whole second: statements know no smaller ones.
  static let now = Instant(millisecondsSinceEpoch: 1_772_355_600_000)
  static let year: Int64 = 366 * 86_400

  let key: Curve25519.Signing.PrivateKey
  var accreditor: Accreditor { Accreditor(name: "Board", key: key.publicKey) }

  init() { key = Curve25519.Signing.PrivateKey() }

  init(seed: [UInt8]) throws { key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed) }

  static func npi() throws -> NationalProviderIdentifier {
    try #require(NationalProviderIdentifier("1234567893"))
  }

  static func node(_ byte: UInt8) throws -> NodeID {
    try #require(NodeID(bytes: Array(repeating: byte, count: 32)))
  }

  static func credential(
    until expires: Instant = now.adding(seconds: year), of organization: String = "General"
  ) throws -> EntityCredential {
    try EntityCredential(organization: organization, npi: npi(), expires: expires)
  }

  static func statement(
    _ sequence: Int64, _ word: EntityStatement.Word, about node: UInt8 = 7,
    effective: Instant? = nil, at time: Instant = now
  ) throws -> EntityStatement {
    try EntityStatement(
      about: Self.node(node), sequence: sequence, word, effective: effective, at: time)
  }

  func sign(_ statement: EntityStatement) throws -> String {
    try statement.signed(by: key, named: "Board")
  }

  /// A JWS over claims as they are written, with the header that belongs to it.
  func sign(claims: String, type: String = "peerchart-entity+jwt") throws -> String {
    let header = #"{"typ":"\#(type)","alg":"EdDSA","kid":"\#(accreditor.id)"}"#
    let message =
      Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
    return message + "." + Base64URL.encode(Array(try key.signature(for: Array(message.utf8))))
  }

  func verify(_ text: String, at time: Instant = now) throws -> EntityStatement {
    try EntityStatement.verify(text, by: [accreditor], at: time).statement
  }
}
