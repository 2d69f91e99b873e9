import Audit
import Crypto
import FHIR
import Foundation
import Identity
public import Primitives
public import SecDocument
import TransparencyLog

/// What verifying a document found.
public struct DocumentVerification: Sendable, Encodable {
  /// What came of one check.
  public enum State: String, Sendable, Encodable { case holds, fails, unknown }

  /// One thing that was checked.
  public struct Check: Sendable, Encodable {
    public let name: String
    public let state: State
    public let text: String
    /// Whether the document counts as verified only if this holds.
    public let required: Bool
  }

  public let digest: String?
  public let issuer: String?
  public let issuerName: String?
  public let subject: String?
  public let documentType: String?
  public let mediaType: String?
  public let created: String?
  public let contentLength: UInt64?
  public internal(set) var checks: [Check]

  /// Whether all that is required holds.
  public var isVerified: Bool { checks.allSatisfy { !$0.required || $0.state == .holds } }
}

extension Exchange {
  /// Opens a document into `sink` and verifies it against what this node knows.
  ///
  /// - Throws: when it cannot be opened; a document that opens and does not verify is a result.
  public func open<Source: SecSource, Sink: SecSink>(
    document source: Source, passphrase: Redacted<[UInt8]>?, to sink: inout Sink, as caller: Caller
  ) async throws -> DocumentVerification {
    let identities: [SecIdentity] =
      [.xwing(identity.sealing)] + (passphrase.map { [.passphrase($0)] } ?? [])
    let opened = try SecReader.open(source, with: identities, to: &sink)
    let verification = try await verify(opened)
    var draft = EventDraft(kind: .documentOpened)
    draft.detail = ["document": opened.digest.description]
    draft.reasons = [verification.isVerified ? "verified" : "not-verified"]
    let entry = try entry(draft, caller, at: clock.now())
    try await pass { _ in Passage(outcome: .success(()), entries: [entry]) }
    return verification
  }

  private func verify(_ opened: OpenedDocument) async throws -> DocumentVerification {
    let manifest = opened.manifest
    let issuer = try await knownIssuer(manifest.issuer)
    var checks = [
      DocumentVerification.Check(
        name: "signature", state: .holds,
        text: "The content is what the issuer signed, to the bit.", required: true)
    ]
    let keyFits = issuer.map { $0.signingKey == manifest.signingKey }
    checks.append(
      DocumentVerification.Check(
        name: "issuer", state: keyFits.map { $0 ? .holds : .fails } ?? .unknown,
        text: keyFits.map {
          $0
            ? "The issuer is \(issuer?.name ?? "") and this node is paired with it."
            : "The document names a known node, but was signed with another key."
        } ?? "This node does not know the issuer; pair with it to tell whether it is who it says.",
        required: true))
    checks.append(inclusion(opened, issuer))
    checks.append(
      DocumentVerification.Check(
        name: "revocation", state: .unknown,
        text: "Whether the issuer has revoked it cannot be told offline.", required: false))
    return DocumentVerification(
      digest: opened.digest.description, issuer: manifest.issuer.description,
      issuerName: issuer?.name, subject: manifest.subject,
      documentType: manifest.documentType.map { "\($0.code) \($0.display)" },
      mediaType: manifest.mediaType, created: manifest.created.description,
      contentLength: manifest.contentLength, checks: checks)
  }

  private func knownIssuer(_ node: NodeID) async throws -> (name: String, signingKey: [UInt8])? {
    if node == nodeID {
      return (name.exposed, Array(identity.signing.publicKey.rawRepresentation))
    }
    guard let peer = try await store.read({ [self] in try peer(node, in: $0) }) else { return nil }
    return (peer.name, try peer.verified().keys.signingBytes)
  }

  /// Whether the issuer's log holds the entry that the proof carries, and the entry names this document.
  private func inclusion(
    _ opened: OpenedDocument, _ issuer: (name: String, signingKey: [UInt8])?
  ) -> DocumentVerification.Check {
    func check(_ state: DocumentVerification.State, _ text: String) -> DocumentVerification.Check {
      DocumentVerification.Check(name: "inclusion", state: state, text: text, required: true)
    }
    guard let bytes = opened.proof else {
      return check(.unknown, "The document carries no proof that it is in the issuer's log.")
    }
    do {
      let proof = try LogProof(parsing: bytes)
      guard let plaintext = proof.extra, proof.bytes == bytes else {
        return check(.fails, "The proof is not in its one form.")
      }
      let entry = try AuditEntry(plaintext: plaintext)
      let key = try Curve25519.Signing.PublicKey(
        rawRepresentation: issuer?.signingKey ?? opened.manifest.signingKey)
      let logKey = try Ed25519NoteVerifier(
        name: Self.logOrigin(opened.manifest.issuer), publicKey: key)
      try proof.checkpoint.verifyStrictly(by: logKey)
      guard entry.event.kind == .documentIssued,
        entry.event.detail["document"] == opened.digest.description,
        entry.event.actor.id == opened.manifest.issuer.description,
        proof.inclusion.verifies(leafHash: entry.leafHash, root: proof.checkpoint.checkpoint.root)
      else { return check(.fails, "The proof is of another document.") }
      return check(
        .holds,
        "It is entry \(proof.index) of the issuer's log, under a checkpoint that the issuer signed."
      )
    } catch {
      return check(.fails, "The proof does not hold.")
    }
  }

  /// The name of a node's log: the first line of its checkpoints.
  public static func logOrigin(_ node: NodeID) -> String { "peerchart/\(node)" }
}
