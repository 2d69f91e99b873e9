import Primitives

extension Scope {
  /// What both allow; nil if there is nothing. Behalves do not mix: `user/` is neither more nor less
  /// than `patient/`.
  func intersection(_ other: Scope) -> Scope? {
    let actions = actions.intersection(other.actions)
    guard context == other.context, !actions.isEmpty,
      type == nil || other.type == nil || type == other.type
    else { return nil }
    var both = condition ?? other.condition
    if let mine = condition, let theirs = other.condition {
      guard let joined = mine.and(theirs) else { return nil }
      both = joined
    }
    return Scope(
      context: context, type: type ?? other.type, actions: actions, condition: both)
  }

  /// Whether `other` allows everything that this allows, as far as the words tell.
  func isCovered(by other: Scope) -> Bool {
    guard context == other.context, actions.isSubset(of: other.actions),
      other.type == nil || other.type == type
    else { return false }
    guard let limit = other.condition else { return true }
    return condition?.implies(limit) == true
  }
}

extension ScopeSet {
  /// What both sets allow: what a client asked for, within what it is registered for, within what the
  /// patient chose. The result allows nothing that either does not.
  ///
  /// - Throws: `tooLarge` where that takes more than 64 scopes.
  public func narrowed(to other: ScopeSet) throws -> ScopeSet {
    let met = scopes.flatMap { scope in other.scopes.compactMap { scope.intersection($0) } }
    var kept: [Scope] = []
    for scope in Self.merged(met) where !kept.contains(where: { scope.isCovered(by: $0) }) {
      kept.removeAll { $0.isCovered(by: scope) }
      kept.append(scope)
    }
    return kept.isEmpty ? .none : try ScopeSet(kept)
  }

  /// Whether `other` allows everything that this allows. Each action is looked at for itself: `.rs` is
  /// covered by `.r` and `.s`.
  public func isCovered(by other: ScopeSet) -> Bool {
    scopes.allSatisfy { scope in
      scope.actions.allSatisfy { action in
        let single = Scope(
          context: scope.context, type: scope.type, actions: [action], condition: scope.condition)
        return other.scopes.contains { single.isCovered(by: $0) }
      }
    }
  }

  /// Scopes that differ in their actions only become one.
  private static func merged(_ scopes: [Scope]) -> [Scope] {
    struct Subject: Hashable {
      let context: Scope.Context
      let type: String?
      let condition: ScopeCondition?
    }
    var order: [Subject] = []
    var actions: [Subject: Set<Scope.Action>] = [:]
    for scope in scopes {
      let subject = Subject(
        context: scope.context, type: scope.type, condition: scope.condition)
      if actions[subject] == nil { order.append(subject) }
      actions[subject, default: []].formUnion(scope.actions)
    }
    return order.map {
      Scope(
        context: $0.context, type: $0.type, actions: actions[$0] ?? [], condition: $0.condition)
    }
  }
}
