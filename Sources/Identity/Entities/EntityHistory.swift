public import Primitives

/// What one accreditor has said about one node: the same whatever the order in which it was heard, and
/// however often.
public struct EntityHistory: Sendable {
  /// The accreditor's clock and the reader's may be apart by so much, in seconds.
  private static let skew = TokenLifetime.clockSkew

  /// In the order of their numbers.
  public let statements: [EntityStatement]

  /// - Parameter statements: those about other nodes are left out.
  public init(of node: NodeID, _ statements: some Sequence<EntityStatement>) {
    self.statements = Set(statements).filter { $0.node == node }
      .sorted { $0.orderKey < $1.orderKey }
  }

  /// The newest of all; nil where nothing was said.
  public var newest: EntityStatement? { statements.last }

  /// When the newest was signed.
  public var newestTime: Instant? { statements.map(\.issued).max() }

  /// The end of the node's accreditation, which nothing that is said later undoes.
  public var end: EntityStatement? {
    let ends = statements.filter(\.isFinal)
    return ends.first { $0.word.status == .revoked } ?? ends.first
  }

  /// How the node stood at a time.
  ///
  /// - Parameter withdrawalsOnly: leaves out what accredits.
  public func standing(at time: Instant, withdrawalsOnly: Bool = false) -> EntityStanding {
    var standing = EntityStanding.unknown
    var isSuspended = false
    for statement in statements where statement.counts(at: time, skew: Self.skew) {
      switch statement.word {
      case .issued(let credential):
        standing.credential = credential
        standing.accreditedSince = statement.issued
        // Only the word that lifts a suspension does.
        if !isSuspended, standing.since == nil { standing.since = statement.effective }
      case .suspended(let reason):
        guard !isSuspended else { continue }
        isSuspended = true
        standing.since = statement.effective
        standing.reason = reason
      case .reinstated:
        guard isSuspended else { continue }
        isSuspended = false
        standing.since = statement.effective
        standing.reason = nil
      case .revoked, .rotated: continue
      }
    }
    standing.knownAt = newestTime
    if let end = end(at: time) { return ended(standing, by: end) }
    if isSuspended {
      standing.state = .suspended
    } else if let credential = standing.credential {
      guard time < credential.expires.adding(seconds: Self.skew) else {
        standing.state = .expired
        standing.since = credential.expires
        return withdrawalsOnly ? .unknown : standing
      }
      standing.state = .accredited
    } else {
      // Nothing that is known accredits, or withdraws.
      standing.since = nil
    }
    return withdrawalsOnly && standing.state != .suspended ? .unknown : standing
  }

  /// Of those that end it, a revocation, and of these the one that counts from the earliest time.
  private func end(at time: Instant) -> EntityStatement? {
    statements.filter { $0.isFinal && $0.effective <= time }
      .min {
        let (a, b) = ($0.word.status == .revoked, $1.word.status == .revoked)
        return a == b ? $0.effective < $1.effective : a
      }
  }

  private func ended(_ standing: EntityStanding, by end: EntityStatement) -> EntityStanding {
    var standing = standing
    standing.since = end.effective
    switch end.word {
    case .rotated(let successor):
      standing.state = .replaced
      standing.successor = successor
      standing.reason = nil
    case .revoked(let reason):
      standing.state = .revoked
      standing.reason = reason
    case .issued, .suspended, .reinstated: break
    }
    return standing
  }
}

extension EntityStatement {
  fileprivate func counts(at time: Instant, skew: Int64) -> Bool {
    switch word.status {
    case .issued, .reinstated: effective <= time.adding(seconds: skew)
    case .suspended, .revoked, .rotated: effective <= time
    }
  }

  /// Numbers first. Two of the same number are of an accreditor that was set back: the later one counts, and
  /// of one second the one that withdraws.
  fileprivate var orderKey: (Int64, Int64, Int, String) {
    let status = word.status
    let severity: [Status] = [.issued, .reinstated, .suspended, .rotated, .revoked]
    let detail =
      switch word {
      case .issued(let credential):
        "\(credential.expires.epochSeconds) \(credential.npi) \(credential.organization)"
      case .suspended(let reason), .revoked(let reason):
        "\(effective.epochSeconds) \(reason.rawValue)"
      case .rotated(let successor): "\(effective.epochSeconds) \(successor)"
      case .reinstated: ""
      }
    return (sequence, issued.epochSeconds, severity.firstIndex(of: status) ?? 0, detail)
  }
}
