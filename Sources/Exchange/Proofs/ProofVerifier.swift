public import Audit
import Crypto
import Identity
public import Primitives
public import TransparencyLog

/// Checks proofs (docs/format/proof.md) for somebody who knows some keys. Needs no node.
public struct ProofVerifier: Sendable {
  public var trust: ProofTrust
  /// What a log is called here, by the name of its key.
  public var names: [String: String]
  /// Where anchors are looked up; nil where nobody is asked.
  public var sources: AnchorSources?

  public init(
    trust: ProofTrust = ProofTrust(), names: [String: String] = [:], sources: AnchorSources? = nil
  ) {
    self.trust = trust
    self.names = names
    self.sources = sources
  }

  /// What a proof shows, and what it shows it of.
  public struct Answer: Sendable {
    public let verification: Verification
    public let entry: AuditEntry
    public let subject: ProofSubject
    public let report: ProofReport
  }

  /// Checks a proof by itself.
  ///
  /// - Parameter now: nil where there is no clock.
  /// - Throws: `malformed`, `tooLarge`, `unsupportedVersion` where the entry inside is none.
  public func verify(_ bundle: ProofBundle, now: Instant?) async throws -> Answer {
    let entry = try bundle.auditEntry()
    let report = await report(on: bundle, leafHash: entry.leafHash, now: now)
    let subject = ProofSubject(entry.event)
    var found = Verification(subject.kind)
    found.issuer = bundle.node
    found.issuerName = report.logKey == .known ? names[bundle.log.name] : nil
    found.created = entry.event.time.description
    if case .documentIssued(let digest) = subject { found.digest = digest }
    if case .documentRevoked(let digest) = subject { found.digest = digest }
    found.add(.logSignature(report))
    found.add(.logKey(report, of: bundle, called: names[bundle.log.name]))
    found.add(subject.inclusion(report, of: bundle, entry))
    found.add(.witnesses(report))
    found.add(.anchors(report))
    switch subject {
    case .documentIssued: found.add(.notAsked)
    case .grant:
      found.add(
        Verification.Check(
          .revocation, .unknown, "Whether it was withdrawn since, only its node can tell.",
          required: false, code: "not-asked"))
    default: break
    }
    return Answer(verification: found, entry: entry, subject: subject, report: report)
  }

  /// What the bundle says by itself, and where sources are named, what can be seen there.
  public func report(
    on bundle: ProofBundle, leafHash: Hash, now: Instant?
  ) async -> ProofReport {
    var report = await bundle.report(leafHash: leafHash, trust: trust, now: now)
    guard let sources else { return report }
    for (index, anchor) in bundle.anchors.enumerated() where report.anchors.indices.contains(index)
    {
      report.anchors[index] = await sources.confirm(report.anchors[index], anchor)
    }
    return report
  }
}

extension ProofBundle {
  /// The id of the node whose log it is; nil where the log is none of a node.
  public var node: String? {
    let prefix = "peerchart/"
    return log.name.hasPrefix(prefix) ? String(log.name.dropFirst(prefix.count)) : nil
  }
}

extension ProofSubject {
  var kind: Verification.Kind {
    switch self {
    case .entry: .entry
    case .grant: .grant
    case .revocation, .documentRevoked: .revocation
    case .documentIssued: .document
    }
  }

  /// Whether the log holds it, and may speak of it.
  func inclusion(
    _ report: ProofReport, of bundle: ProofBundle, _ entry: AuditEntry
  ) -> Verification.Check {
    switch self {
    case .documentIssued, .documentRevoked:
      guard entry.event.actor.kind == .node, entry.event.actor.id == bundle.node else {
        return Verification.Check(
          .inclusion, .fails, "The entry speaks of another node's document.", required: true)
      }
    case .entry, .grant, .revocation: break
    }
    return .inclusion(report, of: bundle)
  }
}

extension Exchange {
  /// A verifier that knows what this node knows: its own key, those of the paired nodes, its witnesses, and
  /// the authorities that stamp for it.
  ///
  /// - Parameter policy: which cosignatures are asked for; nil for none.
  public func proofVerifier(policy: WitnessPolicy? = nil) async throws -> ProofVerifier {
    try await store.read { [self] snapshot in
      let own = try logKey()
      var trust = ProofTrust(
        logs: [own],
        witnesses: try logWitnesses(in: snapshot).map(\.key) + [
          CosignatureVerifier(name: own.name, publicKey: own.publicKey)
        ], policy: policy)
      var names = [own.name: name.exposed]
      for (_, peer) in try items(.peer, as: PeerRecord.self, in: snapshot) {
        let statement = try peer.verified()
        let log = try Ed25519NoteVerifier(
          name: Self.logOrigin(statement.node), publicKey: statement.keys.signing)
        trust.logs.append(log)
        trust.witnesses.append(
          try CosignatureVerifier(name: log.name, publicKey: log.publicKey))
        names[log.name] = peer.name
      }
      for (_, place) in try items(.anchorPlace, as: AnchorPlace.self, in: snapshot) {
        guard case .authority(let authority) = place.target else { continue }
        trust.authorities += authority.trusted.map { Array($0) }
      }
      return ProofVerifier(trust: trust, names: names)
    }
  }
}
