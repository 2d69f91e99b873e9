import Crypto
import Exchange
import Foundation
import Identity
import Primitives
import SecDocument
import Testing

/// What the issuer says, and what somebody else could say in its place.
@Suite struct DocumentStatusTests {
  private func status(
    _ scene: VerificationScene, of document: [UInt8], _ state: DocumentStatus.State = .good,
    issuer: NodeID? = nil, key: [UInt8]? = nil, by signer: TestNode? = nil, age: Int64 = 0
  ) throws -> String {
    let node = signer ?? scene.issuer
    let now = scene.clock.now()
    return try DocumentStatus(
      issuer: issuer ?? scene.issuer.id, key: key ?? VerificationScene.key(document), state: state,
      since: state == .good ? nil : now.adding(seconds: -age),
      reason: state == .revoked ? .unspecified : nil,
      successor: state == .superseded ? [UInt8](repeating: 3, count: 32) : nil, logSize: 7,
      at: now.adding(seconds: -age)
    ).signed(by: node.random.keys(of: node.id).signing)
  }

  @Test func answersThatDoNotCount() async throws {
    let scene = try await VerificationScene()
    let document = try await scene.issue("a").bytes
    let another = try await scene.issue("b").bytes
    func code(_ text: String) async throws -> String? {
      let found = try await scene.verify(document, asking: StatusLine(200, text))
      #expect(found.verdict == .verified && found[.revocation]?.state == .unknown)
      #expect(found[.supersession]?.code == found[.revocation]?.code)
      return found[.revocation]?.code
    }
    #expect(try await code(status(scene, of: another)) == "bad-answer")
    #expect(try await code(status(scene, of: another, .revoked)) == "bad-answer")
    #expect(try await code(status(scene, of: document, by: scene.other)) == "bad-answer")
    #expect(
      try await code(status(scene, of: document, issuer: scene.other.id)) == "bad-answer")
    #expect(try await code(status(scene, of: document, age: 301)) == "stale")
    #expect(try await code(status(scene, of: document, age: -61)) == "clock-off")
    #expect(try await code("") == "bad-answer")
    #expect(try await code("{\"state\":\"good\"}") == "bad-answer")
    let good = try status(scene, of: document)
    let parts = good.split(separator: ".").map(String.init)
    // Unsigned, as JWS allows where nobody looks.
    let header = Base64URL.encode(
      Array(#"{"alg":"none","typ":"peerchart-document-status+jwt"}"#.utf8))
    #expect(try await code("\(header).\(parts[1]).") == "bad-answer")
    #expect(try await code("\(parts[0]).\(parts[1]).\(parts[2])x") == "bad-answer")
    for status in [429, 500, 503, 302] {
      let found = try await scene.verify(document, asking: StatusLine(status))
      #expect(found[.revocation]?.code == "unreachable")
    }
    let impostor = try await scene.verify(
      document, asking: StatusLine { _ in throw PeerChartError(.integrity, "somebody else") })
    #expect(impostor[.revocation]?.code == "impostor")
  }

  @Test func answersThatCount() async throws {
    let scene = try await VerificationScene()
    let document = try await scene.issue().bytes
    func verdict(_ text: String) async throws -> Verification.Verdict {
      try await scene.verify(document, asking: StatusLine(200, text)).verdict
    }
    #expect(try await verdict(status(scene, of: document)) == .verified)
    #expect(try await verdict(status(scene, of: document, age: 299)) == .verified)
    // What was taken back stays so, however old the word is.
    #expect(try await verdict(status(scene, of: document, .revoked, age: 90_000)) == .revoked)
    #expect(
      try await verdict(status(scene, of: document, .superseded, age: 90_000)) == .superseded)
    // An issuer that knows no such document has not issued it.
    let denied = try await scene.verify(document, asking: StatusLine(404))
    #expect(denied.verdict == .notVerified && denied[.inclusion]?.code == "denied")
  }

  @Test func aReplayedAnswerIsSeenByItsAge() async throws {
    let scene = try await VerificationScene()
    let (document, digest) = try await scene.issue()
    let kept = String(
      decoding: try await scene.issuer.exchange.documentStatus(
        Hex.encode(try VerificationScene.key(document))), as: UTF8.self)
    _ = try await scene.issuer.exchange.revoke(
      document: digest, reason: .unspecified, as: scene.issuer.owner)
    scene.clock.advance(seconds: 600)
    let found = try await scene.verify(document, asking: StatusLine(200, kept))
    #expect(found[.revocation]?.code == "stale" && found[.revocation]?.state == .unknown)
  }

  @Test func whatIsAskedForSaysNothing() async throws {
    let scene = try await VerificationScene()
    let (document, digest) = try await scene.issue()
    let key = Hex.encode(try VerificationScene.key(document))
    for wrong in [
      "", "00", digest.description, key.uppercased(), key + "0", String(key.dropLast()), "ä",
      String(repeating: "0", count: 64), String(repeating: "z", count: 64),
    ] {
      #expect(
        await outcome { try await scene.issuer.exchange.documentStatus(wrong) } == "not-found")
    }
    // Another node knows nothing of it.
    #expect(await outcome { try await scene.holder.exchange.documentStatus(key) } == "not-found")
    let before = try await scene.issuer.log().count
    let text = String(
      decoding: try await scene.issuer.exchange.documentStatus(key), as: UTF8.self)
    #expect(try await scene.issuer.log().count == before + 1, "looking at the log alone is logged")
    let signer = try scene.issuer.random.keys(of: scene.issuer.id).signing.publicKey
    let status = try DocumentStatus(verifying: text, by: signer)
    #expect(status.state == .good && status.issuer == scene.issuer.id)
    #expect(Hex.encode(status.key) == key && status.time == scene.clock.now())
    let payload = try #require(Base64URL.decode(String(text.split(separator: ".")[1])))
    let members = try #require(
      try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
    #expect(Set(members.keys) == ["iss", "sub", "state", "iat", "size"])
    let stranger = try scene.other.random.keys(of: scene.other.id).signing.publicKey
    #expect(
      await outcome { try DocumentStatus(verifying: text, by: stranger) } == "unauthenticated")
  }

  @Test func partsThatDoNotBelongTogether() async throws {
    let scene = try await VerificationScene()
    let now = scene.clock.now()
    let key = [UInt8](repeating: 1, count: 32)
    for make in [
      { try DocumentStatus(issuer: scene.issuer.id, key: [1], state: .good, logSize: 1, at: now) },
      {
        try DocumentStatus(
          issuer: scene.issuer.id, key: key, state: .good, since: now, logSize: 1, at: now)
      },
      {
        try DocumentStatus(issuer: scene.issuer.id, key: key, state: .revoked, logSize: 1, at: now)
      },
      {
        try DocumentStatus(
          issuer: scene.issuer.id, key: key, state: .superseded, since: now, logSize: 1, at: now)
      },
      {
        try DocumentStatus(
          issuer: scene.issuer.id, key: key, state: .superseded, since: now, successor: [1],
          logSize: 1, at: now)
      },
    ] { #expect(await outcome(make) == "invalid") }
  }
}
