import ArgumentParser
import Crypto
import Foundation
import Primitives
import SecDocument

/// The keys that both ends of the measured document share.
private enum SecKeys {
  static let seed = Array(SHA256.hash(data: Array("peerchart bench reader".utf8)))

  static func reader() throws -> XWingMLKEM768X25519.PrivateKey {
    try XWingMLKEM768X25519.PrivateKey(seedRepresentation: seed, publicKey: nil)
  }

  static func signer() throws -> SecSigner {
    guard let issuer = NodeID(bytes: seed) else { throw BenchFailure("a node id has 32 bytes") }
    return SecSigner(
      issuer: issuer, key: try Curve25519.Signing.PrivateKey(rawRepresentation: seed))
  }
}

/// Seals a file, as a process of its own so that its memory can be told.
struct SecSeal: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sec-seal", shouldDisplay: false)
  @Argument var input: String
  @Argument var output: String

  func run() throws {
    let recipient = SecRecipient.xwing(
      publicKey: Array(try SecKeys.reader().publicKey.rawRepresentation))
    var sink = try FileStream(writing: output)
    _ = try SecWriter.seal(
      FileStream(reading: input), to: &sink,
      draft: SecDraft(mediaType: "application/octet-stream", created: SystemClock().now()),
      recipients: [recipient], signer: SecKeys.signer())
    try sink.close()
  }
}

/// Opens what `SecSeal` has sealed.
struct SecOpen: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "sec-open", shouldDisplay: false)
  @Argument var input: String
  @Argument var output: String

  func run() throws {
    var sink = try FileStream(writing: output)
    _ = try SecReader.open(
      FileStream(reading: input), with: [.xwing(try SecKeys.reader())], to: &sink)
    try sink.close()
  }
}
