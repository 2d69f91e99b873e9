import Identity
import Primitives
import SecDocument
import TransparencyLog

/// What is known of how a document stands with its issuer.
enum StatusKnowledge: Sendable {
  case known(DocumentStatus)
  /// The issuer has issued no such document.
  case denied
  /// Why it cannot be told: a code, and a sentence.
  case unknown(code: String, text: String)

  static let notAsked = StatusKnowledge.unknown(
    code: "not-asked", text: "Only the issuer can tell, and was not asked.")
}

extension Exchange {
  /// The oldest word that a document is good which counts, in seconds.
  private static var freshness: Int64 { 300 }
  /// How far ahead an issuer's clock may be, in seconds.
  private static var skew: Int64 { 60 }

  /// Asks the issuer of a document how it stands, over the pinned connection; of a document of this node
  /// nobody is asked.
  func status(
    of evidence: DocumentEvidence, from issuer: KnownIssuer?, _ sources: VerificationSources
  ) async throws -> StatusKnowledge {
    guard let key = evidence.statusKey else {
      return .unknown(
        code: "no-salt", text: "The document does not carry what it takes to ask its issuer.")
    }
    guard let issuer else {
      return .unknown(
        code: "not-paired",
        text: "Only the issuer can tell, and this node does not know how to reach it.")
    }
    let name = Hex.encode(key.bytes)
    let text: [UInt8]
    do {
      if let endpoint = issuer.endpoint {
        guard let peers = sources.peers else {
          return .notAsked
        }
        let reply = try await peers.log(.documentStatus(key: name), at: endpoint)
        if reply.status == 404 { return .denied }
        guard reply.status == 200 else {
          return .unknown(
            code: "unreachable", text: "The issuer cannot answer at the moment.")
        }
        text = reply.body
      } else {
        text = try await documentStatus(name)
      }
    } catch let error as PeerChartError where error.code == .notFound {
      return .denied
    } catch let error as PeerChartError where error.code == .integrity {
      return .unknown(
        code: "impostor", text: "Somebody else answers at the issuer's address.")
    } catch let error as PeerChartError where error.code != .storage {
      return .unknown(code: "unreachable", text: "The issuer cannot be reached.")
    }
    return judge(text, of: issuer, key)
  }

  private func judge(
    _ answer: [UInt8], of issuer: KnownIssuer, _ key: Hash
  ) -> StatusKnowledge {
    guard
      let status = try? DocumentStatus(
        verifying: String(decoding: answer, as: UTF8.self), by: issuer.signingKey)
    else {
      return .unknown(code: "bad-answer", text: "The answer is not one that the issuer signed.")
    }
    guard status.issuer == issuer.node, status.key == key.bytes else {
      return .unknown(code: "bad-answer", text: "The answer is about another document.")
    }
    // What was taken back stays so; only that a document is good may change.
    guard status.state == .good else { return .known(status) }
    let age = (clock.now().millisecondsSinceEpoch - status.time.millisecondsSinceEpoch) / 1000
    if age > Self.freshness {
      return .unknown(
        code: "stale",
        text: "The answer is \(age / 60) minutes old, or the clock here or there is off.")
    }
    if age < -Self.skew {
      return .unknown(
        code: "clock-off",
        text: "The answer is dated \(-age) seconds ahead: the clock here or there is off.")
    }
    return .known(status)
  }
}
