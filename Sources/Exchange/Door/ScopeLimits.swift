import Consent
import FHIR
import Identity
import Primitives

/// What an app's scopes ask of the single record: that it meets a query, that it lies in one chart. Asked
/// before anything is counted, sorted, followed or released.
///
/// There is one only where the type of a record does not tell, which `ScopeSet.allows` says.
struct ScopeLimits {
  private let scopes: ScopeSet
  /// The chart of `patient/` scopes; nil where the caller's own rights say it.
  private let chart: String?
  /// Conditions as searches.
  private let verifiers: [Scope: SearchVerifier]

  /// Nil for callers whose scopes the type of a record decides.
  init?(_ caller: Caller) {
    guard let scopes = caller.scopes,
      caller.launchChart != nil || scopes.scopes.contains(where: { $0.condition != nil })
    else { return nil }
    self.scopes = scopes
    chart = caller.launchChart
    verifiers = scopes.scopes.reduce(into: [:]) { verifiers, scope in
      if scope.condition != nil { verifiers[scope] = scope.query.map(SearchVerifier.init) }
    }
  }

  /// Whether a scope reaches the record for this.
  func reach(
    _ record: ClosedRecord, _ action: Scope.Action, following links: some SearchLinks
  ) throws -> Bool {
    try scopes.scopes.contains { scope in
      guard scope.concerns(record.type, action) else { return false }
      if let chart, scope.context == .patient,
        !record.patients.allSatisfy({ $0 == chart })
      {
        return false
      }
      guard scope.condition != nil else { return true }
      // A condition that cannot be decided, and a deletion, of which nothing is left to decide on.
      guard let verifier = verifiers[scope], !record.row.isDeleted else { return false }
      return try record.matches(verifier, following: links)
    }
  }
}

extension Reading {
  /// Whether the caller's scopes reach a record for this.
  func isInScope(_ record: ClosedRecord, _ action: Scope.Action) throws -> Bool {
    guard let limits = scopeLimits else {
      return caller.scopes?.allows(record.type, action) ?? true
    }
    return try limits.reach(record, action, following: SearchView(self))
  }

  /// Whether what the scopes ask of the single record holds. Types that no scope names were decided about
  /// where the request came in.
  func isWithinLimits(_ record: ClosedRecord, _ action: ConsentAction) throws -> Bool {
    guard let limits = scopeLimits, let scopes = caller.scopes else { return true }
    let needed: [Scope.Action] =
      switch action {
      case .read: [.read]
      case .search: [.search]
      case .export: [.read, .search]
      case .write, .redisclose: []
      }
    return try needed.allSatisfy { needed in
      try scopes.reach(record.type, needed) == .nothing
        || limits.reach(record, needed, following: SearchView(self))
    }
  }
}

extension Caller {
  /// - Throws: `forbidden` where the caller's token opens no record of the type in this way. Which ones it
  ///   opens is decided with each record.
  func requireReach(_ interaction: Scope.Action, _ type: String) throws {
    guard let scopes, scopes.reach(type, interaction) == .nothing else { return }
    throw PeerChartError(.forbidden, "the token's scope does not allow this")
  }

  /// Whether the caller's token opens some records of the type in this way.
  func reaches(_ type: String, _ interaction: Scope.Action) -> Bool {
    scopes.map { $0.reach(type, interaction) != .nothing } ?? true
  }
}
