import Crypto
import Exchange
import Foundation
import Identity
import Primitives
import SecDocument
import Synchronization

/// A paired node that has been taken over: it has its keys and says with them what it likes.
struct PeerForge {
  let sender: TestNode
  let receiver: TestNode
  private let keys: NodeKeys
  private let readerKeys: NodeKeys

  init(_ sender: TestNode, to receiver: TestNode) throws {
    self.sender = sender
    self.receiver = receiver
    keys = try sender.random.keys(of: sender.id)
    readerKeys = try receiver.random.keys(of: receiver.id)
  }

  /// The JSON inside a message that was really sent.
  func content(of message: [UInt8]) throws -> [UInt8] {
    try SecReader.open(message, with: [.xwing(readerKeys.sealing)]).content
  }

  /// Any content, signed and sealed as a message is.
  func seal(_ content: [UInt8]) throws -> [UInt8] {
    try SecWriter.seal(
      content,
      draft: SecDraft(
        mediaType: "application/vnd.peerchart.message+json", created: sender.clock.now()),
      recipients: [.xwing(publicKey: Array(readerKeys.sealing.publicKey.rawRepresentation))],
      signer: SecSigner(issuer: keys.node, key: keys.signing)
    ).bytes
  }

  /// What the receiver makes of a message: `ok`, or the code of the error.
  func deliver(_ message: [UInt8]) async throws -> String {
    let caller = try await receiver.peer(sender)
    return await outcome { try await receiver.exchange.receive(message: message, from: caller) }
  }
}

/// Pairing messages put together by hand (docs/format/invitation.md).
enum PairingForge {
  /// The bytes with the MAC that the secret makes for them.
  static func authenticated(_ unsigned: [UInt8], _ secret: [UInt8]) -> [UInt8] {
    unsigned
      + Array(HMAC<SHA256>.authenticationCode(for: unsigned, using: SymmetricKey(data: secret)))
  }

  static func unsigned(
    step: UInt8, invitation: Invitation, statement: [UInt8], addresses: [String], answers: [UInt8]
  ) -> [UInt8] {
    let id = SHA256.hash(data: Array("peerchart invitation".utf8) + invitation.secret.exposed)
    var writer = ByteWriter()
    writer.append(raw: Array("peerchart-pair-1".utf8))
    writer.append(step)
    writer.append(prefixed: Array(id.prefix(16)))
    writer.append(prefixed: statement)
    writer.append(UInt32(truncatingIfNeeded: addresses.count))
    for address in addresses { writer.append(prefixed: address) }
    writer.append(prefixed: answers)
    return writer.bytes
  }
}

/// A line on which a forger sits who knows the invitation and answers it.
final class ForgedAnswers: PeerTransport {
  private let answer: @Sendable ([UInt8]) -> [UInt8]

  init(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]) { self.answer = answer }

  func pair(
    _ request: [UInt8], at address: String, fingerprintOf node: NodeID
  ) async throws -> PeerReply {
    PeerReply(status: 200, contentType: nil, body: answer(request))
  }

  func deliver(_ message: [UInt8], to peer: PeerEndpoint) async throws -> PeerReply {
    throw PeerChartError(.unreachable, "this line is for pairing")
  }

  func get(
    _ pathAndQuery: String, purpose: String, person: String?, from peer: PeerEndpoint
  ) async throws -> PeerReply {
    throw PeerChartError(.unreachable, "this line is for pairing")
  }

  func post(
    _ path: String, body: [UInt8], purpose: String, to peer: PeerEndpoint
  ) async throws -> PeerReply {
    throw PeerChartError(.unreachable, "this line is for pairing")
  }

  func log(_ request: LogRequest, at peer: PeerEndpoint) async throws -> PeerReply {
    throw PeerChartError(.unreachable, "this line is for pairing")
  }
}
