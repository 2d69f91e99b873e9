import Exchange
import Foundation
import Identity
import Primitives
import SecDocument
import Testing
import TransparencyLog

/// What anybody is told of what they drop.
@Suite struct DroppedDocumentTests {
  private func drop(
    _ bytes: [UInt8], at node: TestNode, _ passphrase: Redacted<[UInt8]>? = nil
  ) async throws -> Verification {
    try await node.exchange.verify(dropped: bytes, passphrase: passphrase)
  }

  @Test func whatIsSealedToTheNodeStaysClosed() async throws {
    let scene = try await VerificationScene()
    scene.other.exchange.reachPeers(by: LoopTransport(from: scene.other, to: scene.issuer))
    try await pair(scene.other, with: scene.issuer)
    let document = try await scene.issue(to: [.node(scene.other.id)]).bytes
    #expect(try await scene.verify(document, at: scene.other, asking: nil).subject == "Patient/p")
    let before = try await scene.other.log().count
    let found = try await drop(document, at: scene.other)
    #expect(found.verdict == .unknown && found[.opens]?.code == "sealed")
    #expect(found.subject == nil && found.documentType == nil && found.mediaType == nil)
    #expect(found[.signature] == nil && found.created == nil)
    // What its outside says is told: whose it is by its proof, and how that document stands.
    #expect(found.issuerName == "General Hospital" && found[.revocation]?.state == .holds)
    #expect(try await scene.other.log().count == before + 1, "looking at the log alone is logged")
  }

  @Test func aPassphraseOpensIt() async throws {
    let scene = try await VerificationScene()
    let document = try await scene.issue(to: [.passphrase(scene.passphrase)]).bytes
    let good = try await drop(document, at: scene.issuer, scene.passphrase)
    #expect(good.verdict == .verified && good.subject == "Patient/p")
    for passphrase in [nil, Redacted(Array("wrong".utf8))] {
      let found = try await drop(document, at: scene.issuer, passphrase)
      #expect(found.verdict == .unknown && found[.opens]?.code == "passphrase")
      #expect(found.subject == nil)
    }
  }

  @Test func householdsAreNotNamedToStrangers() async throws {
    let scene = try await VerificationScene()
    let document = try await scene.issue(
      to: [.passphrase(scene.passphrase)], from: scene.holder
    ).bytes
    // The hospital is paired with the family, and its operator is told so; strangers are not.
    let told = try await scene.issuer.exchange.verify(
      document: { SecBytesSource(document) }, passphrase: scene.passphrase,
      as: scene.issuer.owner)
    #expect(told.issuerName == "Samplewood family" && told[.issuer]?.state == .holds)
    scene.issuer.exchange.reachPeers(by: LoopTransport(from: scene.issuer, to: scene.holder))
    let found = try await drop(document, at: scene.issuer, scene.passphrase)
    #expect(found.issuerName == nil && found[.issuer]?.code == "not-paired")
    #expect(found[.revocation]?.code == "not-paired" && found.verdict == .unknown)
    let unpaired = try await TestNode(.organization, name: "Elsewhere", clock: scene.clock)
    let other = try await drop(document, at: unpaired, scene.passphrase)
    #expect(found.checks.map(\.text) == other.checks.map(\.text), "nobody can tell which it is")
  }

  @Test func whatIsNone() async throws {
    let scene = try await VerificationScene()
    let magic: [UInt8] = [0x89, 0x53, 0x45, 0x43, 0x0D, 0x0A, 0x1A, 0x0A]
    for bytes in [
      [], Array("hello".utf8), Array("peerchart.proof/v1\n".utf8), magic, magic + [0, 1, 9],
      [UInt8](repeating: 0, count: 1 << 20), Array("c2sp.org/tlog-proof@v1\n".utf8),
    ] as [[UInt8]] {
      let found = try await drop(bytes, at: scene.issuer)
      #expect(found.verdict == .notVerified && found[.opens]?.state == .fails)
    }
    let tooLong = magic + [UInt8](repeating: 0, count: Exchange.longestDropped)
    #expect(await outcome { try await drop(tooLong, at: scene.issuer) } == "too-large")
  }

  @Test func aPassphraseThatCostsTooMuchIsNotTried() async throws {
    let scene = try await VerificationScene()
    var document = try await scene.issue(to: [.passphrase(scene.passphrase)]).bytes
    // The memory of the passphrase's stanza: a gigabyte.
    for (place, byte) in zip(29..., [0x00, 0x10, 0x00, 0x00] as [UInt8]) { document[place] = byte }
    let found = try await drop(document, at: scene.issuer, scene.passphrase)
    #expect(found[.opens]?.code == "costly" && found.verdict == .unknown)
  }

  @Test func aProofByItself() async throws {
    let scene = try await VerificationScene()
    let (document, digest) = try await scene.issue()
    let proof = try VerificationScene.proof(document)
    let good = try await drop(proof, at: scene.issuer)
    #expect(good.verdict == .verified && good[.revocation]?.state == .holds)
    #expect(good.digest == digest.description)
    _ = try await scene.issuer.exchange.revoke(
      document: digest, reason: .unspecified, as: scene.issuer.owner)
    #expect(try await drop(proof, at: scene.issuer).verdict == .revoked)
    // An entry of the log, too.
    let entry = try await scene.issuer.exchange.proveAudit(
      1, of: nil, as: scene.issuer.owner)
    let found = try await drop(entry.bundle.bytes, at: scene.issuer)
    #expect(found.kind == .entry && found.verdict == .verified)
  }

  @Test func thereArePlacesForAFew() async throws {
    let scene = try await VerificationScene()
    let exchange = scene.issuer.exchange
    let addresses = (1...9).map { "192.0.2.\($0)" }
    let results = try await crowd(addresses, at: exchange)
    // The ninth is refused at once; only then the others go on.
    #expect(results.first == "too-many-requests")
    #expect(results.dropFirst().allSatisfy { $0 == "ok" } && results.count == 9)
    #expect(
      await outcome { try await exchange.withVerificationPlace(for: addresses[0]) {} } == "ok")
  }

  @Test func oneAddressHasTwoPlaces() async throws {
    let scene = try await VerificationScene()
    let exchange = scene.issuer.exchange
    let results = try await crowd(
      ["192.0.2.1", "192.0.2.1", "192.0.2.1"], at: exchange)
    #expect(results == ["too-many-requests", "ok", "ok"])
    // Who has no address shares the places of one.
    #expect(try await crowd([nil, nil, nil], at: exchange) == ["too-many-requests", "ok", "ok"])
  }

  /// What becomes of each who asks for a place while all before hold theirs, the refused first.
  private func crowd(_ addresses: [String?], at exchange: Exchange) async throws -> [String] {
    try await withThrowingTaskGroup(of: String.self) { group in
      let (gate, open) = AsyncStream<Void>.makeStream()
      for address in addresses {
        group.addTask {
          await outcome {
            try await exchange.withVerificationPlace(for: address) { for await _ in gate { break } }
          }
        }
      }
      let first = try await group.next() ?? ""
      open.finish()
      return try await group.reduce(into: [first]) { $0.append($1) }
    }
  }
}
