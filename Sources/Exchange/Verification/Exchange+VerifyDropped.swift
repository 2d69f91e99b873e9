import Audit
import Identity
public import Primitives
import SecDocument
import Synchronization
import TransparencyLog

extension Exchange {
  /// The largest document that is looked at for strangers, in bytes.
  public static let longestDropped = 16 << 20
  /// The largest proof, in bytes.
  public static let longestDroppedProof = ProofBundle.maximumLength
  /// The most memory that a passphrase of a stranger's document may take, in KiB.
  private static let mostMemory: UInt32 = 128 << 10
  /// The magic number of `.sec`, as far as no text begins so.
  private static let magic: [UInt8] = [0x89, 0x53, 0x45, 0x43]

  /// Verifies a document or a proof for anybody. It is kept nowhere, and leaves no entry: nothing of this
  /// node's charts is looked at.
  ///
  /// What is sealed to this node stays closed: whoever got hold of such a document could have its subject told
  /// otherwise. A passphrase opens what it opens anywhere.
  ///
  /// - Throws: `too-large`, `too-many-requests`; whatever is wrong with what was dropped is a result.
  public func verify(
    dropped bytes: [UInt8], passphrase: Redacted<[UInt8]>?
  ) async throws -> Verification {
    guard bytes.count <= Self.longestDropped else {
      throw PeerChartError(
        .tooLarge, "what is looked at here has at most \(Self.longestDropped >> 20) MiB")
    }
    let sources = VerificationSources(peers: peerTransport.withLock { $0 })
    return bytes.starts(with: Self.magic)
      ? try await verify(droppedDocument: bytes, passphrase, sources)
      : try await verify(droppedProof: bytes, sources)
  }

  private func verify(
    droppedDocument bytes: [UInt8], _ passphrase: Redacted<[UInt8]>?,
    _ sources: VerificationSources
  ) async throws -> Verification {
    do {
      let summary = try SecFile.inspect(SecBytesSource(bytes))
      guard let passphrase, let cost = summary.passphraseCost else {
        throw PeerChartError(.secNoRecipient, "nothing is there to open it with")
      }
      guard cost.memoryKiB <= Self.mostMemory else {
        var found = Verification(.document)
        found.add(
          Verification.Check(
            .opens, .unknown,
            "Trying its passphrase takes more memory than strangers have here; use the program itself.",
            required: true, code: "costly"))
        return found
      }
      // Each try takes megabytes, so few run at once.
      let opened = try await strangersWork.run {
        var nowhere = SecDiscard()
        return try SecReader.open(
          SecBytesSource(bytes), with: [.passphrase(passphrase)], to: &nowhere)
      }
      return try await verify(opened, for: .stranger, sources)
    } catch let error as PeerChartError where error.code.rawValue.hasPrefix("sec-") {
      return try await unopened(SecBytesSource(bytes), error, for: .stranger, sources)
    }
  }

  private func verify(
    droppedProof bytes: [UInt8], _ sources: VerificationSources
  ) async throws -> Verification {
    do {
      let bundle = try ProofBundle(parsing: bytes)
      let verifier = try await proofVerifier(for: .stranger, sources)
      let answer = try await verifier.verify(bundle, now: clock.now())
      var found = answer.verification
      // Of a document's proof the issuer can be asked as of the document.
      if let evidence = try? DocumentEvidence(parsing: bytes) {
        let known = try await knownIssuer(evidence.issuer, to: .stranger)
        let isLogged = found[.inclusion]?.state == .holds
        found.add(
          known == nil || isLogged
            ? try await status(of: evidence, from: known, sources) : .notAsked)
        if known != nil, isLogged {
          found.add(
            try await accreditationCheck(
              of: evidence.issuer, at: answer.entry.event.time, seen: answer.report.seen))
        }
      }
      return found
    } catch let error as PeerChartError
      where [.malformed, .tooLarge, .unsupportedVersion].contains(error.code)
    {
      var found = Verification(.entry)
      found.add(
        Verification.Check(
          .opens, .fails, "It is neither a .sec document nor a proof that can be read.",
          required: true, code: error.code.rawValue))
      return found
    }
  }
}
