public import Primitives

/// What a policy makes of a checkpoint: who vouches for it, and whether that is enough.
public struct WitnessReport: Sendable {
  /// A witness whose cosignature verifies.
  public struct Voucher: Hashable, Sendable {
    /// Its name in the policy.
    public let witness: String
    /// When it cosigned.
    public let time: Instant

    public init(witness: String, time: Instant) {
      self.witness = witness
      self.time = time
    }
  }

  /// The log's key.
  public let log: Ed25519NoteVerifier
  public let checkpoint: Checkpoint
  /// In the order of the policy.
  public let vouchers: [Voucher]
  /// Whether the cosignatures are as many as the policy asks for.
  public let isSatisfied: Bool
}

extension WitnessPolicy {
  /// How far ahead a witness's clock may be, in seconds.
  public static let clockSkew: Int64 = 600

  /// Checks a checkpoint: one of the logs has signed it, and who has cosigned it.
  ///
  /// Lines of unknown keys are passed over, and so is a second line by one key. A line of a known witness that
  /// does not verify, or is dated later than `now`, does not count.
  ///
  /// - Parameter now: nil where there is no clock to compare with.
  /// - Throws: `integrity` where none of the policy's logs has signed.
  public func report(
    on signed: SignedCheckpoint, now: Instant? = nil
  ) throws(PeerChartError) -> WitnessReport {
    guard let log = logs.first(where: { (try? signed.verify(by: $0.key)) != nil }) else {
      throw PeerChartError(.integrity, "no log of the policy has signed the checkpoint")
    }
    let limit = now?.adding(seconds: Self.clockSkew)
    let vouchers = witnesses.compactMap { witness -> WitnessReport.Voucher? in
      guard let time = witness.key.cosignature(of: signed.note)?.time else { return nil }
      if let limit, time > limit { return nil }
      return WitnessReport.Voucher(witness: witness.name, time: time)
    }
    return WitnessReport(
      log: log.key, checkpoint: signed.checkpoint, vouchers: vouchers,
      isSatisfied: isSatisfied(by: vouchers.map(\.witness)))
  }

  /// As `report`, and the cosignatures have to be enough.
  ///
  /// - Throws: `integrity`.
  @discardableResult
  public func verify(
    _ signed: SignedCheckpoint, now: Instant? = nil
  ) throws(PeerChartError) -> WitnessReport {
    let report = try report(on: signed, now: now)
    guard report.isSatisfied else {
      throw PeerChartError(
        .integrity, "the checkpoint has not the cosignatures that the policy asks for")
    }
    return report
  }
}

extension Cosignature {
  /// When it was made.
  public var time: Instant {
    Instant(millisecondsSinceEpoch: 0).adding(seconds: Int64(clamping: timestamp))
  }
}
