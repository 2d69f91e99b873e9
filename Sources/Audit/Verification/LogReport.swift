public import TransparencyLog

/// What came of verifying a stored log.
public struct LogReport: Sendable {
  /// Findings beyond this many are counted and not kept.
  public static let maximumFindings = 100

  /// The entries seen.
  public internal(set) var entries: UInt64 = 0
  /// The checkpoints seen.
  public internal(set) var checkpoints = 0
  /// The size of the largest checkpoint that fits: entries below it cannot have been changed
  /// without the signing key. Nil where there is none.
  public internal(set) var signedSize: UInt64?
  /// The recomputed root over all entries; nil where entries are missing.
  public internal(set) var root: Hash?
  /// What does not fit, in the order in which it was found. The first is the place to look at;
  /// later ones may follow from it.
  public private(set) var findings: [LogFinding] = []
  /// How many findings there were, those not kept included.
  public private(set) var findingCount = 0

  public var isClean: Bool { findingCount == 0 }
  public var first: LogFinding? { findings.first }

  mutating func add(_ finding: LogFinding) {
    findingCount += 1
    if findings.count < Self.maximumFindings { findings.append(finding) }
  }
}
