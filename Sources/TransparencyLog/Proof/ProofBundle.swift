public import Primitives

/// One text that proves to a stranger that an entry is in a log: the entry, its inclusion under the log's
/// cosigned checkpoint, whose keys these are said to be, and where the log was anchored outside since
/// (docs/format/proof.md).
///
/// A value of this type follows the format; what it says is checked by `report`.
public struct ProofBundle: Hashable, Sendable {
  /// The first line of the text form.
  static let header = "peerchart.proof/v1"
  /// The largest bundle that is read, in bytes.
  public static let maximumLength = 256 << 10
  /// The largest bundle that has room in the proof section of a `.sec` document, in bytes.
  public static let maximumSectionLength = 65_536
  /// The most anchors.
  public static let maximumAnchors = 16

  /// The log's key as the bundle has it: a claim, to be compared with one that is known.
  public let log: Ed25519NoteVerifier
  /// The keys of witnesses, as claims too; in the order of the bytes of their text forms, each once.
  public let witnesses: [CosignatureVerifier]
  /// The proof under the newest checkpoint; its `extra` is the entry.
  public let proof: LogProof
  /// In the order of the anchored sizes, and for one size of the bytes of their evidence; each once.
  public let anchors: [ProofAnchor]

  /// What is proven: salt ‖ event of an audit entry (docs/format/audit-entry.md).
  public let entry: [UInt8]

  /// Puts a bundle together; witnesses and anchors may come in any order, and more than once.
  ///
  /// - Throws: `invalid` where a part is of another log or another entry, the main proof is without the
  ///   entry or an anchor's with one, or there is too much of something; `tooLarge`.
  public init(
    log: Ed25519NoteVerifier, witnesses: [CosignatureVerifier] = [], proof: LogProof,
    anchors: [ProofAnchor] = []
  ) throws(PeerChartError) {
    var keys: [CosignatureVerifier] = []
    for key in witnesses.sorted(by: Self.precedes)
    where keys.last?.verifierKey != key.verifierKey {
      keys.append(key)
    }
    var parts: [ProofAnchor] = []
    for anchor in anchors.sorted() where parts.last != anchor { parts.append(anchor) }
    guard let bundle = Self(log: log, witnesses: keys, checking: proof, anchors: parts) else {
      throw PeerChartError(.invalid, "the parts of a proof do not belong together")
    }
    guard bundle.bytes.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a proof is longer than \(Self.maximumLength) bytes")
    }
    self = bundle
  }

  /// Nil where the parts are not those of one bundle in its one form.
  init?(
    log: Ed25519NoteVerifier, witnesses: [CosignatureVerifier], checking proof: LogProof,
    anchors: [ProofAnchor]
  ) {
    guard let entry = proof.extra,
      witnesses.count <= SignedNote.maximumSignatures, anchors.count <= Self.maximumAnchors,
      zip(witnesses, witnesses.dropFirst()).allSatisfy(Self.precedes),
      zip(anchors, anchors.dropFirst()).allSatisfy({ $0 < $1 && !$0.isTwin(of: $1) }),
      ([proof] + anchors.map(\.proof)).allSatisfy({
        $0.checkpoint.checkpoint.origin.utf8.elementsEqual(log.name.utf8)
          && $0.index == proof.index
      }), anchors.allSatisfy({ $0.proof.extra == nil })
    else { return nil }
    self.log = log
    self.witnesses = witnesses
    self.proof = proof
    self.anchors = anchors
    self.entry = entry
  }

  private static func precedes(_ a: CosignatureVerifier, _ b: CosignatureVerifier) -> Bool {
    a.verifierKey.utf8.lexicographicallyPrecedes(b.verifierKey.utf8)
  }

  /// The entry's number in the log.
  public var index: UInt64 { proof.index }

  /// The newest checkpoint.
  public var checkpoint: SignedCheckpoint { proof.checkpoint }

  /// The bundle with fewer anchors where it is longer than `limit` bytes: the newest go first, since an older
  /// one says more.
  ///
  /// - Throws: `tooLarge` where it is too long without any.
  public func fitting(_ limit: Int) throws(PeerChartError) -> ProofBundle {
    var anchors = self.anchors
    while true {
      let bundle = try ProofBundle(log: log, witnesses: witnesses, proof: proof, anchors: anchors)
      if bundle.bytes.count <= limit { return bundle }
      guard anchors.popLast() != nil else {
        throw PeerChartError(.tooLarge, "the proof is longer than there is room for")
      }
    }
  }
}

extension ProofBundle {
  public static func == (a: Self, b: Self) -> Bool { a.bytes == b.bytes }
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

extension ProofBundle {
  /// The bundle with what a newer one of the same entry has: its checkpoint, if that is cosigned or covers
  /// more, and its anchors beside those here that are of other checkpoints.
  ///
  /// - Throws: `invalid` for a bundle of another log or entry.
  public func refreshed(by newer: ProofBundle) throws(PeerChartError) -> ProofBundle {
    guard newer.log.verifierKey == log.verifierKey, newer.entry == entry, newer.index == index
    else {
      throw PeerChartError(.invalid, "the proofs are of different entries")
    }
    let main = newer.standing >= standing ? newer : self
    let kept = anchors.filter { old in
      !newer.anchors.contains { $0.kind == old.kind && $0.subject == old.subject }
    }
    return try ProofBundle(
      log: log, witnesses: main.witnesses, proof: main.proof,
      anchors: Array((kept + newer.anchors).sorted().prefix(Self.maximumAnchors)))
  }

  /// Cosigned counts for more than large.
  private var standing: (Int, UInt64) {
    let isCosigned = checkpoint.note.signatures.contains { !$0.isFrom(log) }
    return (isCosigned ? 1 : 0, checkpoint.checkpoint.size)
  }

  /// The bundle without the anchors of which a report says that they are false.
  public func withoutFalseAnchors(_ report: ProofReport) throws(PeerChartError) -> ProofBundle {
    try ProofBundle(
      log: log, witnesses: witnesses, proof: proof,
      anchors: zip(anchors, report.anchors).filter { $0.1.state != .fails }.map(\.0))
  }
}
