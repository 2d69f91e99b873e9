public import TransparencyLog

/// What a proof's report comes to, check by check.
extension Verification.Check {
  /// Whether the key that the proof names has signed the checkpoint, and no other history.
  public static func logSignature(_ report: ProofReport) -> Self {
    if report.showsTwoHistories {
      return Self(
        .signature, .fails, "The log has signed two histories; both are in this proof.",
        required: true)
    }
    return report.isSigned
      ? Self(.signature, .holds, "The log's key has signed the checkpoint.", required: true)
      : Self(.signature, .fails, "The log's key has not signed the checkpoint.", required: true)
  }

  /// Whether that key is the one that is known for the log.
  ///
  /// - Parameter name: what the log is called here.
  public static func logKey(
    _ report: ProofReport, of bundle: ProofBundle, called name: String?
  ) -> Self {
    switch report.logKey {
    case .known:
      Self(
        .issuer, .holds, "It is the log of \(name ?? bundle.log.name), whose key is known here.",
        required: true)
    case .unknown:
      Self(
        .issuer, .unknown,
        "Nobody here knows the key of \(bundle.log.name); ask whoever keeps that log for it.",
        required: true)
    case .contradicted:
      Self(
        .issuer, .fails, "The key is not the one that is known here for \(bundle.log.name).",
        required: true)
    }
  }

  /// Whether the entry is in the log, under a checkpoint that the log's key has signed.
  public static func inclusion(_ report: ProofReport, of bundle: ProofBundle) -> Self {
    guard report.isSigned, !report.showsTwoHistories else {
      return Self(
        .inclusion, .fails, "The checkpoint is not one that this log has signed alone.",
        required: true)
    }
    guard report.isIncluded else {
      return Self(
        .inclusion, .fails, "The entry is not in the tree that the log has signed.", required: true)
    }
    return Self(
      .inclusion, .holds,
      "It is entry \(bundle.index) of the log, under a signed checkpoint over "
        + "\(bundle.checkpoint.checkpoint.size) entries.", required: true)
  }

  /// Who has cosigned that checkpoint; required where the reader has a policy, or a cosignature is false.
  public static func witnesses(_ report: ProofReport) -> Self {
    if report.witnesses.contains(where: \.isFalse) {
      return Self(.witnesses, .fails, "A cosignature is false.", required: true)
    }
    let known = report.vouchers.filter(\.isKnown)
    let others = report.vouchers.count - known.count
    let newest = known.compactMap(\.time).max()
    let words =
      known.isEmpty
      ? nil
      : "\(count(known.count, "known witness", "known witnesses")) cosigned the checkpoint, "
        + "\(newest.map { "the last on \($0)" } ?? "")."
    if let isSatisfied = report.isPolicySatisfied {
      return Self(
        .witnesses, isSatisfied ? .holds : .fails,
        isSatisfied
          ? words ?? "The policy asks for no cosignature."
          : "The checkpoint has not the cosignatures that the policy asks for.", required: true)
    }
    if let words { return Self(.witnesses, .holds, words, required: false) }
    return Self(
      .witnesses, .unknown,
      others > 0
        ? "\(count(others, "witness", "witnesses")) cosigned the checkpoint, none of them known here."
        : "Nobody but the log itself has signed this checkpoint; a refreshed proof may have more.",
      required: false)
  }

  /// Where the log is anchored; required where an anchor is false.
  public static func anchors(_ report: ProofReport) -> Self {
    func words(_ found: [ProofReport.Anchor]) -> String {
      found.map { "\($0.place): \($0.text)" }.joined(separator: " ")
    }
    let failed = report.anchors.filter { $0.state == .fails }
    if !failed.isEmpty { return Self(.anchors, .fails, words(failed), required: true) }
    let good = report.anchors.filter { $0.state == .holds }
    if !good.isEmpty { return Self(.anchors, .holds, words(good), required: false) }
    return Self(
      .anchors, .unknown,
      report.anchors.isEmpty ? "The proof carries no anchor." : words(report.anchors),
      required: false)
  }

  private static func count(_ number: Int, _ one: String, _ many: String) -> String {
    number == 1 ? "1 \(one)" : "\(number) \(many)"
  }
}
