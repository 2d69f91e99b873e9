import Primitives

/// What can be said of an anchor without asking anybody.
extension ProofBundle {
  func report(
    _ anchor: ProofAnchor, _ leafHash: Hash, _ trust: ProofTrust
  ) async -> ProofReport.Anchor {
    let checkpoint = anchor.proof.checkpoint
    guard (try? anchor.proof.verify(leafHash: leafHash, logKey: log)) != nil else {
      return Self.finding(
        anchor, .fails, "The entry is not under the checkpoint that was anchored.")
    }
    guard checkpoint.checkpoint.extensionLines.isEmpty else {
      return Self.finding(anchor, .fails, "Nobody anchors a checkpoint with further lines.")
    }
    switch anchor.evidence {
    case .chain(let place):
      return Self.finding(
        anchor, .unknown,
        "Nobody was asked whether the registry on \(place.name) has it, in block \(place.block).")
    case .calendar(let file): return Self.calendar(anchor, file)
    case .authority(let file): return await Self.authority(anchor, file, trust)
    }
  }

  private static func finding(
    _ anchor: ProofAnchor, _ state: ProofReport.Anchor.State, _ text: String,
    place: String? = nil, time: Instant? = nil
  ) -> ProofReport.Anchor {
    let usual =
      switch anchor.evidence {
      case .chain(let place): place.name
      case .calendar: "bitcoin"
      case .authority: "time-stamping authority"
      }
    return ProofReport.Anchor(
      kind: anchor.kind, place: place ?? usual, size: anchor.subject.checkpoint.size,
      state: state, time: time, text: text)
  }

  private static func calendar(_ anchor: ProofAnchor, _ bytes: [UInt8]) -> ProofReport.Anchor {
    guard let file = try? TimestampFile(parsing: bytes), file.digest == anchor.subject.digest else {
      return finding(anchor, .fails, "The timestamp is of something else.")
    }
    let heights = file.attested.compactMap { entry -> UInt64? in
      if case .bitcoin(let height) = entry.attestation { height } else { nil }
    }
    guard let height = heights.min() else {
      return finding(anchor, .unknown, "A calendar has taken it, and it is in no block yet.")
    }
    return finding(
      anchor, .unknown, "It is in Bitcoin block \(height) by the timestamp's word; nobody looked.")
  }

  private static func authority(
    _ anchor: ProofAnchor, _ bytes: [UInt8], _ trust: ProofTrust
  ) async -> ProofReport.Anchor {
    let digest = anchor.subject.digest
    guard let token = try? TimeStampToken(reply: bytes), let claim = try? token.claim(digest)
    else { return finding(anchor, .fails, "The time-stamp is of something else, or damaged.") }
    guard !trust.authorities.isEmpty else {
      return finding(
        anchor, .unknown, "Stamped at \(claim.time), by an authority that is not known here.",
        place: claim.authority, time: claim.time)
    }
    guard
      let stamp = try? await token.verify(digest, nonce: nil, trusted: trust.authorities)
    else {
      return finding(
        anchor, .unknown,
        "Stamped at \(claim.time), by an authority that leads to none of those known here.",
        place: claim.authority, time: claim.time)
    }
    return finding(
      anchor, .holds, "Stamped at \(stamp.time) by an authority that is known here.",
      place: stamp.authority, time: stamp.time)
  }
}
