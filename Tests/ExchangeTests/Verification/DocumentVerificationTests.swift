import Audit
import Consent
import Crypto
import Exchange
import Foundation
import Identity
import Primitives
import SecDocument
import Testing
import TransparencyLog

@Suite struct DocumentVerificationTests {
  @Test(arguments: TestEngine.allCases)
  func offlineOnlineRevoked(engine: TestEngine) async throws {
    let scene = try await VerificationScene(engine)
    let (document, digest) = try await scene.issue()
    let offline = try await scene.verify(document, asking: nil)
    #expect(offline.verdict == .verified, "\(offline.sentence)")
    #expect(offline[.revocation]?.state == .unknown && offline[.revocation]?.code == "not-asked")
    #expect(offline[.inclusion]?.state == .holds && offline[.signature]?.state == .holds)
    #expect(offline.issuerName == "General Hospital" && offline.subject == "Patient/p")
    #expect(offline.documentType == "18842-5 Discharge summary")
    let cut = scene.line
    cut.cut()
    #expect(try await scene.verify(document, asking: cut)[.revocation]?.code == "unreachable")

    let online = try await scene.verify(document, asking: scene.line)
    #expect(online.verdict == .verified && online[.revocation]?.state == .holds)
    #expect(online[.supersession]?.state == .holds)

    scene.clock.advance(seconds: 3600)
    let revoked = try await scene.issuer.exchange.revoke(
      document: digest, reason: .enteredInError, as: scene.issuer.owner)
    #expect(revoked.since == scene.clock.now() && revoked.chains.isEmpty)
    #expect(revoked.key == Hex.encode(try VerificationScene.key(document)))
    scene.clock.advance(seconds: 60)
    let refused = try await scene.verify(document, asking: scene.line)
    #expect(refused.verdict == .revoked && !refused.isVerified)
    #expect(refused.since == "2026-03-01T10:00:00.000Z", "\(refused.since ?? "")")
    #expect(refused.sentence.contains("2026-03-01T10:00:00"))
    #expect(refused[.revocation]?.code == "entered-in-error")
    // What the issuer itself says needs no line.
    let own = try await scene.issuer.exchange.verify(
      dropped: document, passphrase: nil)
    #expect(own.verdict == .revoked && own.subject == nil, "\(own.sentence)")
    // Whoever asks nobody knows no more than before.
    #expect(try await scene.verify(document, asking: nil).verdict == .verified)
  }

  @Test(arguments: TestEngine.allCases)
  func revokingTwiceDoesItOnceAndIsOnRecord(engine: TestEngine) async throws {
    let scene = try await VerificationScene(engine)
    let (_, digest) = try await scene.issue()
    let exchange = scene.issuer.exchange
    let first = try await exchange.revoke(
      document: digest, reason: .wrongPatient, as: scene.issuer.owner)
    scene.clock.advance(seconds: 60)
    let second = try await exchange.revoke(
      document: digest, reason: .unspecified, as: scene.issuer.owner)
    #expect(second.since == first.since && second.reason == .wrongPatient)
    let events = try await scene.issuer.log().map(\.event).filter { $0.kind == .documentRevoked }
    // One that can be shown to others, one in the patient's view.
    #expect(events.count == 2 && events.filter { $0.patient == "Patient/p" }.count == 1)
    #expect(events.filter { $0.patient == nil }.allSatisfy { $0.actor.kind == .node })
    let stranger = try await scene.issue("x", to: [.node(nil)], from: scene.holder).digest
    for other in [stranger, try #require(DocumentDigest(bytes: [UInt8](repeating: 7, count: 32)))] {
      #expect(
        await outcome {
          try await exchange.revoke(
            document: other, reason: .unspecified, as: scene.issuer.owner)
        } == "not-found")
    }
    #expect(
      await outcome {
        try await exchange.revoke(
          document: digest, reason: .unspecified,
          as: try await scene.issuer.bearer(.clinician, treats: ["p"]))
      } == "forbidden")
    #expect(try await exchange.verifyAudit { _ in }.verified)
  }

  @Test(arguments: TestEngine.allCases)
  func replacedDocuments(engine: TestEngine) async throws {
    let scene = try await VerificationScene(engine)
    let first = try await scene.issue()
    scene.clock.advance(seconds: 60)
    let second = try await scene.issue("%PDF corrected", replacing: first.digest)
    let old = try await scene.verify(first.bytes, asking: scene.line)
    #expect(old.verdict == .superseded && old.since == "2026-03-01T09:01:00.000Z")
    #expect(old[.supersession]?.text.contains(second.digest.description) == true)
    #expect(try await scene.verify(second.bytes, asking: scene.line).verdict == .verified)
    // What follows replaces the newest.
    #expect(
      await outcome { try await scene.issue(replacing: first.digest) } == "conflict")
    let unknown = try #require(DocumentDigest(bytes: [UInt8](repeating: 1, count: 32)))
    #expect(await outcome { try await scene.issue(replacing: unknown) } == "not-found")
    // Revoked counts more than replaced.
    _ = try await scene.issuer.exchange.revoke(
      document: first.digest, reason: .unspecified, as: scene.issuer.owner)
    #expect(try await scene.verify(first.bytes, asking: scene.line).verdict == .revoked)
    #expect(try await scene.issuer.exchange.verifyAudit { _ in }.verified)
  }

  @Test func proofsThatDoNotBelong() async throws {
    let scene = try await VerificationScene()
    let (a, b) = (try await scene.issue("a").bytes, try await scene.issue("b").bytes)
    func verdict(_ proof: [UInt8]?) async throws -> Verification {
      try await scene.verify(
        SecFile.replacingProof(of: a, by: proof), asking: scene.line)
    }
    let swapped = try await verdict(VerificationScene.proof(b))
    #expect(swapped.verdict == .notVerified && swapped[.inclusion]?.code == "other-document")
    // Nobody is asked about the document that a foreign proof names.
    #expect(swapped[.revocation]?.code == "no-proof")
    let none = try await verdict(nil)
    #expect(none.verdict == .unknown && none[.inclusion]?.code == "no-proof")
    let damaged = try await verdict(Array("peerchart.proof/v1\n".utf8))
    #expect(damaged.verdict == .notVerified && damaged[.inclusion]?.code == "bad-proof")
    // An entry about a document of somebody else's log.
    let foreign = try await scene.issue("a", to: [.node(nil)], from: scene.holder).bytes
    #expect(
      try await verdict(VerificationScene.proof(foreign))[.inclusion]?.state == .fails)
    #expect(try await verdict(VerificationScene.proof(a)).verdict == .verified)
  }

  @Test func issuersThatAreNotWhoTheySay() async throws {
    let scene = try await VerificationScene()
    let genuine = try await scene.issue().bytes
    let (forged, _) = try SecWriter.seal(
      Array("%PDF".utf8), draft: SecDraft(mediaType: "application/pdf", created: scene.clock.now()),
      recipients: [
        .xwing(
          publicKey: Array(
            try scene.holder.random.keys(of: scene.holder.id).sealing.publicKey.rawRepresentation))
      ],
      signer: SecSigner(
        issuer: scene.issuer.id, key: try scene.other.random.keys(of: scene.other.id).signing))
    for document in [
      forged, try SecFile.replacingProof(of: forged, by: VerificationScene.proof(genuine)),
    ] {
      let found = try await scene.verify(document, asking: scene.line)
      #expect(found.verdict == .notVerified && found[.issuer]?.code == "key-differs")
    }
    // To a node that is not paired with the issuer it is nobody's word.
    let sealed = try await scene.issue(to: [.passphrase(scene.passphrase)]).bytes
    let found = try await scene.other.exchange.verify(
      document: { SecBytesSource(sealed) }, passphrase: scene.passphrase, as: scene.other.owner)
    #expect(found.verdict == .unknown && found[.issuer]?.code == "not-paired")
    #expect(found[.revocation]?.code == "not-paired" && found[.inclusion]?.state == .holds)
  }

  @Test func aChangedByteNeverVerifies() async throws {
    let scene = try await VerificationScene()
    let document = try await scene.issue().bytes
    for place in stride(from: 0, to: document.count, by: 37) {
      var changed = document
      changed[place] ^= 2
      let found = try await scene.verify(changed, asking: scene.line)
      #expect(!found.isVerified, "byte \(place): \(found.sentence)")
    }
  }

  @Test func witnessesAreNamedOnceTheProofIsRefreshed() async throws {
    let scene = try await VerificationScene()
    let document = try await scene.issue().bytes
    #expect(try await scene.verify(document, asking: nil)[.witnesses]?.state == .unknown)
    try await scene.issuer.exchange.cosignLog(
      using: LoopTransport(from: scene.issuer, to: scene.holder), outside: NobodyOutside())
    let old = try ProofBundle(parsing: VerificationScene.proof(document))
    let refreshed = try await scene.issuer.exchange.refreshProof(old, as: scene.issuer.owner)
    let newer = try SecFile.replacingProof(of: document, by: refreshed.bytes)
    let found = try await scene.verify(newer, asking: nil)
    #expect(found.verdict == .verified && found[.witnesses]?.state == .holds)
    #expect(
      found[.witnesses]?.text.contains("Samplewood family") == true,
      "\(found[.witnesses]?.text ?? "")")
    // Strangers are not told which household it was.
    let told = try await scene.issuer.exchange.verify(
      dropped: newer, passphrase: nil)
    #expect(told[.witnesses]?.text.contains("Samplewood") == false)
  }

  @Test func accreditationWhenItWasSigned() async throws {
    let scene = try await VerificationScene()
    let npi = try #require(NationalProviderIdentifier("1234567893"))
    let (exchange, owner) = (scene.holder.exchange, scene.holder.owner)
    let early = try await scene.issue("early").bytes
    scene.clock.advance(seconds: 300)
    _ = try await exchange.issueEntity(
      scene.issuer.id, organization: "General Hospital Inc.", npi: npi, lifetime: 86_400, as: owner)
    scene.clock.advance(seconds: 60)
    let good = try await scene.issue("good").bytes
    let unaccredited = try await scene.verify(early, asking: nil)
    #expect(unaccredited[.accreditation]?.state == .unknown && unaccredited.isVerified)
    let accredited = try await scene.verify(good, asking: nil)
    #expect(accredited[.accreditation]?.state == .holds && accredited.isVerified)
    #expect(accredited[.accreditation]?.text.contains("NPI 1234567893") == true)
    // While it was seen by nobody else, only the issuer's clock says that it is older than the suspension.
    try await scene.issuer.exchange.cosignLog(
      using: LoopTransport(from: scene.issuer, to: scene.holder), outside: NobodyOutside())
    scene.clock.advance(seconds: 3600)
    _ = try await exchange.changeEntity(
      scene.issuer.id, .suspend(.privilegeWithdrawn, effective: nil), as: owner)
    scene.clock.advance(seconds: 60)
    let late = try await scene.verify(try await scene.issue("late").bytes, asking: nil)
    #expect(late.verdict == .notVerified && late[.accreditation]?.code == "entity-suspended")
    let unseen = try await scene.verify(good, asking: nil)
    #expect(unseen[.accreditation]?.code == "entity-own-clock" && unseen.verdict == .unknown)
    let old = try ProofBundle(parsing: VerificationScene.proof(good))
    let refreshed = try await scene.issuer.exchange.refreshProof(old, as: scene.issuer.owner)
    let seen = try await scene.verify(
      SecFile.replacingProof(of: good, by: refreshed.bytes), asking: nil)
    #expect(seen[.accreditation]?.state == .holds, "\(seen[.accreditation]?.text ?? "")")
  }
}

/// No witness but paired nodes.
struct NobodyOutside: OutsideLogs {
  func log(_ request: LogRequest, at address: String) async throws -> PeerReply {
    throw PeerChartError(.unreachable, "there is nobody else")
  }
}
