import Audit
import Consent
import Crypto
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import SecDocument
import Testing
import TransparencyLog

/// Proofs as nodes make them, and as somebody else checks them.
@Suite struct ProofTests {
  private struct NobodyElse: OutsideLogs {
    func log(_ request: LogRequest, at address: String) async throws -> PeerReply {
      throw PeerChartError(.unreachable, "there is nobody else")
    }
  }

  private func cosign(_ home: TestNode, by hospital: TestNode) async throws {
    try await home.exchange.cosignLog(
      using: LoopTransport(from: home, to: hospital), outside: NobodyElse())
  }

  private func prove(_ home: TestNode, _ sequence: Int64) async throws -> ProofBundle {
    let proof = try await home.exchange.proveAudit(sequence, of: nil, as: home.owner)
    return try ProofBundle(parsing: proof.bundle.bytes)
  }

  private func verify(
    _ bundle: ProofBundle, at node: TestNode, policy: WitnessPolicy? = nil
  ) async throws -> Verification {
    try await node.exchange.proofVerifier(policy: policy)
      .verify(bundle, now: node.clock.now()).verification
  }

  private func state(
    _ found: Verification, _ name: Verification.Check.Name
  ) -> Verification.Check.State? {
    found[name]?.state
  }

  @Test func itSaysHonestlyWhoHasSeenIt() async throws {
    let (home, hospital) = try await pairOfNodes()
    let stranger = try await TestNode(clock: home.clock)
    let policy = try await home.exchange.witnessPolicy()
    // Nobody has cosigned yet: good by the log's word, and not enough for the policy.
    let alone = try await prove(home, 0)
    #expect(alone.witnesses.isEmpty)
    let bare = try await verify(alone, at: hospital)
    #expect(bare.isVerified && state(bare, .witnesses) == .unknown, "\(bare.checks)")
    #expect(bare.issuerName == "Samplewood family" && bare.kind == .entry)
    #expect(try await verify(alone, at: hospital, policy: policy).verdict == .notVerified)
    // Cosigned, it satisfies everybody.
    try await cosign(home, by: hospital)
    let published = try await home.exchange.publishedCheckpoint()
    let seen = try await prove(home, 0)
    #expect(seen.checkpoint == published && seen.witnesses.count == 1)
    for node in [home, hospital] {
      let found = try await verify(seen, at: node, policy: policy)
      #expect(found.isVerified && state(found, .witnesses) == .holds, "\(found.checks)")
    }
    // What came after the published checkpoint is under the node's own.
    let newest = Int64(published.checkpoint.size)
    let later = try await prove(home, newest)
    #expect(later.checkpoint.checkpoint.size > published.checkpoint.size && later.witnesses.isEmpty)
    // Somebody who knows nobody says so, and does not believe.
    let found = try await verify(seen, at: stranger)
    #expect(found.verdict == .unknown && state(found, .issuer) == .unknown)
    #expect(state(found, .inclusion) == .holds && state(found, .witnesses) == .unknown)
    #expect(try await home.exchange.verifyAudit { _ in }.verified)
  }

  @Test func refreshingBringsWhatCameSince() async throws {
    let (home, hospital) = try await pairOfNodes()
    let old = try await prove(home, 2)
    try await cosign(home, by: hospital)
    let refreshed = try await home.exchange.refreshProof(old, as: home.owner)
    #expect(refreshed.entry == old.entry && refreshed.index == 2 && refreshed.witnesses.count == 1)
    #expect(refreshed.checkpoint == (try await home.exchange.publishedCheckpoint()))
    #expect(
      try await verify(refreshed, at: hospital, policy: home.exchange.witnessPolicy()).isVerified)
    // Another node has nothing newer, and an entry that is not there is not made up.
    #expect(
      await outcome { try await hospital.exchange.refreshProof(old, as: hospital.owner) }
        == "invalid")
    let other = try await prove(home, 3)
    let forged = try ProofBundle(
      log: old.log,
      proof: LogProof(other.proof.inclusion, checkpoint: other.checkpoint, extra: old.entry))
    #expect(
      await outcome { try await home.exchange.refreshProof(forged, as: home.owner) } == "integrity")
    let kinds = try await home.log().map(\.event).filter { $0.detail["proof-refreshed"] == "2" }
    #expect(kinds.map(\.kind) == [.auditRead])
  }

  @Test func consentsAndDocumentsAreFoundByTheirNames() async throws {
    let (home, hospital) = try await pairOfNodes()
    let grant = try await home.grant(to: hospital, types: RecordTypeSet(.labResults))
    try await home.exchange.revoke(grant.id, as: home.owner)
    var sink = SecBytesSink()
    let issued = try await home.exchange.issue(
      SecBytesSource(Array("content".utf8)), to: &sink,
      draft: SecDraft(mediaType: "text/plain", created: home.clock.now()),
      recipients: [.node(hospital.id)], patient: nil, as: home.owner)
    let digest = issued.digest.description
    for (subject, kind, words) in [
      (ProofSubject.grant(id: grant.id), Verification.Kind.grant, "consent"),
      (.revocation(id: grant.id), .revocation, "revocation"),
      (.documentIssued(digest: digest), .document, "document"),
    ] {
      let number = try await home.exchange.findEntry(of: subject, as: home.owner)
      let found = try await verify(prove(home, number), at: hospital)
      #expect(found.kind == kind && found.isVerified, "\(found.checks)")
      #expect(found.sentence.contains(words), "\(found.sentence)")
    }
    #expect(
      try await home.exchange.findEntry(of: .documentIssued(digest: digest), as: home.owner)
        == issued.sequence)
    #expect(
      await outcome { try await home.exchange.findEntry(of: .grant(id: "no"), as: home.owner) }
        == "not-found")
  }

  @Test func aDocumentCarriesItAndKeepsItsSignature() async throws {
    let (home, hospital) = try await pairOfNodes()
    var sink = SecBytesSink()
    let issued = try await home.exchange.issue(
      SecBytesSource(Array("content".utf8)), to: &sink,
      draft: SecDraft(mediaType: "text/plain", created: home.clock.now()),
      recipients: [.node(hospital.id)], patient: nil, as: home.owner)
    let section = try #require(try SecFile.inspect(SecBytesSource(sink.bytes)).proof)
    let old = try ProofBundle(parsing: section)
    #expect(old.index == UInt64(issued.sequence))
    #expect(
      ProofSubject(try old.auditEntry().event)
        == .documentIssued(digest: issued.digest.description))
    try await cosign(home, by: hospital)
    let newer = try await home.exchange.refreshProof(old, as: home.owner)
    let refreshed = try SecFile.replacingProof(of: sink.bytes, by: newer.bytes)
    #expect(
      refreshed.prefix(sink.bytes.count - section.count - 44)
        == sink.bytes.prefix(sink.bytes.count - section.count - 44))
    let key = try hospital.random.keys(of: hospital.id).sealing
    let (content, opened) = try SecReader.open(refreshed, with: [.xwing(key)])
    #expect(content == Array("content".utf8) && opened.digest == issued.digest)
    #expect(opened.proof == newer.bytes)
    #expect(try await verify(newer, at: hospital).isVerified)
  }

  /// A node's log that speaks of another node's document says nothing.
  @Test func nobodySpeaksForAnothersDocuments() async throws {
    let (home, hospital) = try await pairOfNodes()
    var event = AuditEvent(
      id: AuditEventID(random: home.random), time: home.clock.now(), kind: .documentIssued,
      actor: AuditActor(kind: .node, id: hospital.id.description))
    event.detail = ["document": String(repeating: "ab", count: 32)]
    let entry = try AuditEntry(event, random: home.random)
    let keys = try home.random.keys(of: home.id)
    let name = Exchange.logOrigin(home.id)
    let checkpoint = try SignedCheckpoint(
      Checkpoint(origin: name, size: 1, root: entry.leafHash),
      signedBy: [NoteSigner(name: name, privateKey: keys.signing)])
    let bundle = try ProofBundle(
      log: Ed25519NoteVerifier(name: name, publicKey: keys.signing.publicKey),
      proof: LogProof(
        InclusionProof(index: 0, size: 1, path: []), checkpoint: checkpoint, extra: entry.plaintext)
    )
    let found = try await verify(bundle, at: hospital)
    #expect(found.verdict == .notVerified && state(found, .inclusion) == .fails)
    #expect(state(found, .signature) == .holds && state(found, .issuer) == .holds)
  }

  @Test func aPatientTakesAwayOnlyTheirOwn() async throws {
    let (home, _) = try await pairOfNodes()
    let entries = try await home.exchange.auditEvents(
      of: "p", before: nil, limit: 100, as: home.owner)
    let own = try #require(entries.first { $0.event.patient != nil }?.sequence)
    let foreign = try #require(
      try await home.log().first { $0.event.patient == nil }?
        .sequence)
    let proof = try await home.exchange.proveAudit(own, of: "p", as: home.owner)
    #expect(try await verify(proof.bundle, at: home).isVerified)
    #expect(
      await outcome { try await home.exchange.proveAudit(foreign, of: "p", as: home.owner) }
        == "not-found")
  }
}
