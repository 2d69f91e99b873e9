public import Primitives

/// What checking a bundle found, without the network.
public struct ProofReport: Sendable {
  /// What the reader knows of the key that a bundle names.
  public enum Standing: Sendable {
    /// It is one that is known.
    case known
    /// The reader knows no key of that log.
    case unknown
    /// The reader knows another key of that log.
    case contradicted
  }

  /// A line in the newest checkpoint that is not the log's.
  public struct Witness: Sendable, Hashable {
    /// As the line has it.
    public let name: String
    /// When it cosigned; nil where the line does not verify, is dated ahead, or is by a key that neither the
    /// bundle nor the reader has.
    public let time: Instant?
    /// Whether the reader knows the key, and not the bundle alone.
    public let isKnown: Bool
    /// Whether the key is there and the line is not by it.
    public let isFalse: Bool
  }

  /// What came of one anchor.
  public struct Anchor: Sendable, Hashable {
    /// Whether it is there, or false, or cannot be told here.
    public enum State: String, Sendable { case holds, fails, unknown }

    public let kind: LogAnchorKind
    /// `eip155:1`, `bitcoin`, or the authority's name.
    public let place: String
    /// The number of entries under the anchored root.
    public let size: UInt64
    public var state: State
    /// When it was there at the latest: by the place's own clock.
    public var time: Instant?
    /// How many blocks confirm it; nil where that is not known.
    public var depth: UInt64?
    /// For people: what was found, or why it cannot be told.
    public var text: String

    public init(
      kind: LogAnchorKind, place: String, size: UInt64, state: State, time: Instant? = nil,
      depth: UInt64? = nil, text: String
    ) {
      self.kind = kind
      self.place = place
      self.size = size
      self.state = state
      self.time = time
      self.depth = depth
      self.text = text
    }
  }

  public let logKey: Standing
  /// Whether the key that the bundle names has signed the newest checkpoint.
  public let isSigned: Bool
  /// Whether the entry stands at its place in that checkpoint's tree.
  public let isIncluded: Bool
  /// In the order of their lines.
  public let witnesses: [Witness]
  /// Whether the reader's policy is satisfied; nil where there is none.
  public let isPolicySatisfied: Bool?
  /// Whether two checkpoints of the bundle, both signed, have one size and different roots: two histories.
  public let showsTwoHistories: Bool
  /// In the order of the bundle.
  public var anchors: [Anchor]

  /// When others whose word is taken here first had seen the entry; nil where nobody says.
  public var seen: Instant? {
    (vouchers.filter(\.isKnown).compactMap(\.time)
      + anchors.filter { $0.state == .holds }.compactMap(\.time)).min()
  }

  /// Those whose cosignatures verify.
  public var vouchers: [Witness] { witnesses.filter { $0.time != nil } }
}

extension ProofBundle {
  /// Checks everything that can be checked with what is in hand: the entry under the newest checkpoint and under
  /// each anchored one, the signatures, cosignatures, and the stamps of authorities.
  ///
  /// - Parameters:
  ///   - leafHash: of the entry, as whoever knows its kind computes it.
  ///   - now: cosignatures dated later count for nothing; nil where there is no clock.
  public func report(
    leafHash: Hash, trust: ProofTrust, now: Instant?
  ) async -> ProofReport {
    var found: [ProofReport.Anchor] = []
    for anchor in anchors { found.append(await report(anchor, leafHash, trust)) }
    return ProofReport(
      logKey: trust.standing(of: log), isSigned: isSigned(proof),
      isIncluded: isIncluded(proof, leafHash), witnesses: cosigners(trust, now),
      isPolicySatisfied: trust.policy.map {
        (try? $0.report(on: checkpoint, now: now).isSatisfied) ?? false
      }, showsTwoHistories: showsTwoHistories, anchors: found)
  }

  private func isSigned(_ proof: LogProof) -> Bool {
    (try? proof.checkpoint.verify(by: log)) != nil
  }

  private func isIncluded(_ proof: LogProof, _ leafHash: Hash) -> Bool {
    proof.inclusion.verifies(leafHash: leafHash, root: proof.checkpoint.checkpoint.root)
  }

  private var showsTwoHistories: Bool {
    let signed = ([proof] + anchors.map(\.proof)).filter { isSigned($0) }
      .map(\.checkpoint.checkpoint)
    var roots: [UInt64: Hash] = [:]
    return signed.contains { (roots.updateValue($0.root, forKey: $0.size) ?? $0.root) != $0.root }
  }

  private func cosigners(_ trust: ProofTrust, _ now: Instant?) -> [ProofReport.Witness] {
    let limit = now?.adding(seconds: WitnessPolicy.clockSkew)
    let text = Array(checkpoint.note.text.utf8)
    var seen: Set<String> = []
    return checkpoint.note.signatures.filter { !$0.isFrom(log) }.compactMap { line in
      // A log is no witness of its own, whatever kind of line its key makes.
      let isOwn = (trust.witnesses + witnesses).contains {
        line.isFrom($0) && $0.isKey(of: log)
      }
      guard !isOwn else { return nil }
      let known = trust.witnesses.first { line.isFrom($0) }
      let key = known ?? witnesses.first { line.isFrom($0) }
      guard let key else {
        return ProofReport.Witness(
          name: line.keyName, time: nil, isKnown: false, isFalse: false)
      }
      // Somebody who signs twice counts once.
      guard seen.insert(key.verifierKey).inserted else { return nil }
      let cosignature =
        key.isValid(signature: line.signature, over: text)
        ? Cosignature(bytes: line.signature) : nil
      let time = cosignature.map(\.time).flatMap { time in
        limit.map { time <= $0 } ?? true ? time : nil
      }
      return ProofReport.Witness(
        name: line.keyName, time: time, isKnown: known != nil, isFalse: cosignature == nil)
    }
  }
}
