import Audit
import Crypto
import Foundation
import Identity
public import Primitives
public import SecDocument
import TransparencyLog

extension Exchange {
  /// Opens a document into `sink` and verifies it against what this node knows, and what `sources` tell.
  ///
  /// - Throws: when it cannot be opened; a document that opens and does not verify is a result.
  public func open<Source: SecSource, Sink: SecSink>(
    document source: Source, passphrase: Redacted<[UInt8]>?, to sink: inout Sink,
    asking sources: VerificationSources = VerificationSources(), as caller: Caller
  ) async throws -> Verification {
    let opened = try SecReader.open(source, with: identities(passphrase), to: &sink)
    return try await recorded(opened, .documentOpened, sources, caller)
  }

  /// Verifies a document without giving anything of its content out.
  ///
  /// - Parameter source: gives the document from its beginning; called again where it cannot be opened.
  /// - Throws: what the source throws; whatever is wrong with the document is a result.
  public func verify<Source: SecSource>(
    document source: () throws -> Source, passphrase: Redacted<[UInt8]>?,
    asking sources: VerificationSources = VerificationSources(), as caller: Caller
  ) async throws -> Verification {
    let opened: OpenedDocument
    do {
      var nowhere = SecDiscard()
      opened = try SecReader.open(source(), with: identities(passphrase), to: &nowhere)
    } catch let error as PeerChartError where error.code.rawValue.hasPrefix("sec-") {
      return try await unopened(try? source(), error, for: .own, sources)
    }
    return try await recorded(opened, .documentVerified, sources, caller)
  }

  private func identities(_ passphrase: Redacted<[UInt8]>?) -> [SecIdentity] {
    [.xwing(identity.sealing)] + (passphrase.map { [.passphrase($0)] } ?? [])
  }

  private func recorded(
    _ opened: OpenedDocument, _ kind: AuditEventKind, _ sources: VerificationSources,
    _ caller: Caller
  ) async throws -> Verification {
    let verification = try await verify(opened, for: .own, sources)
    var draft = EventDraft(kind: kind)
    draft.detail = ["document": opened.digest.description]
    draft.reasons = [verification.verdict.rawValue]
    let entry = try entry(draft, caller, at: clock.now())
    try await pass { _ in Passage(outcome: .success(()), entries: [entry]) }
    return verification
  }

  // MARK: What it comes to

  func verify(
    _ opened: OpenedDocument, for reader: VerificationReader, _ sources: VerificationSources
  ) async throws -> Verification {
    let manifest = opened.manifest
    let issuer = try await knownIssuer(manifest.issuer, to: reader)
    var found = Verification(.document)
    found.digest = opened.digest.description
    found.issuer = manifest.issuer.description
    found.issuerName = issuer?.name
    found.subject = manifest.subject
    found.documentType = manifest.documentType.map { "\($0.code) \($0.display)" }
    found.mediaType = manifest.mediaType
    found.created = manifest.created.description
    found.contentLength = manifest.contentLength
    found.add(
      Verification.Check(
        .opens, .holds, "It opens, and is whole to its last byte.", required: true))
    let schemes = opened.algorithms.map(\.rawValue).joined(separator: " and ")
    found.add(
      Verification.Check(
        .signature, .holds, "Every bit of the content is what was signed (\(schemes)).",
        required: true))
    found.add(Self.issuerCheck(issuer, key: manifest.signingKey))
    // A name in a document is nobody's word: who vouched is asked of an issuer whose key is known.
    let isIssuer = found[.issuer]?.state == .holds
    func accreditation(seen: Instant?) async throws -> Verification.Check {
      isIssuer
        ? try await accreditationCheck(of: manifest.issuer, at: manifest.created, seen: seen)
        : .nobodyVouches
    }
    found.add(try await accreditation(seen: nil))
    let evidence: DocumentEvidence
    do {
      guard let proof = opened.proof else {
        found.addNoEvidence(
          .unknown, "The document carries no proof that it is in the issuer's log.", "no-proof")
        return found
      }
      evidence = try DocumentEvidence(parsing: proof)
    } catch is PeerChartError {
      found.addNoEvidence(.fails, "What it carries as proof is none of a document.", "bad-proof")
      return found
    }
    guard evidence.digest == opened.digest, evidence.issuer == manifest.issuer else {
      found.addNoEvidence(.fails, "The proof is of another document.", "other-document")
      return found
    }
    let key =
      try issuer?.signingKey
      ?? Curve25519.Signing.PublicKey(rawRepresentation: manifest.signingKey)
    let seen = try await add(evidence, logKey: key, issuer, to: &found, for: reader, sources)
    found.add(try await accreditation(seen: seen))
    return found
  }

  /// A document that cannot be opened here: what the outside of it says, of which nothing is known to belong to
  /// what is inside.
  func unopened<Source: SecSource>(
    _ source: Source?, _ error: PeerChartError, for reader: VerificationReader,
    _ sources: VerificationSources
  ) async throws -> Verification {
    var found = Verification(.document)
    // The frames may be good where no key fits.
    guard error.code == .secNoRecipient, let source,
      let summary = try? SecFile.inspect(source)
    else {
      found.add(
        Verification.Check(
          .opens, .fails, "It cannot be opened: \(error.reason).", required: true,
          code: error.code.rawValue))
      return found
    }
    found.contentLength = summary.contentLength
    let isByPassphrase = summary.recipientKind == .passphrase
    found.add(
      Verification.Check(
        .opens, .unknown,
        isByPassphrase
          ? "It is sealed under a passphrase, and opens with that one only."
          : "It is sealed to somebody else: whether it is what it seems, only those can tell who open it.",
        required: true, code: isByPassphrase ? "passphrase" : "sealed"))
    guard let proof = summary.proof, let evidence = try? DocumentEvidence(parsing: proof) else {
      return found
    }
    let issuer = try await knownIssuer(evidence.issuer, to: reader)
    found.digest = evidence.digest.description
    found.issuer = evidence.issuer.description
    found.issuerName = issuer?.name
    if issuer == nil {
      found.add(Self.issuerCheck(nil, key: []))
    } else {
      found.add(
        Verification.Check(
          .issuer, .unknown,
          "By its proof it is of \(issuer?.name ?? ""); its signature is inside.",
          required: true, code: "sealed"))
    }
    _ = try await add(
      evidence, logKey: issuer?.signingKey ?? evidence.bundle.log.publicKey, issuer, to: &found,
      for: reader, sources)
    return found
  }

  private static func issuerCheck(_ issuer: KnownIssuer?, key: [UInt8]) -> Verification.Check {
    guard let issuer else {
      return Verification.Check(
        .issuer, .unknown,
        "This node does not know the issuer; pair with it to tell whether it is who it says.",
        required: true, code: "not-paired")
    }
    guard Array(issuer.signingKey.rawRepresentation) == key else {
      return Verification.Check(
        .issuer, .fails, "It names \(issuer.name), but was signed with another key.",
        required: true, code: "key-differs")
    }
    return issuer.isOwn
      ? Verification.Check(.issuer, .holds, "This node issued it.", required: true, code: "own")
      : Verification.Check(
        .issuer, .holds, "The issuer is \(issuer.name), and this node is paired with it.",
        required: true, code: "paired")
  }

  /// Adds what the proof shows, and what its issuer says.
  ///
  /// - Returns: when others whose word is taken here had seen the document at the latest.
  private func add(
    _ evidence: DocumentEvidence, logKey: Curve25519.Signing.PublicKey, _ issuer: KnownIssuer?,
    to found: inout Verification, for reader: VerificationReader, _ sources: VerificationSources
  ) async throws -> Instant? {
    let log = try Ed25519NoteVerifier(
      name: Self.logOrigin(evidence.issuer), publicKey: logKey)
    guard evidence.bundle.log.verifierKey == log.verifierKey else {
      found.addNoEvidence(
        .fails, "The proof is under another key than the issuer's.", "key-differs")
      return nil
    }
    let verifier = try await proofVerifier(for: reader, sources)
    let report = await verifier.report(
      on: evidence.bundle, leafHash: evidence.entry.leafHash, now: clock.now())
    found.add(.inclusion(report, of: evidence.bundle))
    var witnesses = Verification.Check.witnesses(report, called: verifier.names)
    if issuer?.isOwn == true, witnesses.state == .holds {
      let policy = try await store.read { [self] in try logPolicy(in: $0) }
      let isEnough = (try? policy.report(on: evidence.bundle.checkpoint))?.isSatisfied ?? false
      if !isEnough { witnesses = .tooFewWitnesses(witnesses) }
    }
    found.add(witnesses)
    found.add(.anchors(report))
    // Whoever forges a proof does not make this node call anybody.
    let isWorthAsking = issuer == nil || found[.inclusion]?.state == .holds
    found.add(
      isWorthAsking
        ? try await status(of: evidence, from: issuer, sources)
        : .notAsked)
    guard found[.inclusion]?.state == .holds else { return nil }
    return report.seen
  }
}

extension Verification {
  /// Where there is nothing to hold the log, or the issuer's word, against.
  fileprivate mutating func addNoEvidence(_ state: Check.State, _ text: String, _ code: String) {
    add(Check(.inclusion, state, text, required: true, code: code))
    let rest = "Without a proof that fits there is nothing to go by."
    for name in [Check.Name.witnesses, .anchors, .revocation, .supersession] {
      add(Check(name, .unknown, rest, required: false, code: "no-proof"))
    }
  }
}

extension Verification.Check {
  fileprivate static func tooFewWitnesses(
    _ check: Verification.Check
  ) -> Verification.Check {
    Verification.Check(
      .witnesses, .unknown, "\(check.text) This node's policy asks for more.", required: false,
      code: "too-few")
  }

  /// As `witnesses(_:)`, with the names of those that are known where nothing else is to be said.
  fileprivate static func witnesses(
    _ report: ProofReport, called names: [String: String]
  ) -> Verification.Check {
    let check = witnesses(report)
    let known = report.vouchers.filter(\.isKnown)
    guard check.state == .holds, !known.isEmpty else { return check }
    let list = known.map { names[$0.name] ?? $0.name }.joined(separator: ", ")
    return Verification.Check(
      .witnesses, .holds, "\(check.text) Known: \(list).", required: check.required,
      code: check.code)
  }
}
