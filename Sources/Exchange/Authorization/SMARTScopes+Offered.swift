import FHIR
import Identity

extension SMARTScopes {
  /// What of it this node grants to somebody who acts in a capacity; nil for any.
  ///
  /// - A scope with a query covers reading and searching, by conditions that can be decided on the record
  ///   itself; what else it asks for is left out.
  /// - What one of the staff lets an app do in one patient's chart (`patient/`) is reading. For writing an
  ///   app asks for what the person may do (`user/`).
  func offered(to capacity: Capacity?) throws -> SMARTScopes {
    let reading: Set<Scope.Action> = [.read, .search]
    let isStaff = capacity.map { $0.patient == nil } ?? false
    let kept = try resources.scopes.compactMap { scope -> Scope? in
      let isLimited = scope.condition != nil || isStaff && scope.context == .patient
      let actions = isLimited ? scope.actions.intersection(reading) : scope.actions
      guard !actions.isEmpty, scope.condition == nil || scope.query != nil else { return nil }
      return actions == scope.actions ? scope : try scope.limited(to: actions)
    }
    return SMARTScopes(
      words: Set(words), resources: kept.isEmpty ? .none : try ScopeSet(kept))
  }
}

extension Scope {
  /// The scope's condition as a search; nil where there is none, or none that can be decided here.
  var query: SearchQuery? {
    guard let condition, let type else { return nil }
    let query = try? SearchQuery(
      type: type, parameters: condition.parameters.map { (name: $0.name, value: $0.value) })
    guard let query, !query.followsLinks, !query.conditions.isEmpty else { return nil }
    return query
  }
}
