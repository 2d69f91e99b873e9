import Foundation
import Primitives
import TransparencyLog

/// Anchors at a time-stamping authority (RFC 3161).
struct AuthorityAnchoring: LogAnchoring {
  let place: AnchorPlace.Authority
  let credentials: Redacted<String>?
  let transport: any AnchorTransport
  let random: AnyRandomSource

  func advance(
    _ anchor: LogAnchorRecord, now: Int64,
    keep: @Sendable (LogAnchorRecord) async throws -> Void
  ) async throws -> LogAnchorRecord {
    var anchor = anchor
    guard let subject = anchor.checkpoint else {
      anchor.settle(.failed, "authorities take checkpoints only")
      return anchor
    }
    if anchor.nonce == nil {
      anchor.nonce = Data(random.bytes(8))
      try await keep(anchor)
    }
    let request = TimeStampRequest(digest: subject.digest, nonce: Array(anchor.nonce ?? Data()))
    let reply = try await transport.send(
      AnchorRequest(
        place.address, body: try request.bytes, contentType: TimeStampRequest.mediaType,
        accept: TimeStampRequest.replyMediaType, credentials: credentials,
        limit: TimeStampToken.maximumLength))
    guard reply.status == 200 else {
      throw PeerChartError(.unreachable, "the authority answers with status \(reply.status)")
    }
    let token = try TimeStampToken(reply: reply.body)
    let stamp = try await token.verify(
      subject.digest, nonce: request.nonce, trusted: place.trusted.map { Array($0) })
    anchor.proof = Data(token.bytes)
    anchor.time = stamp.time.millisecondsSinceEpoch
    anchor.settle(.final)
    return anchor
  }
}
